"""What may befall a lake without changing what it says."""

from __future__ import annotations

from deltalake import write_deltalake

from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.tables import SUPERSEDED
from loanwatch.lake import Lake
from loanwatch.pipeline import STEPS


def rewritten(lake: Lake) -> int:
    """Admitted rows in the opposite order, all tables compacted, old files gone; the number of rows that were turned round."""
    turned = 0
    for table in (*(feed.table for feed in FEEDS.values()), SUPERSEDED):
        rows = lake.rows(table, "true order by delivery_no desc, line_no desc", table.names)
        if len(rows):
            write_deltalake(lake.delta(table), rows.cast(table.arrow), mode="overwrite")
            turned += len(rows)
    for table in (*(feed.table for feed in FEEDS.values()), *(step.writes for step in STEPS)):
        if lake.has(table):
            lake.delta(table).optimize.compact()
            lake.delta(table).vacuum(0, dry_run=False, enforce_retention_duration=False)
    return turned
