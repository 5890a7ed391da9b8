"""Two lakes told the same: one too late, then restated; one in time. And what the first one's readers saw meanwhile."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from cli import loanwatch
from conftest import application

from loanwatch.admit.delivery import DeliveryWriter, Place
from loanwatch.admit.feeds import PLEDGE, VALUATION
from loanwatch.cover.tables import ASSET_VALUE, LOAN_COVER
from loanwatch.lake import Lake
from loanwatch.pipeline import SEALED, STEPS
from loanwatch.restatement import Restatement
from loanwatch.seal import publication
from loanwatch.seal.certificate import to_restate_from
from loanwatch.seal.front_page import page_path
from loanwatch.seal.publication import Attempt
from loanwatch.seal.step_result import StepResult, results
from loanwatch.synth import synth
from loanwatch.tables import Table

pytestmark = pytest.mark.slow
D1, D2, D3 = (date(2025, 3, 31), date(2025, 4, 1), date(2025, 4, 2))
ASSET = "P02:A0000001"
LATE = Path("repayment", "P02", "2025-03-31")


def send_correction(inbox: Path) -> None:
    """The valuer has found that an asset is worth half of what he said in August."""
    place = Place("valuation", "valuer", D1, 9)
    row = {"valuation_id": "V000000005", "valued_on": date(2024, 8, 12), "asset_id": ASSET, "value_minor": 40_000_000,
           "currency": "CNY", "method": "appraisal"}  # fmt: skip
    with DeliveryWriter(inbox, VALUATION, place, D1) as writer:
        writer.write(pa.Table.from_pylist([row], schema=writer.schema))


@dataclass
class Told:
    """The lake that was told late, its restatement from D1, and the lake that was told in time."""

    late: Lake
    restated: list[Attempt]
    in_time: Lake
    seen_before: dict[str, str]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """D1 without a partner's payments and before a correction; D2 with both; D1 restated, and D3 published meanwhile."""
    folder = tmp_path_factory.mktemp("told")
    synth(40, 7, 3, date(2025, 3, 27), folder)
    shutil.copytree(folder / "inbox", folder / "all")
    send_correction(folder / "all")
    (folder / "inbox" / LATE).rename(folder / "held back")
    vault = str(folder / "vault")
    late = application(folder / "inbox", folder / "late", vault=vault)
    late.night(D1)
    seen = digests(late.lake, publication.find(late.lake, D1))
    (folder / "held back").rename(folder / "inbox" / LATE)
    send_correction(folder / "inbox")
    known = late.night(D2).known
    late.say = once(lambda: application(folder / "inbox", folder / "late", vault=vault).night(D3))
    restated = Restatement(D1, known).perform(late)
    in_time = application(folder / "all", folder / "in time", vault=vault)
    for day in (D1, D2, D3):
        in_time.night(day)
    late.stop()
    in_time.stop()
    return Told(late.lake, restated, in_time.lake, seen)


def once(action: Callable[[], object]) -> Callable[[StepResult], None]:
    """What an application is to do when the first step is done, and then no more."""
    left = [action]

    def say(done: StepResult) -> None:
        if left:
            left.pop()()

    return say


def digests(lake: Lake, attempt: Attempt) -> dict[str, str]:
    return {table: str(row["digest"]) for table, row in results(lake, attempt).items()}


def test_the_certificate_names_from_where_to_restate(told: Told) -> None:
    """The payments are of D1, the corrected valuation of long before: the first date that was published."""
    nights = [a for a in publication.attempts(told.late) if a.kind == "night"]
    assert [to_restate_from(told.late, night) for night in nights] == [None, D1, None]
    assert [to_restate_from(told.late, row) for row in told.restated] == [None, None, None]
    assert [to_restate_from(told.in_time, night) for night in publication.attempts(told.in_time)] == [None] * 3


@pytest.mark.parametrize("day", [D1, D2, D3])
def test_restated_from_there_every_table_equals_arrival_in_time(told: Told, day: date) -> None:
    now, expected = publication.find(told.late, day), publication.find(told.in_time, day)
    assert (now.kind, expected.kind) == ("restatement", "night")
    assert len(digests(told.late, now)) == len(STEPS)
    assert digests(told.late, now) == digests(told.in_time, expected)


def test_a_restated_release_is_performed_again(told: Told) -> None:
    """From its parent in the same line, not from the night that it replaced."""
    done = loanwatch("reperform", "--date", D2, "--release", told.restated[1].release, "--env", "test", "--lake", told.late.path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"all {len(SEALED)} tables are what was sealed" in done.stdout


def test_before_it_was_restated_it_said_otherwise(told: Told) -> None:
    expected = digests(told.in_time, publication.find(told.in_time, D1))
    assert {table for table, digest in expected.items() if told.seen_before[table] != digest} >= {
        "balance.reconciliation", "cover.asset_value", "cover.loan_cover",
    }  # fmt: skip


def test_the_line_is_published_in_one_commit_and_includes_the_night_that_came_meanwhile(told: Told) -> None:
    before = [a for a in publication.attempts(told.late) if a.kind == "night"]
    assert [a.as_of for a in told.restated] == [D1, D2, D3]
    assert len({(a.release, a.publication_no, a.state) for a in told.restated}) == 1
    assert [a.replaces for a in told.restated] == [a.release for a in before]
    assert [a.parent for a in told.restated] == [None, *[a.release for a in told.restated[:2]]]
    assert [a.known for a in told.restated] == [before[1].known, before[1].known, before[2].known]
    assert [a.conf_digest for a in told.restated] == [a.conf_digest for a in before]
    assert all(page_path(told.late.path, a, "en").is_file() for a in told.restated)


def test_what_was_first_published_is_still_there_and_a_pinned_reader_sees_one_line(told: Told) -> None:
    attempts = publication.attempts(told.late)
    first = publication.find(told.late, D1, first=True)
    assert digests(told.late, first) == told.seen_before
    pinned = publication.current(attempts, pinned=publication.find(told.late, D3, first=True).publication_no)
    assert [pinned[day].kind for day in (D1, D2, D3)] == ["night"] * 3
    assert {a.release for a in publication.current(attempts).values()} == {told.restated[0].release}


def differing(told: Told, table: Table, day: date, file: Path) -> list[dict[str, Any]]:
    """What `diff` writes about a date as first published and as restated."""
    numbers = f"{publication.find(told.late, day, first=True).release},{publication.find(told.late, day).release}"
    done = loanwatch("diff", table.name, "--date", day, "--releases", numbers, "--lake", told.late.path, "--csv", file)
    assert done.returncode == 0, done.stderr
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def test_a_correction_changes_exactly_the_assets_and_loans_it_concerns(told: Told, tmp_path: Path) -> None:
    secured_by = {row["loan_id"]: row["asset_id"] for row in told.late.rows(PLEDGE.table).to_pylist()}
    concerned = {loan for loan, asset in secured_by.items() if asset == ASSET}
    assert 0 < len(concerned) < len(secured_by)
    assert {row["asset_id"] for row in differing(told, ASSET_VALUE, D1, tmp_path / "values.csv")} == {ASSET}
    assert {row["loan_id"] for row in differing(told, LOAN_COVER, D1, tmp_path / "cover.csv")} == concerned


def test_a_date_that_knew_the_correction_differs_in_nothing_that_is_no_state(told: Told, tmp_path: Path) -> None:
    assert differing(told, ASSET_VALUE, D2, tmp_path / "values.csv") == []
