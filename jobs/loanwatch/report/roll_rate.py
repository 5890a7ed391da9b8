"""How loans moved between two month-ends, by the borrower's own clock."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from loanwatch.gaps import partner_of

FROM = ["partner_id", "product", "currency", "status_before"]
LEFT, NEW = "left", "new"


def roll_rate(loan_day: DataFrame, loan: DataFrame, loan_month: DataFrame, loan_month_month_ends: DataFrame) -> DataFrame:
    """`report.roll_rate`: loans and balance by their status at this month-end and the one before."""
    of_loan = loan_day.select("loan_id", "partner_id", "product", "currency", "balance_minor")
    gone = loan.select("loan_id", partner_of(F.col("loan_id")).alias("partner_of"), F.col("product").alias("product_of"),
                       F.col("currency").alias("currency_of"))  # fmt: skip
    before, now = (
        rows.where("own_statuses is not null").select("loan_id", F.substring("own_statuses", 1, 1).alias(name))
        for rows, name in ((loan_month_month_ends, "before"), (loan_month, "now"))
    )
    moved = (
        now.join(before, on="loan_id", how="full")
        .join(of_loan, on="loan_id", how="left")
        .join(gone, on="loan_id", how="left")
        .select(
            *[F.coalesce(name, f"{name.removesuffix('_id')}_of").alias(name) for name in FROM[:3]],
            F.coalesce("before", F.lit(NEW)).alias("status_before"), F.coalesce("now", F.lit(LEFT)).alias("status_now"),
            F.coalesce("balance_minor", F.lit(0)).alias("balance_minor"),
        )
    )  # fmt: skip
    of_status = Window.partitionBy(*FROM)
    return (
        moved.groupBy(*FROM, "status_now")
        .agg(F.count(F.lit(1)).alias("loans"), F.sum("balance_minor").alias("exposure_minor"))
        .withColumn("whole", F.sum("loans").over(of_status))
        .select(*FROM, "status_now", "loans", "exposure_minor", F.expr("10000 * loans div whole").alias("share_bp"))
    )
