"""Warnings about data: one row a source, gap, partner and rule, however many subjects it leaves without an answer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flag.test_rules import load_in_force
from frames import frame

from loanwatch.balance.tables import LOAN_DAY
from loanwatch.derive.tables import (
    ASSET_INDICATOR,
    BORROWER_INDICATOR,
    LOAN_INDICATOR,
    PARTNER_INDICATOR,
    POOL_INDICATOR,
)
from loanwatch.flag.data_warning import data_warning
from loanwatch.flag.tables import DATA_WARNING, VERDICT, WARNING
from loanwatch.flag.verdict import verdict

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
YESTERDAY = D - timedelta(1)
SAYS = {"says": {"en": "x", "zh": "x"}}
RULES = load_in_force(
    {"id": "DPD"}, {"id": "SHADOW", "status": "shadow"}, {"id": "LTV", "applies": "secured", "amber": "ltv_bp > 8000", "red": None},
    {"id": "INFLOW", "subject": "borrower", "amber": "inflow_kept_bp < 5000", "red": None, **SAYS},
)  # fmt: skip
WHOLE = {"repayment_gap": "none", "schedule_gap": "none", "payer_gap": "none"}


def loan(number: int, partner: str = "P01", borrower: str | None = None, **given: Any) -> dict[str, Any]:
    known = {"days_past_due": 0, "ltv_bp": 1, "secured": True, "valuation_gap": "none", **WHOLE}
    return {"loan_id": f"{partner}:{number}", "partner_id": partner, "borrower_id": borrower or f"b{number}", **known, **given}


def test_what_is_unknown_is_counted_by_cause(spark: SparkSession) -> None:
    late, absent = {"days_past_due": None, "repayment_gap": "late"}, {"ltv_bp": None, "valuation_gap": "absent"}
    loans = [
        loan(1, **late), loan(2, **late, **absent), loan(3, **late, schedule_gap="absent"), loan(4), loan(5, "P02", "b4", **absent),
        loan(6, "P02", secured=None), loan(7, "P02", secured=False, **absent), loan(8, "P02", "b4"),
    ]  # fmt: skip
    people = [{"borrower_id": f"b{n}", **WHOLE, "activity_gap": "none", "incident_gap": "none", "inflow_kept_bp": 9000}
              for n in (1, 2, 3, 4, 6, 7)]  # fmt: skip
    people[3] |= {"activity_gap": "no_basis", "inflow_kept_bp": None}
    held = {"subject": "loan", "state": "open", "unknown_since": YESTERDAY}
    warnings = [
        {**held, "rule_id": "DPD", "subject_id": "P01:1"}, {**held, "rule_id": "DPD", "subject_id": "P01:2", "state": "curing"},
        {**held, "rule_id": "DPD", "subject_id": "P01:3", "state": "pending"}, {**held, "rule_id": "LTV", "subject_id": "P02:5"},
        {**held, "rule_id": "DPD", "subject_id": "P01:4", "unknown_since": None},
    ]  # fmt: skip
    before = [{"source": "repayment_gap", "gap": "late", "partner_id": "P01", "rule_id": "DPD", "since": YESTERDAY},
              {"source": "valuation_gap", "gap": "late", "partner_id": "P01", "rule_id": "LTV", "since": YESTERDAY}]  # fmt: skip
    frames = frame(spark, LOAN_INDICATOR, loans), frame(spark, BORROWER_INDICATOR, people)
    loan_day = frame(spark, LOAN_DAY, [{k: row[k] for k in ("loan_id", "partner_id", "borrower_id")} for row in loans])
    frames += tuple(frame(spark, table, []) for table in (ASSET_INDICATOR, POOL_INDICATOR, PARTNER_INDICATOR))
    masks = frame(spark, VERDICT, [row.asDict() for row in verdict(*frames, RULES).collect()])
    rows = data_warning(
        *frames, masks, frame(spark, WARNING, warnings), frame(spark, DATA_WARNING, before), loan_day, RULES, D
    ).collect()
    names = ("source", "gap", "partner_id", "rule_id", "since", "unknown_subjects", "subjects", "warnings")
    assert sorted(tuple(row[name] for name in names) for row in rows) == [
        ("activity_gap", "no_basis", "P01", "INFLOW", D, 1, 4, 0),
        ("activity_gap", "no_basis", "P02", "INFLOW", D, 1, 3, 0),
        ("none", "none", "P02", "LTV", D, 1, 4, 0),
        ("repayment_gap", "late", "P01", "DPD", YESTERDAY, 3, 4, 2),
        ("schedule_gap", "absent", "P01", "DPD", D, 1, 4, 0),
        ("valuation_gap", "absent", "P01", "LTV", D, 1, 4, 0),
        ("valuation_gap", "absent", "P02", "LTV", D, 1, 4, 1),
    ]
