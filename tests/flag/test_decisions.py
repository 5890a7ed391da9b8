"""What people decided, as truth tables: one warning a row, its reviews, and what they make of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flag.nights import reviewed, rules_of
from frames import frame

from loanwatch.admit.monitoring_feeds import REVIEW
from loanwatch.flag.decisions import decided
from loanwatch.flag.label import label
from loanwatch.flag.stray_review import stray_review
from loanwatch.flag.tables import LABEL, STORM, WARNING
from loanwatch.flag.warning_columns import DECIDED

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 10)
LIVED = [name for name in WARNING.names if name not in {column.name for column in DECIDED}]
UNDECIDED = ("hidden", "override_colour", "shown_colour", "answered_on", "confirmed_on", "overdue")


def ago(days: int) -> date:
    return D - timedelta(days)


def warned(name: str, **given: Any) -> dict[str, Any]:
    dates = {"opened_on": ago(9), "coloured_on": ago(5), "worsened_on": ago(5), "respond_by": ago(2)}
    of = {"rule_id": "R0", "subject": "loan", "subject_id": name, "state": "open", "colour": "amber"}
    return {**of, **dates, **given}


def test_what_decisions_make_of_a_warning(spark: SparkSession) -> None:
    """Columns: the warning, its reviews as (days ago, decision, what else), then what differs from an undecided one."""
    none = dict.fromkeys(UNDECIDED) | {"shown_colour": "amber", "overdue": True}
    answered = {"answered_on": ago(4), "overdue": False}
    later, yesterday = {"expires_on": D + timedelta(9)}, {"expires_on": ago(1)}
    to_red, to_amber = ({"colour": colour, **later} for colour in ("red", "amber"))
    red = {"colour": "red"}
    cases: list[tuple[str, dict[str, Any], list[tuple[int, str, dict[str, Any]]], dict[str, Any]]] = [
        ("undecided", {}, [], {}),
        ("in_time", {"respond_by": D}, [], {"overdue": False}),
        ("not_asked", {"respond_by": None}, [], {"overdue": False}),
        ("snoozed", {}, [(4, "snooze", later)], {"hidden": "snoozed", **answered}),
        ("until_today", {}, [(4, "snooze", {"expires_on": D})], {"hidden": "snoozed", **answered}),
        ("until_yesterday", {}, [(4, "snooze", yesterday)], answered),
        ("worse_since", {}, [(6, "snooze", later)], {}),
        ("on_the_day", {}, [(5, "snooze", later)], {"hidden": "snoozed", "answered_on": ago(5), "overdue": False}),
        ("of_one_before", {}, [(10, "snooze", later)], {}),
        ("dismissed", {}, [(4, "dismiss", {})], {"hidden": "dismissed", **answered}),
        ("dismissed_until", {}, [(4, "dismiss", yesterday)], answered),
        ("dismissed_and_worse", {}, [(6, "dismiss", {})], {}),
        ("confirmed", {}, [(4, "confirm", {})], {"confirmed_on": ago(4), **answered}),
        ("late", {}, [(1, "confirm", {})], {"confirmed_on": ago(1), "answered_on": ago(1)}),
        ("snooze_undone", {}, [(4, "snooze", later), (3, "confirm", {})], {"confirmed_on": ago(3), **answered}),
        ("same_day", {}, [(4, "confirm", {}), (4, "snooze", later)], {"confirmed_on": ago(4), "hidden": "snoozed", **answered}),
        ("redder", {}, [(4, "recolour", to_red)], {"override_colour": "red", "shown_colour": "red", **answered}),
        ("milder", red, [(4, "recolour", to_amber)], {"override_colour": "amber", **answered}),
        ("milder_and_worse", red, [(6, "recolour", to_amber)], {"shown_colour": "red"}),
        ("redder_and_worse", {}, [(6, "recolour", to_red)], {"override_colour": "red", "shown_colour": "red"}),
        ("recoloured_until", red, [(4, "recolour", {"colour": "amber", **yesterday})], {"shown_colour": "red", **answered}),
        ("both", {}, [(4, "snooze", later), (3, "recolour", to_red)],
         {"hidden": "snoozed", "override_colour": "red", "shown_colour": "red", **answered}),
        ("pending", {"state": "pending", "respond_by": None}, [(4, "snooze", later)], {"overdue": False}),
        ("cleared", {"state": "cleared", "respond_by": None}, [(4, "snooze", later)], answered),
        ("curing", {"state": "curing"}, [(4, "snooze", later)], {"hidden": "snoozed", **answered}),
        ("class", {}, [(4, "override", later)], {}),
    ]  # fmt: skip
    reviews = [
        reviewed(name, ago(days), decision, n, sender_id=name, **given)
        for name, _, of, _ in cases for n, (days, decision, given) in enumerate(of)
    ]  # fmt: skip
    warnings = [warned(name, **given) for name, given, *_ in cases]
    now = frame(spark, WARNING, warnings).select(*LIVED)
    found = {row["subject_id"]: row for row in decided(now, frame(spark, REVIEW, reviews), D).collect()}
    for name, _, _, differs in cases:
        assert {column: found[name][column] for column in UNDECIDED} == none | differs, name


def test_what_is_remembered_of_decisions_that_hold_no_more(spark: SparkSession) -> None:
    reviews = [
        reviewed("L", ago(8), "snooze", 1, expires_on=ago(2)), reviewed("L", ago(7), "snooze", 2, expires_on=ago(6)),
        reviewed("L", ago(6), "dismiss", 3), reviewed("L", ago(5), "recolour", 4, colour="red", expires_on=D),
    ]  # fmt: skip
    (row,) = decided(frame(spark, WARNING, [warned("L")]).select(*LIVED), frame(spark, REVIEW, reviews), D).collect()
    assert (row["snoozed_until"], row["dismissed_on"], row["override_until"]) == (ago(6), ago(6), D)


def test_a_label_keeps_the_colour_of_its_day(spark: SparkSession) -> None:
    """Columns: colour and its date before and now, the label of the release before, days since the decision, colour then."""
    amber, red = ("amber", ago(5)), ("red", ago(1))
    cases = [
        ("same", amber, amber, None, 3, "amber"), ("risen_since", amber, red, None, 3, "amber"),
        ("risen", amber, red, None, 1, "red"), ("first", None, amber, None, 3, "amber"),
        ("long_ago", amber, red, None, 7, None), ("told", amber, red, "amber", 7, "amber"),
    ]  # fmt: skip
    names = ("colour", "coloured_on")
    before, now = (
        [warned(case[0], **dict(zip(names, case[of], strict=True))) for case in cases if case[of]] for of in (1, 2)
    )
    reviews = [reviewed(name, ago(days), "confirm", sender_id=name, result="paid") for name, *_, days, _ in cases]
    told = [{"sender_id": name, "review_id": "V0001", "colour_then": colour} for name, _, _, colour, *_ in cases if colour]
    frames = frame(spark, WARNING, now), frame(spark, WARNING, before), frame(spark, LABEL, told)
    rows = label(frame(spark, REVIEW, reviews), *frames).collect()
    assert {row["subject_id"]: row["colour_then"] for row in rows} == {name: then for name, *_, then in cases}
    assert {(row["result"], row["opened_on"]) for row in rows} == {("paid", ago(9))}


def test_a_review_of_nothing_is_listed_for_as_long_as_it_could_be_told(spark: SparkSession) -> None:
    rules = rules_of({"cool_down_days": 5})
    warnings = [warned("there"), warned("waits", state="pending"), warned("ended", state="cleared")]
    storms = [{"rule_id": "R0", "partner_id": "P01", "opened_on": ago(3)}]
    storm = {"subject": "rule", "rule_id": None}
    cases = [
        (reviewed("there", ago(4), "snooze"), False), (reviewed("ended", ago(4), "confirm"), False),
        (reviewed("there", ago(5), "approve"), False), (reviewed("nowhere", ago(5), "confirm"), True),
        (reviewed("nowhere", ago(6), "confirm"), False), (reviewed("waits", ago(1), "dismiss"), True),
        (reviewed("there", ago(1), "confirm", rule_id="GONE"), True),
        (reviewed("there", ago(31), "confirm", rule_id="GONE"), False),
        (reviewed("R0@P01", ago(3), "release", **storm), False), (reviewed("R0@all", ago(1), "drop", **storm), False),
        (reviewed("R0@P01", ago(4), "release", **storm), True), (reviewed("R0@P02", ago(1), "drop", **storm), True),
        (reviewed("R0@P02", ago(30), "drop", **storm), False), (reviewed("P01:1", ago(1), "release", **storm), True),
    ]  # fmt: skip
    reviews = [{**row, "review_id": str(n)} for n, (row, _) in enumerate(cases)]
    found = stray_review(frame(spark, REVIEW, reviews), frame(spark, WARNING, warnings), frame(spark, STORM, storms), rules, D)
    assert sorted(int(row["review_id"]) for row in found.collect()) == [n for n, (_, is_stray) in enumerate(cases) if is_stray]
