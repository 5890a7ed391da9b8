"""Indicators per loan."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.derive.plan import distinct_measures, measured, projected
from loanwatch.derive.tables import LOAN_INDICATORS
from loanwatch.gaps import absent_where


def loan_indicator(loan_day: DataFrame, loan_cover: DataFrame, repayment: DataFrame, as_of: date) -> DataFrame:
    """`derive.loan_indicator`: one row per loan of the day."""
    measures = distinct_measures(LOAN_INDICATORS)
    sums = measured(repayment, "loan_id", measures, as_of)
    secured = F.col("assets").isNotNull()
    gaps = {
        "schedule_gap": absent_where(F.col("days_past_due").isNull()),
        "payer_gap": absent_where(F.col("own_paid_minor").isNull()),
        "valuation_gap": absent_where(secured & F.col("unknown_because").isNotNull()),
    }
    wide = (
        loan_day.join(loan_cover, on="loan_id", how="left")
        .join(sums, on="loan_id", how="left")
        .fillna(0, [measure.name for measure in measures])
        .withColumns({"secured": secured, **gaps})
    )
    keys = ["loan_id", "borrower_id", "partner_id", "product", "currency", "status", "secured"]
    return wide.select(*keys, "repayment_gap", *gaps, *projected(LOAN_INDICATORS, as_of))
