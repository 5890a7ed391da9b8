"""The watch list: one row a warned loan, worst first, with what happened and what to do in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flag.test_rules import load_in_force
from frames import frame

from loanwatch.admit.feeds import PLEDGE
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.cover.tables import LOAN_COVER
from loanwatch.flag.tables import VERDICT, WARNING
from loanwatch.queue.tables import REVIEW_ITEM
from loanwatch.report.watch_list import watch_list

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

D = date(2025, 3, 1)
Rows = Sequence[dict[str, Any]]
RULES = load_in_force(
    {"id": "A"}, {"id": "B", "do": {"owner": "desk", "within_days": 9, "en": "Value", "zh": "估值"}}, {"id": "C"},
    {"id": "MANY", "subject": "borrower", "amber": "loans > 1", "red": None, "says": {"en": "x", "zh": "x"}},
)  # fmt: skip


def performed(
    spark: SparkSession, warnings: Rows, loans: Rows, verdicts: Rows = (), covers: Rows = (), queue: Sequence[str] = (),
    pledges: Rows = (),
) -> list[Row]:
    """The step's rows; `queue` are the borrowers in the order of the queue."""
    classes = [{"loan_id": row["loan_id"], "five_class": "doubtful"} for row in loans]
    items = [{"borrower_id": name, "place": place} for place, name in enumerate(queue, start=1)]
    found = watch_list(
        frame(spark, WARNING, warnings), frame(spark, VERDICT, verdicts), frame(spark, REVIEW_ITEM, items),
        frame(spark, LOAN_DAY, loans), frame(spark, LOAN_CLASS, classes), frame(spark, LOAN_COVER, covers),
        frame(spark, PLEDGE, pledges), RULES,
    )  # fmt: skip
    return sorted(found.collect(), key=lambda row: row["place"])


def warned(on: str, rule: str, colour: str = "amber", **given: Any) -> dict[str, Any]:
    subject = {"subject": "borrower" if rule == "MANY" else "loan", "subject_id": on}
    says = {"says_en": f"{rule} of {on}", "says_zh": f"{on}：{rule}"}
    return {"rule_id": rule, **subject, "state": "open", "colour": colour, "opened_on": D, **says, **given}


def test_loans_stand_in_the_order_of_the_queue_and_of_a_borrower_by_colour_and_size(spark: SparkSession) -> None:
    """Columns: borrower, colours of the warnings, balance; listed worst first, given the other way round; SMALL is no item."""
    worst_first: list[tuple[str, str, list[str], int]] = [
        ("P01:z_first", "Z", ["amber"], 1),
        ("P01:red", "Y", ["amber", "red"], 1),
        ("P01:larger", "Y", ["amber", "amber", "amber"], 11),
        ("P01:a_tie", "Y", ["amber"], 10),
        ("P01:b_tie", "Y", ["amber", "amber"], 10),
        ("P01:a_last", "X", ["red"], 99),
        ("P01:small", "SMALL", ["red"], 99),
    ]
    warnings = [warned(name, rule, colour) for name, _, told, _ in worst_first for rule, colour in zip("ABC", told, strict=False)]
    loans = [{"loan_id": name, "borrower_id": whose, "balance_minor": owed} for name, whose, _, owed in worst_first]
    found = performed(spark, warnings[::-1], loans[::-1], queue=("Z", "Y", "X"))
    assert [(row["place"], row["loan_id"], row["colour"]) for row in found] == [
        (place, name, max(told)) for place, (name, _, told, _) in enumerate(worst_first, start=1)
    ]
    assert [row["queue_place"] for row in found] == [1, 2, 2, 2, 2, 3, None]


def test_a_warning_on_an_asset_is_on_each_loan_that_it_secures(spark: SparkSession) -> None:
    on_asset = {"subject": "asset", "subject_id": "P01:A"}
    pledges = [{"loan_id": f"P01:{name}", "asset_id": "P01:A", "active": name != "released"} for name in ("1", "2", "released")]
    loans = [{"loan_id": f"P01:{name}"} for name in ("1", "2", "released")]
    found = performed(spark, [{**warned("", "B"), **on_asset}], loans, pledges=pledges)
    assert [(row["loan_id"], row["rules"]) for row in found] == [("P01:1", ["B"]), ("P01:2", ["B"])]


def test_a_row_says_why_since_when_what_to_do_and_what_is_unknown(spark: SparkSession) -> None:
    one, two = {"loan_id": "P01:1", "borrower_id": "X"}, {"loan_id": "P01:2", "borrower_id": "X"}
    found = performed(
        spark,
        [warned("P01:1", "A", opened_on=D - timedelta(9)), warned("P01:1", "B", "red"), warned("X", "MANY"),
         warned("P01:1", "C", "red", state="cleared", opened_on=D - timedelta(99)), warned("P01:9", "A", "red")],
        [{**one, "days_past_due": 3, "own_days_past_due": None, "balance_minor": 7}, two, {"loan_id": "P01:calm"}],
        [{"subject": "loan", "subject_id": "P01:1", "unknown": [0b101]}, {"subject": "loan", "subject_id": "P01:2"}],
        [{"loan_id": "P01:1", "ltv_bp": 8000}],
    )  # fmt: skip
    first, second = (row.asDict() for row in found)
    says = {
        "place": 1, "loan_id": "P01:1", "colour": "red", "rules": ["B", "A", "MANY"],
        "reasons_en": ["B of P01:1", "A of P01:1", "MANY of X"], "reasons_zh": ["P01:1：B", "P01:1：A", "X：MANY"],
        "actions_en": ["Value", "Call"], "actions_zh": ["估值", "致电"], "open_since": D - timedelta(9),
        "days_past_due": 3, "own_days_past_due": None, "exposure_minor": 7, "five_class": "doubtful", "ltv_bp": 8000,
        "unknown_rules": ["A", "C"],
    }  # fmt: skip
    assert {name: first[name] for name in says} == says
    assert (second["loan_id"], second["colour"], second["rules"]) == ("P01:2", "amber", ["MANY"])
    assert (second["ltv_bp"], second["unknown_rules"]) == (None, [])


def test_what_waits_or_is_hidden_is_not_listed_what_is_curing_says_so(spark: SparkSession) -> None:
    warnings = [
        warned("P01:1", "A", state="held"), warned("P01:1", "B", state="pending"), warned("P01:1", "C", hidden="snoozed"),
        warned("P01:2", "A", "amber", shown_colour="red"), warned("P01:2", "B", state="curing"),
        warned("P01:2", "C", hidden="dismissed"),
    ]  # fmt: skip
    (row,) = performed(spark, warnings, [{"loan_id": "P01:1"}, {"loan_id": "P01:2"}])
    assert (row["loan_id"], row["colour"], row["rules"], row["curing_rules"]) == ("P01:2", "red", ["A", "B"], ["B"])


def test_a_rule_that_is_unknown_for_the_borrower_is_unknown_for_its_loans(spark: SparkSession) -> None:
    loans = [{"loan_id": "P01:1", "borrower_id": "X"}]
    (row,) = performed(spark, [warned("P01:1", "A")], loans, [{"subject": "borrower", "subject_id": "X", "unknown": [0b1]}])
    assert row["unknown_rules"] == ["MANY"]
