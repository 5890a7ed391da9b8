"""Five outcomes as truth tables: one frame, one action."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from flag.test_rules import load_in_force
from frames import frame

from loanwatch.derive.tables import BORROWER_INDICATOR, LOAN_INDICATOR
from loanwatch.flag.evidence import raised
from loanwatch.flag.masks import WORD, has, mask
from loanwatch.flag.verdict import masks

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
    rules = load_in_force({"says": says}, {"id": "SHADOW", "status": "shadow", "amber": "days_past_due > 1"})
    row = {"days_past_due": 12, "arrears_minor": 1234567, "ltv_bp": None, "value_change_bp": -1234, "repayment_gap": "none"}
    indicators = frame(spark, LOAN_INDICATOR, [{"loan_id": "P01:1", **row}, {"loan_id": "P01:2", **row, "days_past_due": 0}])
    rows = {row["rule_id"]: row for row in raised(indicators, masks(indicators, "loan", rules), "loan", rules).collect()}
    shadow = rows.pop("SHADOW")
    (found,) = rows.values()
    assert (found["subject_id"], found["colour"]) == ("P01:1", "amber")
    assert found["says_en"] == "12 days, 12,345.67, ? (limit 0) -12.3%"
    assert found["says_zh"] == "逾期12天"
    assert (shadow["subject_id"], shadow["colour"], shadow["says_en"]) == ("P01:1", "amber", None)


def test_evidence_of_some_of_the_rules_goes_by_the_masks_of_these(spark: SparkSession) -> None:
    """As between nights, where only rules about collateral are looked at: they have other places in a night's masks."""
    rules = load_in_force({}, {"id": "LATER", "amber": "days_past_due > 1"})[1:]
    assert rules[0].bit == 1
    indicators = frame(spark, LOAN_INDICATOR, [{"loan_id": "P01:1", "days_past_due": 12, "repayment_gap": "none"}])
    (found,) = raised(indicators, masks(indicators, "loan", rules), "loan", rules).collect()
    assert (found["rule_id"], found["subject_id"], found["colour"]) == ("LATER", "P01:1", "amber")


def test_what_is_missing_for_want_of_consent(spark: SparkSession) -> None:
    """Columns: gaps of activity and repayment, and whether the rule is unknown for want of consent alone."""
    both = {"subject": "borrower", "amber": "inflow_kept_bp < 5000 or worst_own_days_past_due > 1", "red": None,
            "says": {"en": "x", "zh": "x"}}  # fmt: skip
    rules = load_in_force({"id": "A", **both}, {"id": "B", **both, "amber": "worst_own_days_past_due > 1"})
    cases = [("none", "none", 0), ("no_basis", "none", 1), ("no_basis", "late", 0), ("late", "none", 0), ("none", "late", 0)]
    whole = {"payer_gap": "none", "schedule_gap": "none", "incident_gap": "none"}
    rows = [
        {"borrower_id": f"{n}", **whole, "activity_gap": activity, "repayment_gap": repayment}
        for n, (activity, repayment, _) in enumerate(cases)
    ]  # fmt: skip
    found = masks(frame(spark, BORROWER_INDICATOR, rows), "borrower", rules).orderBy("subject_id").collect()
    assert [row["no_basis"][0] for row in found] == [expected for *_, expected in cases]
    assert [row["unknown"][0] & 1 for row in found] == [0, 1, 1, 1, 1]
