"""A month-end's forms under the real scheduler: shown, approved by two users, handed in; by one twice, or rejected, not."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from extract.test_hand_in import BANK, D, made_lake

from loanwatch.lake import Lake
from loanwatch.report.tables import HAND_IN
from loanwatch.scheduling.api import Api
from loanwatch.seal import audit_log
from loanwatch.seal.tables import APPROVAL

pytest.importorskip("airflow")
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DAG = "regulatory_monthly"
FIRST, SECOND, LAST = "first_approval", "second_approval", "hand_in"
NAMES = ("张三", "Wang Xiaoming")
BEFORE_ANSWER_SECONDS = 3.0  # an answer that comes at once can fail the task
PATIENCE_SECONDS = 120.0


@dataclass
class Story:
    """What became of each run: the states of its tasks, what `hand_in` said, what was shown, and who had approved by then."""

    lake: Lake
    states: dict[str, dict[str, str]] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    shown: str = ""
    approved: dict[str, list[str]] = field(default_factory=dict)
    handed_in: dict[str, int] = field(default_factory=dict)


def until(api: Api, run: str, task: str, *states: str) -> dict[str, str]:
    """The states of a run's tasks, as soon as one of them has come to one of these."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        now = {state.task: state.state for state in api.task_states(run)}
        if now.get(task) in states:
            return now
        assert time.monotonic() < deadline, f"{task} of {run} is not {' or '.join(states)}: {now}"
        time.sleep(0.5)


def answered(users: dict[str, Api], run: str, *answers: tuple[str, str]) -> dict[str, str]:
    """Users answer one after the other, and the run goes to its end."""
    for task, (user, option) in zip((FIRST, SECOND), answers, strict=False):
        until(users[user], run, task, "awaiting_input")
        time.sleep(BEFORE_ANSWER_SECONDS)
        users[user].answer(run, task, option)
    return until(next(iter(users.values())), run, LAST, "success", "failed", "skipped", "upstream_failed")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    from loanwatch.scheduling import headless
    from loanwatch.scheduling.home import Home

    folder = tmp_path_factory.mktemp("regulatory")
    told = Story(made_lake(folder, NAMES))
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "ENV": "test", "_LAKE": told.lake.path, "_SEAL__APPROVALS": "required", "_BUSINESS": json.dumps(BANK),
            "_VAULT_USERS": json.dumps([audit_log.user()]), "RETRY_SECONDS": 1,
        }.items():  # fmt: skip
            environment.setenv(f"LOANWATCH_{name}", str(value))
        home = Home(folder / "airflow", ROOT / "dags", users=("li", "wang"))
        with headless.serving(home, print) as (api, _):
            users = {user: Api(home.url, DAG) for user in home.users}
            for user, of in users.items():
                of.log_in(user, home.passwords()[user])
            runs = {
                "rejected": (("li", "Approve"), ("wang", "Reject")), "twice": (("li", "Approve"), ("li", "Approve")),
                "two": (("wang", "Approve"), ("li", "Approve")), "again": (("wang", "Approve"), ("li", "Approve")),
            }  # fmt: skip
            for name, answers in runs.items():
                run = users["li"].trigger(D)
                until(users["li"], run, FIRST, "awaiting_input")
                told.shown = users["li"].asked(run, FIRST)
                told.states[name] = answered(users, run, *answers)
                told.said[name] = "\n".join(users["li"].log_lines(run, LAST, 1)) if told.states[name][LAST] != "skipped" else ""
                told.approved[name] = told.lake.rows(APPROVAL, "true order by approval_no", ("person",))["person"].to_pylist()
                told.handed_in[name] = told.lake.rows(HAND_IN).num_rows
            nothing = api.on(DAG).trigger(date(2025, 2, 28))
            told.states["not published"] = until(users["li"], nothing, LAST, "upstream_failed")
            told.said["not published"] = "\n".join(users["li"].log_lines(nothing, "show", 1))
        yield told


def test_what_two_people_approve_is_handed_in_once(story: Story) -> None:
    assert story.states["two"] == dict.fromkeys(("show", FIRST, SECOND, LAST), "success")
    assert (story.approved["two"], story.handed_in["two"]) == (["wang", "li"], 2)
    file, cells = sorted((story.lake.path.with_name("lake.outbox") / str(D)).iterdir())
    assert (file.name, cells.name) == ("K0001H111000001-DKWJXTBDB-20250331.txt", "K0001H111000001-G01_II-20250331.csv")
    assert all(name in file.read_bytes().decode("gb18030") for name in NAMES)
    for noted in story.lake.rows(HAND_IN).to_pylist():
        assert noted["approved_by"] == ["wang under Airflow", "li under Airflow"]
    assert [entry.action for entry in audit_log.entries(story.lake)].count("sign") == 2
    for form in ("form=1104/G01II number=1 records=1", "form=east/705 number=2 records=2"):
        assert f"handed in {form}" in story.said["two"]
    assert not any(name in text for name in NAMES for text in (story.shown, *story.said.values()))


def test_the_same_run_again_hands_nothing_else_in(story: Story) -> None:
    assert story.states["again"][LAST] == "success"
    assert (story.approved["again"], story.handed_in["again"]) == (["wang", "li"], 2)
    assert "the same as before" in story.said["again"]


def test_one_person_twice_is_refused(story: Story) -> None:
    assert story.states["twice"][LAST] == "failed"
    assert "DataError: li approved twice: another person has to; clear the second approval" in story.said["twice"]
    assert (story.approved["twice"], story.handed_in["twice"]) == ([], 0)


def test_what_is_rejected_is_not_handed_in(story: Story) -> None:
    assert story.states["rejected"] == {"show": "success", FIRST: "success", SECOND: "success", LAST: "skipped"}
    assert (story.approved["rejected"], story.handed_in["rejected"]) == ([], 0)


def test_they_see_certificate_checks_and_what_changed(story: Story) -> None:
    shown = story.shown
    assert shown.startswith(f"Release 1 of {D}, content `")
    for said in ("**Certificate**: ", "**east/705: K0001H111000001-DKWJXTBDB-20250331.txt**: 2 records", "none is broken"):
        assert said in shown
    assert "Not handed in before." in shown


def test_a_month_end_that_is_not_published_waits(story: Story) -> None:
    assert "NotNow: 2025-02-28 is not published yet" in story.said["not published"]
    assert story.states["not published"] == {"show": "failed", **dict.fromkeys((FIRST, SECOND, LAST), "upstream_failed")}
