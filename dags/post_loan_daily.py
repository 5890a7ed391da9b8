"""
# post_loan_daily: the night of a business date

Takes in what arrived, brings every loan up to date, raises warnings, and publishes one release. Readers see
yesterday's release or today's, never a mix: only the last commit of the last task shows anything.

| task | reads | writes | if it is late |
|---|---|---|---|
| `admit` | the inbox, the vault | `admit.*` | nobody yet: what it admitted stays admitted |
| `assess` | `admit.*`, the release before | `balance` .. `queue`, not visible yet | nobody yet |
| `publish` | all of the above | `report.*`, `seal.*`; shows the release | risk managers, who work from yesterday's watch list |

Where the settings say `night.applications: one`, a single task `night` does all three in one Spark application.
Between tasks nothing is passed but the date; the lake keeps the attempt, the lock and the order of dates.

**Business date**: the partition key, else the parameter `business_date`; never the clock. The schedule gives the
day before, when its books are closed; a scheduled date that the tenant's calendar does not close is skipped.
By hand: trigger with partition key `2025-04-01`. A date already published succeeds and changes nothing.

**When it fails**, the last line of the log says what, where and what to do. By exit code of the same error:

| code | error | retried | do |
|---|---|---|---|
| 1 | DataError: the data says no | no | have the sender mend and send again; trigger the date: a new attempt |
| 2 | UsageError: a setting, rule or date is wrong | no | mend it, clear the task |
| 3 | MachineError: no Java, disk full; any other error | yes | mend the machine, clear the task: it resumes |
| 4 | NotNow: somebody is at work, or the date before is missing | yes | wait; for a gap see below |

**Re-run**: clear the failed task, or trigger the date again; both join its attempt and keep what is done. To start afresh:
`loanwatch unlock`, then trigger. **Backfill**: `loanwatch catch-up --to D`, all missing dates in order, in one application.
Do not use Airflow's backfill: it does not keep the order. While a run waits for its retry it holds the DAG's one
active run, so fill a gap with `catch-up`, not by triggering the date before.

**Environment**: `LOANWATCH_ENV`, `LOANWATCH_TENANT`, `LOANWATCH__LAKE`, `LOANWATCH__INBOX`, … choose the book;
`LOANWATCH_CRON` (empty: by hand only) and `LOANWATCH_TIMEZONE` the hour; `LOANWATCH_POOL` a pool of one slot that Spark
tasks share (a pool that does not exist is never scheduled, so the default is Airflow's own); `LOANWATCH_RETRY_SECONDS`.
"""

from __future__ import annotations

import os
from typing import Any

from airflow.sdk import DAG, Asset, chain, task
from airflow.sdk.exceptions import AirflowSkipException

from loanwatch import calendars
from loanwatch.scheduling import night, policy

SETTINGS = night.resolved()
CRON = os.environ.get("LOANWATCH_CRON", "0 2 * * *")


def stages(first: str, last: str, *, params: dict[str, Any], dag_run: Any) -> None:
    """Some stages of the night of the run's business date."""
    as_of = night.business_date(dag_run.partition_key, params)
    if dag_run.run_type == "scheduled" and not calendars.is_business(SETTINGS.business.calendar, as_of):
        raise AirflowSkipException(f"{as_of} is no business date of the calendar {SETTINGS.business.calendar!r}")
    night.perform(as_of, first, last)


with DAG(
    "post_loan_daily",
    doc_md=__doc__,
    schedule=policy.timetable(CRON, offset=-1),
    catchup=False,
    max_active_runs=1,
    tags=["loanwatch", "nightly"],
    params=policy.params(),
    default_args=policy.default_args(),
) as post_loan_daily:
    published = [Asset(f"lake://{table}") for table in night.published_tables()]
    names = night.applications(SETTINGS)
    chain(*(
        task(stages, task_id=name, outlets=published if name == [*names][-1] else None)(first, last)
        for name, (first, last) in names.items()
    ))  # fmt: skip
