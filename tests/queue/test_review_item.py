"""Whom to review: one item a borrower, worst first, answered by whoever has to answer first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flag.test_rules import load_in_force
from frames import frame

from loanwatch.admit.feeds import PLEDGE
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.flag.tables import WARNING
from loanwatch.queue.review_item import review_item

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

D = date(2025, 3, 1)
Rows = Sequence[dict[str, Any]]
RULES = load_in_force(
    {"id": "R1"}, {"id": "R2"}, {"id": "R3"},
    {"id": "SOON", "do": {"owner": "urgent desk", "within_days": 0, "en": "Check", "zh": "核查"}},
    {"id": "MANY", "subject": "borrower", "amber": "loans > 1", "red": None, "says": {"en": "x", "zh": "x"}},
    {"id": "HEAVY", "weight": 5}, {"id": "CONDUCT", "weight": 0}, {"id": "SALARY"}, {"id": "VALUE"},
)  # fmt: skip
RULES = tuple(replace(rule, theme=rule.id.lower() if rule.id in ("SALARY", "VALUE") else rule.theme) for rule in RULES)


def performed(spark: SparkSession, warnings: Rows, loans: Rows, pledges: Rows = (), least: int = 0) -> list[Row]:
    found = review_item(frame(spark, WARNING, warnings), frame(spark, LOAN_DAY, loans), frame(spark, PLEDGE, pledges), RULES, least)
    return sorted(found.collect(), key=lambda row: row["place"])


def warned(borrower: str, rule: str = "R1", colour: str = "amber", **given: Any) -> dict[str, Any]:
    on = {"subject": "loan", "subject_id": f"P01:{borrower}"}
    return {"rule_id": rule, **on, "state": "open", "colour": colour, "respond_by": D + timedelta(3), **given}


def loan(borrower: str, number: str = "", **given: Any) -> dict[str, Any]:
    return {"loan_id": f"P01:{borrower}{number}", "borrower_id": borrower, **given}


def test_the_worst_stand_first_and_ties_by_borrower(spark: SparkSession) -> None:
    """Columns: warnings as rule and colour, exposure, points; listed worst first, given the other way round.

    R1 to R3 are of one theme and weigh 1, SALARY and VALUE are of two others, HEAVY weighs 5, CONDUCT nothing.
    """
    worst_first: list[tuple[str, list[str], int, int]] = [
        ("heavy", ["HEAVY amber"], 1, 5),
        ("red_and_another_cause", ["R1 red", "SALARY amber"], 1, 4),
        ("overdue", ["R1 red"], 1, 3),
        ("larger", ["R1 red"], 11, 3),
        ("c_ten_of_one_cause", ["R1 red", "R2 red", "R3 red"], 10, 3),
        ("d_three_causes", ["R1 amber", "SALARY amber", "VALUE amber"], 10, 3),
        ("e_tie", ["R3 red"], 10, 3),
        ("amber", ["R1 amber", "R2 amber"], 99, 1),
        ("nothing_to_rank", ["CONDUCT red"], 99, 0),
    ]
    warnings = [
        warned(name, rule, colour, overdue=name == "overdue")
        for name, told, *_ in worst_first for rule, colour in map(str.split, told)
    ]  # fmt: skip
    warnings[4] |= {"overdue": True, "answered_on": D}  # too late, yet answered
    loans = [loan(name, balance_minor=exposure) for name, _, exposure, _ in worst_first]
    found = performed(spark, warnings[::-1], loans[::-1])
    assert [(row["place"], row["borrower_id"], row["points"]) for row in found] == [
        (place, name, points) for place, (name, *_, points) in enumerate(worst_first, start=1)
    ]
    for row, (name, told, exposure, _) in zip(found, worst_first, strict=True):
        colours = [one.split()[1] for one in told]
        counts = row["colour"], row["warnings"], row["red_warnings"], row["exposure_minor"]
        assert counts == (max(colours), len(colours), colours.count("red"), exposure), name


def test_a_warning_on_an_asset_is_of_the_borrowers_whose_loans_it_secures(spark: SparkSession) -> None:
    on_asset = {"subject": "asset", "subject_id": "P01:A"}
    secured = "B1", "B2", "C", "released"
    pledges = [{"loan_id": f"P01:{name}", "asset_id": "P01:A", "active": name != "released"} for name in secured]
    loans = [loan("B", "1"), loan("B", "2"), loan("C"), loan("released"), loan("other")]
    found = performed(spark, [warned("", "VALUE", **on_asset)], loans, pledges)
    assert [(row["borrower_id"], row["warnings"]) for row in found] == [("B", 1), ("C", 1)]


def test_small_unsecured_loans_are_no_item_of_a_person_s(spark: SparkSession) -> None:
    """Of all its loans: 99 without collateral; 99 and one secured; 100 in two loans."""
    loans = [loan("small", balance_minor=99), loan("secured", "1", balance_minor=98), loan("secured", "2", balance_minor=1),
             loan("sum", "1", balance_minor=50), loan("sum", "2", balance_minor=50)]  # fmt: skip
    pledges = [{"loan_id": "P01:secured2", "asset_id": "P01:A", "active": True}]
    warnings = [warned("small"), warned("secured1"), warned("sum1")]
    found = performed(spark, warnings, loans, pledges, least=100)
    assert [row["borrower_id"] for row in found] == ["sum", "secured"]


def test_an_item_gathers_the_open_warnings_of_a_borrower_and_of_all_its_loans(spark: SparkSession) -> None:
    on_borrower = {"subject": "borrower", "subject_id": "B"}
    warnings = [
        warned("B1", "R1"), warned("B2", "SOON", respond_by=D), warned("", "MANY", **on_borrower),
        warned("B2", "R3", state="curing", respond_by=D - timedelta(9), answered_on=D - timedelta(9)),
        warned("B2", "R2", "red", state="cleared"), warned("gone", "R1", "red"), warned("calm", "R1", "red", state="cleared"),
    ]  # fmt: skip
    loans = [
        loan("B", "1", balance_minor=10, days_past_due=3), loan("B", "2", balance_minor=5, days_past_due=1),
        loan("B", "3", balance_minor=1, days_past_due=9), loan("calm"), loan("unwarned"),
    ]  # fmt: skip
    (item,) = performed(spark, warnings, loans)
    assert item.asDict() == {
        "place": 1, "borrower_id": "B", "colour": "amber", "points": 1, "warnings": 4, "red_warnings": 0, "overdue": 0,
        "exposure_minor": 16, "days_past_due": 9, "respond_by": D, "owner": "urgent desk",
    }  # fmt: skip


def test_what_waits_or_is_hidden_is_nobody_s_item_and_people_s_colour_counts(spark: SparkSession) -> None:
    warnings = [
        warned("held", state="held"), warned("pending", state="pending"), warned("snoozed", hidden="snoozed"),
        warned("dismissed", hidden="dismissed"), warned("redder", shown_colour="red"),
        warned("milder", "R1", "red", shown_colour="amber"),
    ]  # fmt: skip
    found = performed(spark, warnings, [loan(row["subject_id"].removeprefix("P01:")) for row in warnings])
    assert [(row["borrower_id"], row["colour"], row["red_warnings"]) for row in found] == [
        ("redder", "red", 1), ("milder", "amber", 0),
    ]  # fmt: skip


def test_days_past_due_that_nobody_knows_are_not_none(spark: SparkSession) -> None:
    loans = [loan("B", days_past_due=None), loan("C", days_past_due=0)]
    found = {row["borrower_id"]: row["days_past_due"] for row in performed(spark, [warned("B"), warned("C")], loans)}
    assert found == {"B": None, "C": 0}
