"""Working tables of old releases that housekeeping has taken away: what looks into them says so instead of finding nothing."""

from __future__ import annotations

from loanwatch.errors import UsageError
from loanwatch.lake import Lake
from loanwatch.seal.publication import Attempt
from loanwatch.seal.tables import RETIRED
from loanwatch.tables import Table


def tables(lake: Lake, attempt: Attempt) -> set[str]:
    """The tables of a release that are gone."""
    return set(lake.rows(RETIRED, attempt.noted, ('"table"',))["table"].to_pylist())


def refuse(lake: Lake, attempt: Attempt, *wanted: Table) -> None:
    """UsageError where one of these tables, or without any given one at all, is gone; says how it comes back."""
    gone = tables(lake, attempt) & {table.name for table in wanted} if wanted else tables(lake, attempt)
    if gone:
        again = f"loanwatch reperform --date {attempt.as_of} --release {attempt.release} --scratch DIR"
        raise UsageError(
            f"release {attempt.release} of {attempt.as_of} is old: {_some(sorted(gone))} of it were taken away by housekeeping; "
            f"perform it again, `{again}`, and ask with --lake DIR"
        )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more tables" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
