"""
# regulatory_monthly: a month-end's forms, approved by two people and handed in

Fills every form that the institution files for a month-end from what was published for it, holds it to its edit checks, shows it
to two people one after the other, and writes the files to the outbox. What is approved is a release by its sealed digest: one
that is restated meanwhile is approved anew.

| task | reads | writes | if it is late |
|---|---|---|---|
| `show` | the release, earlier hand-ins | nothing; its answer is what the two people see | nobody yet |
| `first_approval`, `second_approval` | what `show` gave | the answer of a user of Airflow | the regulator, as the forms are |
| `hand_in` | the release, the vault | `seal.approval`, `report.hand_in`, `report.record`, the outbox | the regulator |

**Approve**: Airflow's page *Required Actions* shows certificate, edit checks and what became of each amount since the last hand-in.
The same user twice is refused: then clear `second_approval`, another answers. *Reject* hands nothing in: the run ends with
`hand_in` skipped. Without Airflow: `loanwatch approve release`, `loanwatch form hand-in`.

**Date**: the partition key, else the parameter `business_date`: a month-end. An institution that files no form is skipped.

**When it fails**, the last line of the log says what, where and what to do. `NotNow` (the month-end is not published yet) and
`MachineError` are tried again; `DataError` (a critical check is broken, one person approved twice) and `UsageError` (a setting
is missing, the user may not use the vault, another file is in the outbox) are not. **Re-run**: clear the task; what was handed in
stays one hand-in.

**Environment**: as `post_loan_daily`; `LOANWATCH__OUTBOX` the folder of files (`<lake>.outbox`), `LOANWATCH_REGULATORY_CRON`
(empty: by hand only) the hour.
"""

from __future__ import annotations

import os
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import DAG, chain, task
from airflow.sdk.exceptions import AirflowSkipException

from loanwatch.scheduling import monthly, night, policy

CRON = os.environ.get("LOANWATCH_REGULATORY_CRON", "0 12 1 * *")  # the day after the month-end, when its night is published
APPROVALS = ("first_approval", "second_approval")


def show(*, params: dict[str, Any], dag_run: Any) -> dict[str, Any]:
    """The forms of the run's date, for who approves them."""
    as_of = night.business_date(dag_run.partition_key, params)
    if (shown := monthly.show(as_of)) is None:
        raise AirflowSkipException(f"the institution files no form for {as_of}")
    return shown


def hand_in(*, params: dict[str, Any], dag_run: Any, ti: Any) -> None:
    """What two people approved."""
    as_of = night.business_date(dag_run.partition_key, params)
    monthly.hand_in(as_of, ti.xcom_pull(task_ids="show"), [ti.xcom_pull(task_ids=name) for name in APPROVALS])


with DAG(
    "regulatory_monthly",
    doc_md=__doc__,
    schedule=policy.timetable(CRON, offset=-1),
    catchup=False,
    max_active_runs=1,
    tags=["loanwatch", "monthly"],
    params=policy.params(),
    default_args=policy.default_args(),
) as regulatory_monthly:
    asked = [
        ApprovalOperator(
            task_id=name, subject="May the forms of {{ dag_run.partition_key or params.business_date }} be handed in?",
            body="{{ ti.xcom_pull(task_ids='show')['text'] }}",
        )
        for name in APPROVALS
    ]  # fmt: skip
    chain(task(show, task_id="show")(), *asked, task(hand_in, task_id="hand_in")())
