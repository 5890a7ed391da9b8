"""An inbox, a lake and a vault of a test's own; admission without Spark: workers called in this process."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from loanwatch.admit import staging
from loanwatch.admit.batch import Admission
from loanwatch.admit.delivery import MANIFEST, DeliveryWriter, Place
from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.limits import FeedLimits
from loanwatch.admit.tables import DELIVERY, REJECTED
from loanwatch.lake import Lake
from loanwatch.vault import Vault

DAY = date(2025, 3, 1)
NO_LIMITS = FeedLimits()


class Desk:
    """What a sender and the admission of a night do, and what came of it."""

    def __init__(self, folder: Path) -> None:
        self.inbox, self.lake, self.vault = folder / "inbox", Lake(folder / "lake"), Vault(folder / "vault")
        self.originals_kept_days = 0
        self.inbox.mkdir()
        self.lake.open("demo")

    def admit(self, through: date = DAY, limits: FeedLimits = NO_LIMITS) -> int:
        def work(function: str, tasks: list[str]) -> list[str]:
            return [getattr(staging, function)(task) for task in tasks]

        kept_days = self.originals_kept_days
        return Admission(self.lake, self.vault, self.inbox, work, limits, originals_kept_days=kept_days).admit(through)

    def send(
        self, feed: str, rows: list[dict[str, Any]], day: date = DAY, sequence: int = 1, sent_on: date | None = None,
        sender: str = "P01",
    ) -> Path:
        place = Place(feed, sender, day, sequence)
        with DeliveryWriter(self.inbox, FEEDS[feed], place, sent_on or day) as writer:
            writer.write(pa.Table.from_pylist(rows, schema=writer.schema))
        return place.folder(self.inbox)

    def send_file(self, feed: str, name: str, content: bytes, rows: int) -> Path:
        """A file as it is, with a manifest that is true of it."""
        folder = Place(feed, "P01", DAY, 1).folder(self.inbox)
        folder.mkdir(parents=True)
        (folder / name).write_bytes(content)
        file = {"name": name, "rows": rows, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        manifest = {"feed": feed, "sender": "P01", "business_on": str(DAY), "sequence": 1, "sent_on": str(DAY), "files": [file]}
        (folder / MANIFEST).write_text(json.dumps(manifest))
        return folder

    def ledger(self) -> list[dict[str, Any]]:
        return sorted(self.lake.rows(DELIVERY).to_pylist(), key=lambda row: row["delivery_no"] or 0)

    def rows(self, feed: str) -> list[dict[str, Any]]:
        return list(self.lake.rows(FEEDS[feed].table).to_pylist())

    def rejected(self) -> list[dict[str, Any]]:
        return list(self.lake.rows(REJECTED).to_pylist())
