"""What the certificate says of deliveries: every row, and every amount that a sender stated, is accounted for."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator

from loanwatch.admit.judged import Amount
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
    totals: dict[tuple[str, str], list[Amount]] = defaultdict(list)
    for row in receipts:
        for column, told in json.loads(row["sums"] or "{}").items():
            if told.get("stated") is not None:
                totals[row["feed"], column].append(Amount.model_construct(**told))
    for (feed, column), amounts in sorted(totals.items()):
        found = " + ".join(f"{sum(getattr(amount, part) for amount in amounts)} {part}" for part in PARTS)
        unread = sum(amount.unread for amount in amounts)
        more = f" + what {unread} rows say that cannot be read" if unread else ""
        stated = sum(amount.stated or 0 for amount in amounts)
        closes = all(amount.closes for amount in amounts)
        yield Statement("amounts delivered are accounted for", f"{feed} {column}", str(stated), found + more, closes)
