"""Indicators per loan."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.derive.plan import distinct_measures, measured, projected
from loanwatch.derive.tables import LOAN_INDICATORS


def loan_indicator(loan_day: DataFrame, loan_cover: DataFrame, repayment: DataFrame, as_of: date) -> DataFrame:
    """`derive.loan_indicator`: one row per loan of the day."""
    measures = distinct_measures(LOAN_INDICATORS)
    sums = measured(repayment, "loan_id", measures, as_of)
    secured = F.col("assets").isNotNull()
    valuation_gap = F.when(secured & F.col("unknown_because").isNotNull(), "absent").otherwise("none")
    wide = (
        loan_day.join(loan_cover, on="loan_id", how="left")
        .join(sums, on="loan_id", how="left")
        .fillna(0, [measure.name for measure in measures])
        .withColumns({"secured": secured, "valuation_gap": valuation_gap})
    )
    keys = ["loan_id", "borrower_id", "partner_id", "product", "currency", "status", "secured"]
    return wide.select(*keys, "repayment_gap", "valuation_gap", *projected(LOAN_INDICATORS, as_of))
