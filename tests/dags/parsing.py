"""Reads `dags/` as Airflow's DAG processor does and prints what a test needs, as JSON; run as a process of its own."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from types import SimpleNamespace

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import AirflowSkipException
from airflow.serialization.decoders import decode_timetable
from airflow.serialization.encoders import encode_timetable
from airflow.timetables.base import TimeRestriction

from loanwatch import errors

RAISED = (errors.DataError("x"), errors.UsageError("x"), errors.MachineError("x"), errors.NotNow("x"), OSError("x"))


def facts(dag) -> dict:
    first = dag.roots[0]
    return {
        "tasks": [task.task_id for task in dag.topological_sort()],
        "arguments": {task.task_id: list(getattr(task, "op_args", ())) for task in dag.tasks},
        "downstream": {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks},
        "outlets": {task.task_id: [asset.name for asset in task.outlets] for task in dag.tasks},
        "owner": dag.owner,
        "tags": sorted(dag.tags),
        "doc_md": dag.doc_md,
        "max_active_runs": dag.max_active_runs,
        "catchup": dag.catchup,
        "pools": sorted({task.pool for task in dag.tasks}),
        "retries": first.retries,
        "after": {type(e).__name__: first.retry_policy.evaluate(e, 1, 3).action.value for e in RAISED},
        "next_key": _next_key(dag),
        "raised_mid_month": _raised_mid_month(first),
    }


def _next_key(dag) -> str | None:
    timetable = decode_timetable(encode_timetable(dag.timetable))
    if not timetable.can_be_scheduled:
        return None
    noon = TimeRestriction(earliest=datetime.fromisoformat("2025-04-03T12:00:00+08:00"), latest=None, catchup=True)
    return timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=noon).partition_key


def _raised_mid_month(task) -> dict[str, str]:
    """What a run of the 3rd of April raises where only month-ends are closed; elsewhere nothing is tried."""
    raised: dict[str, str] = {}
    of = task.python_callable.__globals__.get("SETTINGS")
    if of and of.business.calendar == "month_end":
        for run_type in ("scheduled", "manual"):
            run = SimpleNamespace(run_type=run_type, partition_key="2025-04-03")
            try:
                task.python_callable(*task.op_args, params={}, dag_run=run)
            except (AirflowSkipException, errors.UsageError) as error:
                raised[run_type] = type(error).__name__
    return raised


if __name__ == "__main__":
    bag = DagBag(sys.argv[1])
    loaded = sorted({"pyspark", "great_expectations"} & set(sys.modules))
    parsed = {"errors": bag.import_errors, "loaded": loaded, "dags": {d.dag_id: facts(d) for d in bag.dags.values()}}
    print(json.dumps(parsed))
