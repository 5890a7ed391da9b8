"""A feed that no book has, with two older versions; and deliveries of exactly the columns given."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from admit.desk import Desk

from loanwatch.admit.delivery import MANIFEST, Place
from loanwatch.codes import Code, CodeList
from loanwatch.columns import CUSTOMER_ID, SENDER_ID, Column, coded, date, number
from loanwatch.tables import Feed, Older

UNTIL = dt.date(2026, 6, 30)
KINDS = CodeList("parcel_kind", (Code("box", "Box", "箱"), Code("bag", "Bag", "袋")))
PARCEL = Feed(
    "parcel", whose="borrower", basis="contract",
    key=(SENDER_ID, number("parcel_id", "Number.")), on=date("posted_on", "Day."),
    facts=(CUSTOMER_ID, coded("kind", KINDS, "Kind."), Column("weight", "long", "Grams."),
           Column("label", doc="Name on it.", restricted="name"), Column("note", doc="Anything."),
           Column("fee", "int", required=True)),
    sums=(Column("weight", "long"),),
    older=(Older(dt.date(2025, 1, 1), lacks=("label", "note"), lacks_words=(("kind", "bag"),), narrower=("weight",)),
           Older(UNTIL, lacks=("fee",))),
)  # fmt: skip
ROW: dict[str, Any] = {"parcel_id": "1", "posted_on": "2024-12-31", "customer_id": "P01:C1", "kind": "box", "weight": 5}


def deliver(desk: Desk, feed: str, rows: list[dict[str, Any]], day: dt.date, sequence: int = 1, version: int | None = None) -> Path:
    """A CSV delivery of exactly these columns, whose manifest names a version or none."""
    text = "\n".join([",".join(rows[0]), *(",".join(str(cell) for cell in row.values()) for row in rows)]) + "\n"
    made = desk.send_file(feed, "rows.csv", text.encode(), len(rows))
    manifest = json.loads((made / MANIFEST).read_text()) | {"business_on": str(day), "sent_on": str(day), "sequence": sequence}
    (made / MANIFEST).write_text(json.dumps(manifest | ({"version": version} if version else {})))
    folder = Place(feed, "P01", day, sequence).folder(desk.inbox)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return made.rename(folder)
