"""The DAG files as Airflow reads them: they parse, cost nothing to parse, and obey the house rules."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loanwatch.pipeline import APPLICATIONS, STAGES

pytest.importorskip("airflow")

ROOT = Path(__file__).parents[2]
TAGS = {"loanwatch", "nightly", "weekly", "monthly", "intraday"}  # the closed set: a new tag is added here first
Parsed = dict[str, Any]


@pytest.fixture(scope="module")
def parse(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Parsed]:
    """Read `dags/` in a process of its own, under some environment; each environment once."""
    known: dict[tuple[tuple[str, str], ...], Parsed] = {}

    def parsed(**variables: str) -> Parsed:
        key = tuple(sorted(variables.items()))
        if key not in known:
            home = str(tmp_path_factory.mktemp("airflow"))
            own = {name: value for name, value in os.environ.items() if not name.startswith(("LOANWATCH", "AIRFLOW"))}
            env = own | {"AIRFLOW_HOME": home, "PYTHONPATH": str(ROOT / "jobs"), "LOANWATCH_CONF": str(ROOT / "conf")}
            command = [sys.executable, str(Path(__file__).with_name("parsing.py")), str(ROOT / "dags")]
            done = subprocess.run(command, env=env | variables, cwd=home, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            known[key] = json.loads(done.stdout.splitlines()[-1])
        return known[key]

    return parsed


@pytest.fixture
def three(parse: Callable[..., Parsed]) -> Parsed:
    return parse(LOANWATCH__NIGHT__APPLICATIONS="three")


@pytest.fixture
def one(parse: Callable[..., Parsed]) -> Parsed:
    return parse(
        LOANWATCH__NIGHT__APPLICATIONS="one", LOANWATCH__BUSINESS__CALENDAR="month_end", LOANWATCH_CRON="", LOANWATCH_POOL="spark"
    )


def dag(of: Parsed) -> Parsed:
    found: Parsed = of["dags"]["post_loan_daily"]
    return found


def test_every_dag_file_parses(three: Parsed) -> None:
    assert three["errors"] == {}
    assert len(three["dags"]) == len(list((ROOT / "dags").glob("*.py")))


def test_parsing_loads_neither_spark_nor_great_expectations(three: Parsed) -> None:
    assert three["loaded"] == []


def test_every_dag_has_owner_tags_and_runbook_and_runs_alone(three: Parsed) -> None:
    for name, facts in three["dags"].items():
        assert facts["owner"] not in ("", "airflow"), name
        assert facts["tags"], name
        assert set(facts["tags"]) <= TAGS, name
        assert facts["doc_md"].strip().startswith(f"# {name}"), name
        assert facts["max_active_runs"] == 1, name
        assert not facts["catchup"], name


def test_the_runbook_names_every_task_and_every_exit_code(three: Parsed) -> None:
    runbook = dag(three)["doc_md"]
    for wanted in (*(f"`{name}`" for name in APPLICATIONS), "DataError", "UsageError", "MachineError", "NotNow", "catch-up"):
        assert wanted in runbook


def test_three_applications_are_three_tasks_in_order(three: Parsed) -> None:
    assert dag(three)["tasks"] == list(APPLICATIONS)
    assert dag(three)["arguments"] == {name: list(ends) for name, ends in APPLICATIONS.items()}
    assert dag(three)["downstream"] == {"admit": ["assess"], "assess": ["publish"], "publish": []}


def test_one_application_is_one_task(one: Parsed) -> None:
    assert dag(one)["arguments"] == {"night": [STAGES[0], STAGES[-1]]}


def test_only_the_last_task_says_that_tables_are_new(three: Parsed, one: Parsed) -> None:
    outlets = dag(three)["outlets"]
    assert outlets["admit"] == outlets["assess"] == []
    assert "lake://report.watch_list" in outlets["publish"]
    assert "lake://derive.loan_indicator" not in outlets["publish"]
    assert dag(one)["outlets"] == {"night": outlets["publish"]}


def test_broken_data_fails_at_once_and_only_what_may_pass_is_retried(three: Parsed) -> None:
    assert dag(three)["retries"] > 0
    after = dag(three)["after"]
    assert after == {"DataError": "fail", "UsageError": "fail", "MachineError": "retry", "NotNow": "retry", "OSError": "default"}


def test_the_schedule_gives_the_day_before_and_can_be_taken_away(three: Parsed, one: Parsed) -> None:
    assert dag(three)["next_key"] == "2025-04-03"  # the run of 2025-04-04, 02:00
    assert dag(one)["next_key"] is None


def test_a_scheduled_date_that_the_calendar_does_not_close_is_skipped_and_by_hand_refused(one: Parsed) -> None:
    assert dag(one)["raised_mid_month"] == {"scheduled": "AirflowSkipException", "manual": "UsageError"}


def test_the_pool_is_airflows_own_unless_one_is_named(three: Parsed, one: Parsed) -> None:
    assert dag(three)["pools"] == ["default_pool"]
    assert dag(one)["pools"] == ["spark"]
