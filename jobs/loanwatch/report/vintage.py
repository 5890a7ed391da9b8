"""What has become of the loans of each month of origination."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.gaps import partner_of

COHORT = ["partner_id", "product", "currency", "opened_month"]


def vintage(loan: DataFrame, loan_day: DataFrame, as_of: date) -> DataFrame:
    """`report.vintage`: one row per partner, product, currency and month of origination at a month-end.

    Over all loans that were opened, those long repaid among them; past due by the borrower's own clock.
    """
    on_book = loan_day.select("loan_id", "balance_minor", "own_days_past_due")
    own, balance = F.col("own_days_past_due"), F.col("balance_minor")
    late = {
        f"{kind}_{limit + 1}_plus_{unit}": F.sum(F.when(own > limit, amount).otherwise(0))
        for limit in (30, 90)
        for kind, unit, amount in (("loans", "count", F.lit(1)), ("exposure", "minor", balance))
    }
    opened = loan.where(F.col("opened_on") <= F.lit(as_of))
    return (
        opened.withColumns({"partner_id": partner_of(F.col("loan_id")), "opened_month": F.trunc("opened_on", "month")})
        .join(on_book, on="loan_id", how="left")
        .groupBy(*COHORT)
        .agg(
            F.count(F.lit(1)).alias("loans"),
            F.sum("principal_minor").alias("principal_minor"),
            F.coalesce(F.sum(balance), F.lit(0)).alias("exposure_minor"),
            *[total.alias(name.replace("_count", "")) for name, total in late.items()],
            F.sum((balance.isNotNull() & own.isNull()).cast("int")).alias("loans_unknown"),
        )
        .select(
            *COHORT, F.months_between(F.lit(as_of.replace(day=1)), "opened_month").cast("int").alias("months_on_book"),
            "loans", "principal_minor", "exposure_minor", "loans_31_plus", "exposure_31_plus_minor", "loans_91_plus",
            "exposure_91_plus_minor", "loans_unknown",
            F.expr("10000 * exposure_31_plus_minor div nullif(principal_minor, 0)").alias("share_31_plus_bp"),
        )
    )  # fmt: skip
