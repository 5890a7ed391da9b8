"""What the certificate says of classes for which something was missing: for how many loans, for want of what; and of floors
that no feed ever told anything about."""

from __future__ import annotations

from collections.abc import Iterator

from loanwatch.admit.tables import DELIVERY
from loanwatch.classify.inputs import SOURCES
from loanwatch.classify.scheme import load
from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.configuration import Configuration
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


def unfed(lake: Lake, attempt: Attempt, configuration: Configuration) -> Iterator[Statement]:
    """Floors that rest on a feed which never came, and which this tenant's classes do without (`business.class_sources`)."""
    where = f"delivery_no <= {attempt.known} and outcome = 'admitted'"
    came = {row["feed"] for row in lake.rows(DELIVERY, where, ("distinct feed",)).to_pylist()}
    for feed in sorted(set(SOURCES.values()) - came - set(configuration.business.class_sources)):
        inputs = {name for name, source in SOURCES.items() if source == feed}
        floors = [floor.name for of in load(configuration.below("classes")).values() for floor in of.floors
                  if inputs.intersection(floor.reads)]  # fmt: skip
        yield Statement("floors of classes that no delivery tells of", ", ".join(floors), None, feed, None)
