"""
# model_refresh: the models of houses and vehicles, once a month

Fits every kind of asset with enough comparable sales anew, on the sales before the run's date, and keeps the models in the
lake. A new one is promoted if it is nearer to the latest prices, which neither knew, than the model in use, and if its bands
hold what they promise; it values assets from the next night on. Old models stay: a restatement uses the one of its date.

| task | reads | writes | if it is late |
|---|---|---|---|
| `refresh` | `admit.sale`, the models in use | `cover.model`, files below `cover/models` | nobody: the models in use go on |

**Date**: the partition key, else the parameter `business_date`: only sales before it are known. Needs no Spark; a few minutes of
one core a kind.

**When it fails**, the last line of the log says what, where and what to do: `MachineError` and `NotNow` (a night is under way)
are tried again, `DataError` and `UsageError` are not. **Re-run**: clear the task; the same sales give the same model, kept once.
**Look**: `loanwatch model list`, `loanwatch model card DIGEST`; **go back**: `loanwatch model promote OLD`.

**Environment**: as `post_loan_daily`; `LOANWATCH_MODEL_CRON` (empty: by hand only) the hour.
"""

from __future__ import annotations

import os
from typing import Any

from airflow.sdk import DAG, task

from loanwatch.scheduling import night, policy

CRON = os.environ.get("LOANWATCH_MODEL_CRON", "0 12 2 * *")  # the day after the month's last night


def refresh(*, params: dict[str, Any], dag_run: Any) -> None:
    """All kinds, on sales before the run's date."""
    night.refresh_models(night.business_date(dag_run.partition_key, params))


with DAG(
    "model_refresh",
    doc_md=__doc__,
    schedule=policy.timetable(CRON, offset=0),
    catchup=False,
    max_active_runs=1,
    tags=["loanwatch", "monthly"],
    params=policy.params(),
    default_args=policy.default_args(),
) as model_refresh:
    task(refresh, task_id="refresh")()
