"""What changed since the parent release: by the worst open colour of a loan or borrower."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from frames import frame

from loanwatch.flag.tables import LEFT, WARNING, WARNING_EVENT
from loanwatch.report.change import change

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Warnings = list[tuple[str, ...]]
AMBER, RED = ("A", "open", "amber"), ("A", "open", "red")
SNOOZED, SNOOZED_RED = (*AMBER, "amber", "snoozed"), (*RED, "red", "snoozed")


def test_what_became_of_a_subject(spark: SparkSession) -> None:
    """Columns: warnings before and now as (rule, state, colour), then the change."""
    cases: list[tuple[str, Warnings, Warnings, tuple[str, str | None, str | None] | None]] = [
        ("new", [], [AMBER], ("new", None, "amber")),
        ("new_red", [], [RED], ("new", None, "red")),
        ("worse", [AMBER], [RED], ("worse", "amber", "red")),
        ("better", [RED], [AMBER], ("better", "red", "amber")),
        ("cleared", [RED], [("A", "cleared", "red")], ("cleared", "red", None)),
        ("cleared_amber", [AMBER], [("A", "cleared", "amber")], ("cleared", "amber", None)),
        ("same", [AMBER], [AMBER], None),
        ("same_red", [RED], [RED], None),
        ("again", [("A", "cleared", "red")], [AMBER], ("new", None, "amber")),
        ("long_over", [("A", "cleared", "red")], [], None),
        ("one_more", [AMBER], [AMBER, ("B", "open", "amber")], None),
        ("one_more_red", [AMBER], [AMBER, ("B", "open", "red")], ("worse", "amber", "red")),
        ("red_goes_amber_stays", [RED, ("B", "open", "amber")], [("A", "cleared", "red"), ("B", "open", "amber")],
         ("better", "red", "amber")),
        ("curing", [AMBER], [("A", "curing", "amber")], None),
        ("pending", [], [("A", "pending", "red")], None),
        ("held", [], [("A", "held", "red")], None),
        ("released", [("A", "held", "red")], [RED], ("new", None, "red")),
        ("snoozed", [AMBER], [SNOOZED], ("hidden", "amber", None)),
        ("snoozed_red", [RED, ("B", "open", "amber")], [SNOOZED_RED, ("B", "open", "amber")], ("hidden", "red", "amber")),
        ("eased_and_snoozed", [RED], [SNOOZED], ("hidden", "red", None)),
        ("still_snoozed", [SNOOZED], [SNOOZED], None),
        ("shown_again", [SNOOZED], [AMBER], ("shown", None, "amber")),
        ("shown_and_worse", [SNOOZED], [RED], ("worse", None, "red")),
        ("shown_and_better", [SNOOZED_RED], [AMBER], ("shown", None, "amber")),
        ("ended_while_snoozed", [SNOOZED], [("A", "cleared", "amber")], None),
        ("milder_by_people", [RED], [(*RED, "amber")], ("hidden", "red", "amber")),
        ("redder_by_people", [AMBER], [(*AMBER, "red")], ("shown", "amber", "red")),
        ("another_red", [RED, ("B", "open", "amber")], [("A", "cleared", "red"), ("B", "open", "red")], None),
    ]  # fmt: skip

    def warnings(of: dict[str, Warnings]) -> DataFrame:
        rows = [(name, *warning) for name, given in of.items() for warning in given]
        names = "subject_id", "rule_id", "state", "colour", "shown_colour", "hidden"
        return frame(spark, WARNING, [{"subject": "loan", **dict(zip(names, row, strict=False))} for row in rows])

    before, now = {name: before for name, before, *_ in cases}, {name: now for name, _, now, _ in cases}
    found = change(warnings(now), warnings(before), frame(spark, WARNING_EVENT, []))
    got = {row["subject_id"]: (row["change"], row["colour_before"], row["colour_now"]) for row in found.collect()}
    assert got == {name: expected for name, _, _, expected in cases if expected}


def test_a_change_names_the_rules_that_changed_of_its_own_subject(spark: SparkSession) -> None:
    now = [{"subject": subject, "subject_id": "X", "state": "open", "colour": "red"} for subject in ("loan", "borrower")]
    events = [("loan", "X", "B"), ("loan", "X", "A"), ("loan", "Y", "C")]
    event_rows = [{"subject": subject, "subject_id": name, "rule_id": rule} for subject, name, rule in events]
    found = change(frame(spark, WARNING, now), frame(spark, WARNING, []), frame(spark, WARNING_EVENT, event_rows)).collect()
    assert {(row["subject"], row["subject_id"]): row["rules"] for row in found} == {
        ("loan", "X"): ["A", "B"], ("borrower", "X"): [],
    }  # fmt: skip


def test_who_left_the_book_is_not_cleared(spark: SparkSession) -> None:
    def warned(name: str, state: str, because: str | None = None) -> dict[str, Any]:
        return {"subject": "loan", "subject_id": name, "rule_id": "A", "state": state, "colour": "red", "ended_because": because}

    before = frame(spark, WARNING, [warned("gone", "open"), warned("cured", "open")])
    cured = warned("cured", "cleared", "the exit condition held")
    now = frame(spark, WARNING, [warned("gone", "cleared", f"{LEFT}: repaid"), cured])
    found = change(now, before, frame(spark, WARNING_EVENT, [])).collect()
    assert {row["subject_id"]: row["change"] for row in found} == {"gone": "left", "cured": "cleared"}
