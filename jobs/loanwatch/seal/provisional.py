"""What the certificate says of classes for which something was missing: for how many loans, for want of what; and of floors
that no feed ever told anything about."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from loanwatch.admit.tables import DELIVERY
from loanwatch.classify.inputs import SOURCES
from loanwatch.classify.scheme import Scheme
from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.lake import Lake
from loanwatch.seal.publication import Attempt
from loanwatch.seal.statement import Statement


def provisional(lake: Lake, attempt: Attempt, schemes: Collection[Scheme], limit_bp: int) -> Iterator[Statement]:
    """By each scheme, the share of loans with a provisional class, which has a limit; and what was missing."""
    for scheme in schemes:
        of = scheme.columns
        wanted = (f"array_to_string({of.missing}, ', ') as wanted", f"{of.provisional} as unsure", "count(*) as loans")
        rows = lake.rows(LOAN_CLASS, f"{attempt.partition} group by 1, 2", wanted).to_pylist()
        unsure = [row for row in rows if row["unsure"]]
        loans, share = sum(row["loans"] for row in rows), sum(row["loans"] for row in unsure)
        found_bp = -(-10_000 * share // loans) if loans else 0
        named = f"{LOAN_CLASS.name}.{of.column}"
        said = "loans with a provisional class"
        yield Statement(f"{said}, basis points", named, f"{limit_bp} at most", str(found_bp), found_bp <= limit_bp)
        for row in sorted(unsure, key=lambda row: (-row["loans"], row["wanted"])):
            yield Statement(f"{said}, for want of", f"{of.column}: {row['wanted']}", None, str(row["loans"]), None)


def unclassed(lake: Lake, attempt: Attempt, schemes: Collection[Scheme]) -> Iterator[Statement]:
    """By each scheme, loans of the day that it gave no class."""
    counted = tuple(f"count(*) - count({scheme.columns.column}) as {scheme.columns.column}" for scheme in schemes)
    for column, loans in lake.rows(LOAN_CLASS, attempt.partition, counted).to_pylist()[0].items():
        yield Statement("loans without a class", f"{LOAN_CLASS.name}.{column}", "0", str(loans), not loans)


def unfed(lake: Lake, attempt: Attempt, schemes: Collection[Scheme], class_sources: Collection[str]) -> Iterator[Statement]:
    """Floors that rest on a feed which never came, and which the tenant's classes do without (`business.class_sources`)."""
    where = f"delivery_no <= {attempt.known} and outcome = 'admitted'"
    came = {row["feed"] for row in lake.rows(DELIVERY, where, ("distinct feed",)).to_pylist()}
    for feed in sorted(set(SOURCES.values()) - came - set(class_sources)):
        inputs = {name for name, source in SOURCES.items() if source == feed}
        floors = [floor.name for of in schemes for floor in of.floors if inputs.intersection(floor.reads)]
        if floors:
            yield Statement("floors of classes that no delivery tells of", ", ".join(floors), None, feed, None)
