"""Whom to review: one item a borrower, worst first, answered by whoever has to answer first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flag.test_rules import load_in_force
from frames import frame

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
)  # fmt: skip


def performed(spark: SparkSession, warnings: Rows, loans: Rows) -> list[Row]:
    found = review_item(frame(spark, WARNING, warnings), frame(spark, LOAN_DAY, loans), RULES)
    return sorted(found.collect(), key=lambda row: row["place"])


def warned(borrower: str, rule: str = "R1", colour: str = "amber", **given: Any) -> dict[str, Any]:
    on = {"subject": "loan", "subject_id": f"P01:{borrower}"}
    return {"rule_id": rule, **on, "state": "open", "colour": colour, "respond_by": D + timedelta(3), **given}


def loan(borrower: str, number: str = "", **given: Any) -> dict[str, Any]:
    return {"loan_id": f"P01:{borrower}{number}", "borrower_id": borrower, **given}


def test_the_worst_stand_first_and_ties_by_borrower(spark: SparkSession) -> None:
    """Columns: colours of the warnings, days past due, exposure; listed worst first, given the other way round."""
    worst_first: list[tuple[str, list[str], int, int]] = [
        ("overdue", ["red"], 1, 1),
        ("two_reds", ["red", "red"], 31, 10),
        ("z_longer", ["red", "amber"], 33, 10),
        ("y_larger", ["red"], 32, 11),
        ("c_tie", ["red", "amber", "amber"], 32, 10),
        ("d_tie", ["red"], 32, 10),
        ("a_smaller", ["red"], 32, 9),
        ("overdue_amber", ["amber"], 1, 1),
        ("amber_long_and_large", ["amber", "amber", "amber"], 90, 99),
        ("amber", ["amber"], 1, 10),
    ]
    warnings = [
        warned(name, f"R{n}", colour, overdue="overdue" in name)
        for name, colours, *_ in worst_first for n, colour in enumerate(colours, start=1)
    ]  # fmt: skip
    warnings[0]["answered_on"], warnings[1]["overdue"] = None, True
    warnings[1]["answered_on"] = D  # too late, yet answered
    loans = [loan(name, days_past_due=days, balance_minor=exposure) for name, _, days, exposure in worst_first]
    found = performed(spark, warnings[::-1], loans[::-1])
    assert [(row["place"], row["borrower_id"]) for row in found] == [
        (place, name) for place, (name, *_) in enumerate(worst_first, start=1)
    ]
    for row, (name, colours, days, exposure) in zip(found, worst_first, strict=True):
        counts = row["colour"], row["warnings"], row["red_warnings"], row["days_past_due"], row["exposure_minor"]
        assert counts == (max(colours), len(colours), colours.count("red"), days, exposure), name


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
        "place": 1, "borrower_id": "B", "colour": "amber", "warnings": 4, "red_warnings": 0, "overdue": 0, "exposure_minor": 16,
        "days_past_due": 9, "respond_by": D, "owner": "urgent desk",
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
