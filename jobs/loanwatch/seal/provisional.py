"""What the certificate says of classes for which something was missing: for how many loans, for want of what."""

from __future__ import annotations

from collections.abc import Iterator

from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.lake import Lake
from loanwatch.seal.publication import Attempt
from loanwatch.seal.statement import Statement

WANTED = ("array_to_string(missing, ', ') as wanted", "provisional", "count(*) as loans")


def provisional(lake: Lake, attempt: Attempt, limit_bp: int) -> Iterator[Statement]:
    """The share of loans with a provisional class, which has a limit; and what was missing."""
    rows = lake.rows(LOAN_CLASS, f"{attempt.partition} group by 1, 2", WANTED).to_pylist()
    unsure = [row for row in rows if row["provisional"]]
    loans, share = sum(row["loans"] for row in rows), sum(row["loans"] for row in unsure)
    found_bp = -(-10_000 * share // loans) if loans else 0
    yield Statement(
        "loans with a provisional class, basis points", LOAN_CLASS.name, f"{limit_bp} at most", str(found_bp), found_bp <= limit_bp
    )
    for row in sorted(unsure, key=lambda row: (-row["loans"], row["wanted"])):
        yield Statement("loans with a provisional class, for want of", row["wanted"], None, str(row["loans"]), None)
