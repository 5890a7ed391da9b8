"""
# housekeeping: what the lake does not need any more

Takes away working tables of releases that 35 nights were published after, and what abandoned attempts wrote; makes one file of many
small ones, and removes files that have not belonged to a table for a week. Admitted rows, ledgers, public tables, and what a later
release goes on from stay for ever; every release can still be verified, and performed again.

| task | reads | writes | if it is late |
|---|---|---|---|
| `housekeeping` | ledgers, the folders of tables | `seal.retired` before anything goes | nobody: the lake is larger |

**When it fails**, the last line of the log says what, where and what to do. `NotNow` (a night, restatement or admission is under
way; somebody wrote at the same moment) and `MachineError` are tried again. **Re-run**: clear the task; what was noted and not done
yet is done.

**Environment**: as `post_loan_daily`; `LOANWATCH_HOUSEKEEPING_CRON` (empty: by hand only) the hour. Needs no Spark.
"""

from __future__ import annotations

import os

from airflow.sdk import DAG, CronTriggerTimetable, task

from loanwatch.scheduling import night, policy

CRON = os.environ.get("LOANWATCH_HOUSEKEEPING_CRON", "0 15 * * 6")


def housekeeping() -> None:
    """The lake of this environment."""
    night.keep_house()


with DAG(
    "housekeeping",
    doc_md=__doc__,
    schedule=CronTriggerTimetable(CRON, timezone=policy.timezone()) if CRON else None,
    catchup=False,
    max_active_runs=1,
    tags=["loanwatch", "weekly"],
    default_args=policy.default_args(),
) as dag:
    task(housekeeping, task_id="housekeeping")()
