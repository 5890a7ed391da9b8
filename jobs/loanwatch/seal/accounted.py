"""What the certificate says of deliveries: every row, and every amount that a sender stated, is accounted for."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator

from loanwatch.admit.tables import DELIVERY
from loanwatch.lake import Lake
from loanwatch.seal.publication import Attempt
from loanwatch.seal.statement import Statement

PARTS = ("admitted", "rejected", "repeated")


def accounted(lake: Lake, attempt: Attempt) -> Iterator[Statement]:
    """Over every receipt that the release knows."""
    yield from _rows(lake, attempt)
    yield from _amounts(lake, attempt)


def _rows(lake: Lake, attempt: Attempt) -> Iterator[Statement]:
    """Rows in = admitted + rejected + repeated, per feed, over every receipt the release knows."""
    rows = lake.rows(
        DELIVERY, f"coalesce(delivery_no, 0) <= {attempt.known} group by feed",
        ("feed", "sum(rows_in) as rows_in", "sum(rows_admitted) as admitted", "sum(rows_rejected) as rejected",
         "sum(rows_repeated) as repeated", "sum(case when outcome = 'refused' then 1 else 0 end) as refused"),
    ).to_pylist()  # fmt: skip
    for row in sorted(rows, key=lambda r: str(r["feed"])):
        parts = f"{row['admitted']} admitted + {row['rejected']} rejected + {row['repeated']} repeated"
        total = row["admitted"] + row["rejected"] + row["repeated"]
        yield Statement(
            "rows delivered are accounted for", row["feed"], str(row["rows_in"]), parts, total == row["rows_in"]
        )
        if row["refused"]:
            yield Statement("deliveries refused whole", row["feed"], None, str(row["refused"]), None)


def _amounts(lake: Lake, attempt: Attempt) -> Iterator[Statement]:
    """Amounts stated = admitted + rejected + repeated, by feed and column; each delivery by itself has to close.

    Of deliveries refused whole none is on the book, and why one is refused may be just that its sums are wrong.
    """
    receipts = lake.rows(
        DELIVERY, f"coalesce(delivery_no, 0) <= {attempt.known} and outcome <> 'refused'", ("feed", "sums")
    ).to_pylist()  # fmt: skip
    totals: dict[tuple[str, str], list[dict[str, int]]] = defaultdict(list)
    for row in receipts:
        for column, told in json.loads(row["sums"] or "{}").items():
            if told.get("stated") is not None:
                totals[row["feed"], column].append(told)
    for (feed, column), amounts in sorted(totals.items()):
        sums = {name: sum(told[name] for told in amounts) for name in ("stated", *PARTS, "unread")}
        found = " + ".join(f"{sums[part]} {part}" for part in PARTS)
        more = f" + what {sums['unread']} rows say that cannot be read" if sums["unread"] else ""
        closes = all(told["unread"] or told["stated"] == sum(told[part] for part in PARTS) for told in amounts)
        yield Statement("amounts delivered are accounted for", f"{feed} {column}", str(sums["stated"]), found + more, closes)
