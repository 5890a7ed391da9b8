"""
# collateral_refresh: what arrives about collateral between nights

Takes in deliveries of assets, pledges, valuations, price indices and sales, values the assets that they touch for the next business
date, and flags the loans that depend on them, beside the current release. Publishes nothing: risk managers see it as provisional
(`loanwatch why`, `cover.intraday_value`, `flag.intraday_warning`), and the night that knows its deliveries takes it over.

| task | reads | writes | if it is late |
|---|---|---|---|
| `refresh` | the inbox, the current release | `admit.*`, the two intraday tables | nobody: the night finds the same |

It may run while a night runs: it waits for the lock of admission only. With nothing new it ends at once.

**When it fails**, the last line of the log says what, where and what to do: `MachineError` and `NotNow` (somebody is admitting) are
tried again, `DataError` and `UsageError` (nothing is published yet) are not. **Re-run**: clear the task, or wait for the next; what
was admitted stays admitted and is in the next refresh or night, whichever is first.

**Environment**: as `post_loan_daily`; `LOANWATCH_REFRESH_CRON` says how often, such as `*/10 8-20 * * *`; empty: whoever drops a
delivery triggers it.
"""

from __future__ import annotations

import os

from airflow.sdk import DAG, CronTriggerTimetable, task

from loanwatch.scheduling import night, policy

CRON = os.environ.get("LOANWATCH_REFRESH_CRON", "")


def refresh() -> None:
    """What has arrived by now; the business date follows from the release."""
    night.refresh_collateral()


with DAG(
    "collateral_refresh",
    doc_md=__doc__,
    schedule=CronTriggerTimetable(CRON, timezone=policy.timezone()) if CRON else None,
    catchup=False,
    max_active_runs=1,
    tags=["loanwatch", "intraday"],
    default_args=policy.default_args(),
) as collateral_refresh:
    task(refresh, task_id="refresh")()
