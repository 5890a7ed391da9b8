"""How each loan stood at past month-ends, by the borrower's own clock."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch import calendars
from loanwatch.derive.history import KEPT_MONTHS, LATE

DAYS_A_STATUS = 30


def loan_history(loan_day: DataFrame, loan_history_month_ends: DataFrame, as_of: date) -> DataFrame:
    """`derive.loan_history`: one row per loan of the day at the end of a month, none on other dates.

    Each month-end adds a letter to what the one before kept: nothing older is read again.
    """
    if as_of != calendars.month_end(as_of):
        return loan_day.limit(0).select("loan_id", F.lit("").alias("own_statuses"))
    before = loan_history_month_ends.select("loan_id", F.col("own_statuses").alias("before"))
    statuses = F.concat(_status(), F.coalesce("before", F.lit("")))
    rows = loan_day.join(before, on="loan_id", how="left")
    return rows.select("loan_id", F.substring(statuses, 1, KEPT_MONTHS).alias("own_statuses"))


def _status() -> Column:
    days = F.col("own_days_past_due")
    late = F.least(F.ceil(days / DAYS_A_STATUS), F.lit(len(LATE))).cast("string")
    return F.when(days.isNull() | (F.col("repayment_gap") != "none"), "#").when(days > 0, late).otherwise("N")
