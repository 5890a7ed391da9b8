"""Every table of the lake by name, derived from the feeds, the ledgers and the steps."""

import difflib

from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.tables import LEDGERS as ADMIT_LEDGERS
from loanwatch.cover.tables import LEDGERS as COVER_LEDGERS
from loanwatch.errors import UsageError
from loanwatch.flag.tables import LEDGERS as FLAG_LEDGERS
from loanwatch.pipeline import STEPS
from loanwatch.report.tables import LEDGERS as REPORT_LEDGERS
from loanwatch.seal.tables import LEDGERS as SEAL_LEDGERS
from loanwatch.tables import Table

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        *(feed.table for feed in FEEDS.values()),
        *ADMIT_LEDGERS,
        *(step.writes for step in STEPS),
        *COVER_LEDGERS,
        *FLAG_LEDGERS,
        *REPORT_LEDGERS,
        *SEAL_LEDGERS,
    )
}


def table(name: str) -> Table:
    """The table of a name; UsageError names the nearest."""
    if name not in TABLES:
        near = difflib.get_close_matches(name, TABLES, n=1, cutoff=0)
        raise UsageError(f"no table {name!r}; did you mean {near[0]}? `loanwatch tables` lists them")
    return TABLES[name]
