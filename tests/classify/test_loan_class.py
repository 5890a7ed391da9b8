"""The class of a loan: boundaries of days, the borrower's own clock that only worsens, what is missing told by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classify.book import classed

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


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
        (361, None, "none", loss, False),
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
    found = {row["loan_id"]: row for row in classed(spark, rows).collect()}
    for n, (*given, expected, provisional) in enumerate(cases):
        row = found[f"P01:{n}"]
        assert ((row["five_class"], row["floor"]), row["provisional"]) == (expected, provisional), given
        missing = {"days_past_due": given[0] is None, "own_days_past_due": given[1] is None, "repayment": given[2] != "none"}
        assert row["missing"] == [name for name, lacks in missing.items() if lacks and provisional], given
    assert found["P01:3"]["paragraph"] == "art. 11(1)"


def test_a_technical_cause_excuses_the_contracts_days_and_not_what_others_paid(spark: SparkSession) -> None:
    rows = [
        {"loan_id": "P01:excused", "days_past_due": 5, "own_days_past_due": 5, "technical": True},
        {"loan_id": "P01:not_said", "days_past_due": 5, "own_days_past_due": 5, "technical": False},
        {"loan_id": "P01:compensated", "days_past_due": 5, "own_days_past_due": 91, "technical": True},
    ]
    found = classed(spark, rows).collect()
    assert {row["loan_id"].removeprefix("P01:"): row["five_class"] for row in found} == {
        "excused": "normal", "not_said": "special_mention", "compensated": "substandard",
    }  # fmt: skip


def test_days_go_on_through_a_roll_over_and_an_unknown_original_makes_a_class_provisional(spark: SparkSession) -> None:
    rows = [
        {"loan_id": f"P01:{name}", "days_past_due": 3, "own_days_past_due": 3, "repayment_gap": "none", "technical": False}
        for name in ("new", "rolled", "unknown")
    ]
    over = [{"loan_id": "P01:rolled", "regulatory_days_past_due": 91}, {"loan_id": "P01:unknown", "replaced_loan_id": "P01:gone"}]
    found = classed(spark, rows, over).collect()
    assert {row["loan_id"].removeprefix("P01:"): (row["five_class"], row["provisional"], row["missing"]) for row in found} == {
        "new": ("special_mention", False, []), "rolled": ("substandard", False, []),
        "unknown": ("special_mention", True, ["regulatory_days_past_due"]),
    }  # fmt: skip
