"""The certificate limits the share of provisional classes, rounded up, and names what they lack; without Spark."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from admit.desk import Desk

from loanwatch import configuration, settings
from loanwatch.classify.scheme import load
from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.lake import Lake
from loanwatch.seal import publication
from loanwatch.seal.provisional import provisional, unclassed, unfed
from loanwatch.seal.statement import Statement

D = date(2025, 3, 1)
MISSING = [[], [], ["repayment"], ["own_days_past_due", "repayment"], ["repayment"], []]


CONF = configuration.load(settings.load("test"))
ALL = load(CONF.below("classes"))
FIVE, IN_USE = [ALL["cn_five_class"]], [ALL["cn_five_class"], ALL["ifrs9"]]


@pytest.mark.parametrize(("limit_bp", "holds"), [(5_000, True), (4_999, False), (0, False), (10_000, True)])
def test_the_share_is_limited_and_what_lacks_is_counted(tmp_path: Path, limit_bp: int, holds: bool) -> None:
    lake = Lake(tmp_path / "lake")
    lake.open("test")
    attempt = publication.open_attempt(lake, D, "a test")
    row = {"as_of": D, "release": attempt.release, "five_class": "normal", "floor": "none", "book_minor": 1, "currency": "CNY"}
    lake.append(LOAN_CLASS, [{**row, "loan_id": f"P01:{n}", "provisional": bool(names), "missing": names}
                             for n, names in enumerate(MISSING)])  # fmt: skip
    at = "classify.loan_class.five_class"
    assert list(provisional(lake, attempt, FIVE, limit_bp)) == [
        Statement("loans with a provisional class, basis points", at, f"{limit_bp} at most", "5000", holds),
        Statement("loans with a provisional class, for want of", "five_class: repayment", None, "2", None),
        Statement("loans with a provisional class, for want of", "five_class: own_days_past_due, repayment", None, "1", None),
    ]


def test_one_loan_of_many_is_more_than_nothing(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.open("test")
    attempt = publication.open_attempt(lake, D, "a test")
    assert [s.holds for s in provisional(lake, attempt, FIVE, 0)] == [True]
    row = {"as_of": D, "release": attempt.release, "five_class": "normal", "floor": "none", "book_minor": 1, "currency": "CNY"}
    lake.append(LOAN_CLASS, [{**row, "loan_id": f"P01:{n}", "provisional": n == 7, "missing": []} for n in range(10_001)])
    assert next(iter(provisional(lake, attempt, FIVE, 0))).holds is False


def test_every_scheme_in_use_gives_every_loan_a_class_and_has_its_own_share(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.open("test")
    attempt = publication.open_attempt(lake, D, "a test")
    row = {"as_of": D, "release": attempt.release, "five_class": "normal", "floor": "none", "book_minor": 1, "currency": "CNY"}
    row |= {"provisional": False, "missing": []}
    stages = [{"stage": "stage_1", "stage_provisional": n == 0, "stage_missing": ["technical"] if n == 0 else []} for n in range(3)]
    lake.append(LOAN_CLASS, [{**row, **stage, "loan_id": f"P01:{n}"} for n, stage in enumerate(stages)])
    assert [(s.subject, s.found) for s in provisional(lake, attempt, IN_USE, 5_000)] == [
        ("classify.loan_class.five_class", "0"), ("classify.loan_class.stage", "3334"), ("stage: technical", "1"),
    ]  # fmt: skip
    assert [(s.subject, s.found, s.holds) for s in unclassed(lake, attempt, IN_USE)] == [
        ("classify.loan_class.five_class", "0", True), ("classify.loan_class.stage", "0", True),
    ]  # fmt: skip
    lake.append(LOAN_CLASS, [{**row, "loan_id": "P01:9"}])
    assert [(s.found, s.holds) for s in unclassed(lake, attempt, IN_USE)] == [("0", True), ("1", False)]
    assert [s.found for s in unclassed(lake, attempt, FIVE)] == ["0"]


def test_floors_that_no_delivery_tells_of_are_named_until_one_has_come(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    known = desk.admit(D)
    before = publication.fix(desk.lake, publication.open_attempt(desk.lake, D, "a test"), known, "conf", "code")
    found = list(unfed(desk.lake, before, IN_USE, ()))
    assert [(s.found, s.subject, s.holds) for s in found] == [
        ("debt_elsewhere", "CN5-SS-4", None), ("default_probability", "IFRS9-2-7", None),
        ("impairment", "CN5-LS-3, CN5-DF-3, CN5-SS-2, IFRS9-3-2", None),
        ("signal", "CN5-LS-2, CN5-MA-4, CN5-DF-2, CN5-MA-3, CN5-SS-3, CN5-MA-2, CN5-SM-4, CN5-MA-1, IFRS9-3-3, IFRS9-2-2, "
         "IFRS9-2-3, IFRS9-2-5", None),
    ]  # fmt: skip
    rests = ("signal", "impairment")
    assert [s.found for s in unfed(desk.lake, before, IN_USE, rests)] == ["debt_elsewhere", "default_probability"]
    assert [s.found for s in unfed(desk.lake, before, FIVE, rests)] == ["debt_elsewhere"]  # no floor of these asks for more
    publication.abandon(desk.lake, before, "another delivery comes")
    desk.send("signal", [{"signal_id": "S1", "customer_id": "P01:C1", "published_on": D, "kind": "news_negative"}], D)
    known = desk.admit(D)
    after = publication.fix(desk.lake, publication.open_attempt(desk.lake, D, "a test"), known, "conf", "code")
    assert [s.found for s in unfed(desk.lake, after, IN_USE, ())] == ["debt_elsewhere", "default_probability", "impairment"]
