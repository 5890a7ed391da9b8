"""Five classes by floors of days past due: the borrower's own clock only worsens, what is missing is marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import ROOT
from frames import frame

from loanwatch.balance.tables import LOAN_DAY, ROLL_OVER
from loanwatch.classify.loan_class import floors, loan_class
from loanwatch.errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SHIPPED = (ROOT / "conf" / "classes" / "cn_five_class.yaml").read_text(encoding="utf-8")


def test_the_class_of_a_loan(spark: SparkSession) -> None:
    """Columns: the contract's clock, the own clock, what is missing, then class, floor, provisional."""
    normal, mention = ("normal", "none"), ("special_mention", "CN5-SM-1")
    substandard, doubtful, loss = ("substandard", "CN5-SS-1"), ("doubtful", "CN5-DF-1"), ("loss", "CN5-LS-1")
    cases: list[tuple[int | None, int | None, str, tuple[str, str], bool]] = [
        (0, 0, "none", normal, False),
        (1, 1, "none", mention, False),
        (90, 90, "none", mention, False),
        (91, 91, "none", substandard, False),
        (270, 270, "none", substandard, False),
        (271, 271, "none", doubtful, False),
        (360, 360, "none", doubtful, False),
        (361, 361, "none", loss, False),
        (0, 91, "none", substandard, False),
        (90, 361, "none", loss, False),
        (91, 0, "none", substandard, False),
        (361, 90, "none", loss, False),
        (0, None, "none", normal, True),
        (91, None, "none", substandard, True),
        (None, 271, "none", doubtful, True),
        (None, None, "none", normal, True),
        (0, 0, "late", normal, True),
        (91, 91, "late", substandard, True),
        (0, 0, "absent", normal, True),
    ]
    rows = [
        {"loan_id": f"P01:{n}", "days_past_due": days, "own_days_past_due": own, "repayment_gap": gap, "technical": False}
        for n, (days, own, gap, *_) in enumerate(cases)
    ]
    classed = loan_class(frame(spark, LOAN_DAY, rows), frame(spark, ROLL_OVER, []), floors(SHIPPED))
    found = {row["loan_id"]: row for row in classed.collect()}
    for n, (*given, expected, provisional) in enumerate(cases):
        row = found[f"P01:{n}"]
        assert ((row["five_class"], row["floor"]), row["provisional"]) == (expected, provisional), given


def test_a_technical_cause_excuses_the_contracts_days_and_not_what_others_paid(spark: SparkSession) -> None:
    rows = [
        {"loan_id": "P01:excused", "days_past_due": 5, "own_days_past_due": 5, "technical": True},
        {"loan_id": "P01:not_said", "days_past_due": 5, "own_days_past_due": 5, "technical": False},
        {"loan_id": "P01:compensated", "days_past_due": 5, "own_days_past_due": 91, "technical": True},
    ]
    found = loan_class(frame(spark, LOAN_DAY, rows), frame(spark, ROLL_OVER, []), floors(SHIPPED)).collect()
    assert {row["loan_id"].removeprefix("P01:"): row["five_class"] for row in found} == {
        "excused": "normal", "not_said": "special_mention", "compensated": "substandard",
    }  # fmt: skip


def test_days_go_on_through_a_roll_over_and_an_unknown_original_makes_a_class_provisional(spark: SparkSession) -> None:
    rows = [
        {"loan_id": f"P01:{name}", "days_past_due": 3, "own_days_past_due": 3, "repayment_gap": "none", "technical": False}
        for name in ("new", "rolled", "unknown")
    ]
    over = [{"loan_id": "P01:rolled", "regulatory_days_past_due": 91}, {"loan_id": "P01:unknown", "replaced_loan_id": "P01:gone"}]
    found = loan_class(frame(spark, LOAN_DAY, rows), frame(spark, ROLL_OVER, over), floors(SHIPPED)).collect()
    assert {row["loan_id"].removeprefix("P01:"): (row["five_class"], row["provisional"]) for row in found} == {
        "new": ("special_mention", False), "rolled": ("substandard", False), "unknown": ("special_mention", True),
    }  # fmt: skip


def written(*rows: tuple[str, int]) -> str:
    lines = [f"  - {{floor: F{days}, five_class: {name}, more_than_days: {days}, source: a test}}" for name, days in rows]
    return "\n".join(["floors:", *lines])


@pytest.mark.parametrize(
    "rows",
    [
        [("normal", -1), ("loss", 360)],
        [("substandard", 90), ("doubtful", 30), ("normal", -1)],
        [("loss", 90), ("doubtful", 270), ("normal", -1)],
        [("loss", 360), ("normal", 0)],
    ],
    ids=["best first", "worse class with fewer days", "more days with a better class", "a gap at zero days"],
)
def test_floors_that_leave_a_loan_in_the_wrong_class_are_refused(rows: list[tuple[str, int]]) -> None:
    with pytest.raises(UsageError, match="worst first"):
        floors(written(*rows))


def test_the_shipped_floors_stand_worst_first() -> None:
    assert [floor.five_class for floor in floors(SHIPPED)] == ["loss", "doubtful", "substandard", "special_mention", "normal"]
