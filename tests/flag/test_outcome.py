"""Five outcomes, and the life of a warning, as truth tables: one frame, one action."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from flag.test_rules import load_in_force
from frames import frame

from loanwatch.derive.tables import LOAN_INDICATOR
from loanwatch.flag.evidence import raised
from loanwatch.flag.masks import WORD, has, mask
from loanwatch.flag.tables import EVIDENCE, VERDICT, WARNING
from loanwatch.flag.verdict import masks
from loanwatch.flag.warning import warning

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
OUTCOMES = ("amber", "red", "unknown", "not_applicable")


def test_the_outcome_of_a_rule(spark: SparkSession) -> None:
    rules = load_in_force(
        {"id": "A_DPD", "amber": "days_past_due > 0", "red": "days_past_due > 30"},
        {"id": "B_LTV", "applies": "secured", "amber": "ltv_bp > 8000", "red": "ltv_bp > 10000"},
        {"id": "C_EITHER", "amber": "days_past_due > 90 or ltv_bp > 8000", "red": None},
    )
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"days_past_due": 0, "ltv_bp": 5000}, ["clear", "clear", "clear"]),
        ({"days_past_due": 1, "ltv_bp": 8001}, ["amber", "amber", "amber"]),
        ({"days_past_due": 31, "ltv_bp": 10001}, ["red", "red", "amber"]),
        ({"days_past_due": None, "repayment_gap": "late", "ltv_bp": 5000}, ["unknown", "clear", "unknown"]),
        # what is known may be enough
        ({"days_past_due": None, "repayment_gap": "late", "ltv_bp": 9000}, ["unknown", "amber", "amber"]),
        ({"days_past_due": 0, "ltv_bp": None, "valuation_gap": "absent"}, ["clear", "unknown", "unknown"]),
        ({"days_past_due": 0, "ltv_bp": None, "secured": False}, ["clear", "not_applicable", "not_applicable"]),
    ]
    whole = {"repayment_gap": "none", "schedule_gap": "none", "valuation_gap": "none"}
    rows = [{"loan_id": f"P01:{n}", **whole, **given} for n, (given, _) in enumerate(cases)]
    found = {row["subject_id"]: row for row in masks(frame(spark, LOAN_INDICATOR, rows), "loan", rules).collect()}
    for n, (given, expected) in enumerate(cases):
        row = found[f"P01:{n}"]
        got = [next((o for o in OUTCOMES if row[o][0] >> bit & 1), "clear") for bit in range(3)]
        assert got == expected, given


def test_masks_hold_more_rules_than_a_word(spark: SparkSession) -> None:
    from pyspark.sql import functions as F

    bits = [0, WORD - 1, WORD, 2 * WORD + 1]
    holds = [str(i in bits) for i in range(2 * WORD + 2)]
    made = spark.range(1).select(F.expr(mask(holds)).alias("m"))
    row = made.select(*[has(F.col("m"), F.lit(i)) for i in range(2 * WORD + 2)]).first()
    assert row is not None and [i for i, held in enumerate(row) if held] == bits


def test_evidence_says_what_happened_with_the_values_filled_in(spark: SparkSession) -> None:
    says = {"en": "{days_past_due} days, {arrears_minor}, {ltv_bp} (limit {amber})", "zh": "逾期{days_past_due}天"}
    says["en"] += " {value_change_bp}"
    rules = load_in_force({"says": says})
    row = {"days_past_due": 12, "arrears_minor": 1234567, "ltv_bp": None, "value_change_bp": -1234, "repayment_gap": "none"}
    indicators = frame(spark, LOAN_INDICATOR, [{"loan_id": "P01:1", **row}, {"loan_id": "P01:2", **row, "days_past_due": 0}])
    (found,) = raised(indicators, masks(indicators, "loan", rules), "loan", rules).collect()
    assert (found["subject_id"], found["colour"]) == ("P01:1", "amber")
    assert found["says_en"] == "12 days, 12,345.67, ? (limit 0) -12.3%"
    assert found["says_zh"] == "逾期12天"


@pytest.mark.parametrize("after_days", [0, 7])
def test_the_life_of_a_warning(spark: SparkSession, after_days: int) -> None:
    """Columns: before (colour, clearing since), now (mask with a bit, colour of evidence), after (state, colour)."""
    rules = load_in_force({"clear_after_days": after_days})
    long_ago, yesterday = date(2025, 2, 1), date(2025, 2, 28)
    cases: list[tuple[str, tuple[str, date | None] | None, dict[str, Any] | None, str | None, tuple[str, str] | None]] = [
        ("raised", None, {"amber": [1]}, "amber", ("open", "amber")),
        ("still", ("amber", None), {"amber": [1]}, "amber", ("open", "amber")),
        ("worse", ("amber", None), {"red": [1]}, "red", ("open", "red")),
        ("eased", ("red", None), {"amber": [1]}, "amber", ("open", "amber")),
        ("unknown", ("red", None), {"unknown": [1]}, None, ("open", "red")),
        ("exits", ("red", yesterday), {"cleared": [1]}, None, ("cleared" if after_days == 0 else "open", "red")),
        ("exited", ("red", long_ago), {"cleared": [1]}, None, ("cleared", "red")),
        ("left", ("red", None), None, None, ("cleared", "red")),
        ("no_longer", ("red", None), {"not_applicable": [1]}, None, ("cleared", "red")),
        ("nothing", None, {"cleared": [1]}, None, None),
    ]
    key = {"rule_id": "DPD", "subject": "loan"}
    before = [
        {**key, "subject_id": name, "state": "open", "colour": was[0], "clearing_since": was[1]}
        for name, was, *_ in cases if was
    ]  # fmt: skip
    verdicts = [{"subject": "loan", "subject_id": name, **now} for name, _, now, _, _ in cases if now is not None]
    seen = [{**key, "subject_id": name, "colour": colour} for name, _, _, colour, _ in cases if colour]
    found = warning(
        frame(spark, EVIDENCE, seen), frame(spark, VERDICT, verdicts), frame(spark, WARNING, before), rules, D
    ).collect()
    got = {row["subject_id"]: (row["state"], row["colour"]) for row in found}
    assert got == {name: after for name, *_, after in cases if after}
