"""What all DAGs have in common: owner, pool, and what is tried again."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from airflow.sdk import (
    CronPartitionTimetable,
    ExceptionRetryPolicy,
    Param,
    PartitionedAtRuntime,
    RetryAction,
    RetryRule,
)

from loanwatch.errors import DataError, MachineError, NotNow, UsageError

RETRY = ExceptionRetryPolicy(rules=[
    RetryRule([DataError, UsageError], RetryAction.FAIL, reason="trying again changes nothing"),
    RetryRule([NotNow, MachineError], RetryAction.RETRY, reason="may pass"),
])  # fmt: skip


def default_args() -> dict[str, Any]:
    """Of every task; the environment names pool and delay."""
    return {
        "owner": "loan-monitoring",
        "pool": os.environ.get("LOANWATCH_POOL", "default_pool"),
        "retries": 3,
        "retry_delay": timedelta(seconds=float(os.environ.get("LOANWATCH_RETRY_SECONDS", "600"))),
        "retry_policy": RETRY,
    }


def timetable(cron: str, offset: int) -> CronPartitionTimetable | PartitionedAtRuntime:
    """When it runs, for the day so many before; by hand only where the cron line is empty."""
    if not cron:
        return PartitionedAtRuntime()
    return CronPartitionTimetable(cron, timezone=timezone(), run_offset=offset, key_format="%Y-%m-%d")


def timezone() -> str:
    """Where the hours of schedules are told."""
    return os.environ.get("LOANWATCH_TIMEZONE", "Asia/Shanghai")


def params() -> dict[str, Param]:
    """What a run by hand may be given."""
    return {"business_date": Param(None, type=["null", "string"], format="date", description="Where no partition key is given.")}
