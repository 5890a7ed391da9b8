"""What differs between two releases of a date: values, and rows that only one of them has."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cli import loanwatch

from loanwatch.difference import Differing, difference
from loanwatch.errors import UsageError
from loanwatch.lake import Lake
from loanwatch.report.tables import PORTFOLIO, WATCH_LIST
from loanwatch.seal import publication

DAY = date(2025, 3, 1)


def cut(value: str, release: int, **facts: Any) -> dict[str, Any]:
    zero = {column.name: 0 for column in PORTFOLIO.columns if column.type in ("int", "long")}
    return zero | {"as_of": DAY, "release": release, "cut": "product", "cut_value": value, "currency": "CNY"} | facts


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A date with two releases: `car` differs, `home` is in the first only, `card` in the second, `shop` is the same in both."""
    made = Lake(tmp_path / "lake")
    made.open("demo")
    first = publication.fix(made, publication.open_attempt(made, DAY, "a test"), 1, "conf", "code")
    publication.publish(made, first)
    line = publication.insert(made, [replace(first, release=2, kind="restatement", state="building", replaces=1)])
    publication.publish(made, publication.open_line(made, line[0])[0])
    made.append(PORTFOLIO, [cut("car", 1, exposure_minor=100), cut("home", 1), cut("shop", 1)])
    made.append(PORTFOLIO, [cut("car", 2, exposure_minor=250), cut("card", 2), cut("shop", 2)])
    return made


def test_each_differing_value_and_each_row_of_one_side_only(lake: Lake) -> None:
    found = difference(lake, PORTFOLIO, DAY, 1, 2)
    assert found.rows == 3
    car, card, home = found.differing
    assert car == Differing(("product", "car", "CNY"), "exposure_minor", 100, 250)
    assert (card.key[1], card.column, card.before) == ("card", None, None) and card.after
    assert (home.key[1], home.column, home.after) == ("home", None, None) and home.before
    assert difference(lake, WATCH_LIST, DAY, 1, 2).differing == ()


def test_turned_round_the_sides_change_places(lake: Lake) -> None:
    assert difference(lake, PORTFOLIO, DAY, 2, 1).differing[0] == Differing(("product", "car", "CNY"), "exposure_minor", 250, 100)


def test_the_command_shows_money_in_units_and_writes_plain_values(lake: Lake, tmp_path: Path) -> None:
    asked = ("diff", "report.portfolio", "--date", DAY, "--releases", "1,2", "--lake", lake.path)
    shown = loanwatch(*asked)
    assert shown.returncode == 0 and "3 rows differ" in shown.stdout, shown.stderr
    assert "1.00" in shown.stdout and "2.50" in shown.stdout and "not there" in shown.stdout
    assert loanwatch(*asked, "--csv", tmp_path / "diff.csv").returncode == 0
    with (tmp_path / "diff.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {"cut": "product", "cut_value": "car", "currency": "CNY", "differs": "exposure_minor",
                       "release 1": "100", "release 2": "250"}  # fmt: skip
    assert [(row["differs"], row["release 1"], row["release 2"]) for row in rows[1:]] == [
        ("the whole row", "not there", "there"), ("the whole row", "there", "not there"),
    ]  # fmt: skip


def test_a_release_that_the_date_does_not_have_and_one_beside_itself_are_refused(lake: Lake) -> None:
    with pytest.raises(UsageError, match=r"no release of 2025-03-01 under release 3; it has 1, 2"):
        difference(lake, PORTFOLIO, DAY, 1, 3)
    with pytest.raises(UsageError, match="does not differ from itself"):
        difference(lake, PORTFOLIO, DAY, 2, 2)
