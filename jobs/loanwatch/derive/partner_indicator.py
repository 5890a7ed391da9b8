"""Indicators per partner: those of pools over all its loans, and how well it delivers."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.derive import pool
from loanwatch.derive.group_book import group_book
from loanwatch.derive.plan import projected
from loanwatch.derive.pool_indicator import GAPS, beside

DELIVERED_DAYS = 30


def partner_indicator(
    loan_day: DataFrame,
    loan_class: DataFrame,
    loan_month_month_ends: DataFrame,
    reconciliation: DataFrame,
    repayment: DataFrame,
    loan_event: DataFrame,
    partner_indicator_month_ends: DataFrame,
    delivery: DataFrame,
    as_of: date,
) -> DataFrame:
    """`derive.partner_indicator`: one row per partner with a loan of the day."""
    book = group_book(loan_day, loan_class, loan_month_month_ends, repayment, loan_event, "partner_id", as_of)
    whole = loan_day.agg(F.sum("balance_minor").alias("book_minor"))
    pools = loan_day.groupBy("partner_id").agg(F.countDistinct("pool_id").alias("pools"))
    wide = (
        beside(book, reconciliation, partner_indicator_month_ends, "partner_id")
        .join(pools, on="partner_id", how="left")
        .join(_delivered(delivery, as_of), on="partner_id", how="left")
        .join(F.broadcast(whole), how="cross")
        .fillna(0, ["rejected_30d", "delivered_30d"])
    )
    return wide.select("partner_id", "currency", *GAPS, *projected(pool.PARTNER_INDICATORS, as_of))


def _delivered(delivery: DataFrame, as_of: date) -> DataFrame:
    """One row per sender: how far behind each daily feed is, and what came in 30 days."""
    lately = F.datediff(F.lit(as_of), "business_on") < DELIVERED_DAYS
    behind = [
        F.datediff(F.lit(as_of), F.max(F.when(F.col("feed") == feed, F.col("business_on")))).alias(f"{feed}_days_behind")
        for feed in ("repayment", "behaviour")
    ]
    return delivery.groupBy(F.col("sender").alias("partner_id")).agg(
        *behind,
        F.sum(F.when(lately, F.col("rows_rejected")).otherwise(0)).alias("rejected_30d"),
        F.sum(F.when(lately, F.col("rows_in")).otherwise(0)).alias("delivered_30d"),
    )
