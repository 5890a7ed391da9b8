"""The book by product, partner and pool."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

BAD = ("substandard", "doubtful", "loss")


def portfolio(loan_day: DataFrame, loan_class: DataFrame, watch_list: DataFrame) -> DataFrame:
    """`report.portfolio`: one row per cut, its value and currency; every cut sums to the whole."""
    cuts = F.array(
        F.struct(F.lit("all").alias("cut"), F.lit("all").alias("cut_value")),
        *[F.struct(F.lit(cut).alias("cut"), F.col(name).alias("cut_value"))
          for cut, name in (("product", "product"), ("partner", "partner_id"), ("pool", "pool_id"))],
    )  # fmt: skip
    return (
        loan_day.join(loan_class.select("loan_id", "five_class"), on="loan_id", how="left")
        .join(watch_list.select("loan_id", "colour"), on="loan_id", how="left")
        .withColumn("of", F.explode(cuts))
        .groupBy("of.cut", "of.cut_value", "currency")
        .agg(*_measures())
        .withColumn("npl_bp", F.expr("10000 * bad_minor div nullif(exposure_minor, 0)"))
        .drop("bad_minor")
    )


def _measures() -> list[Column]:
    days, own = F.col("days_past_due"), F.col("own_days_past_due")
    own_unknown = F.max(own.isNull())
    return [
        F.count(F.lit(1)).alias("loans"),
        F.sum("balance_minor").alias("exposure_minor"),
        F.coalesce(F.sum("arrears_minor"), F.lit(0)).alias("arrears_minor"),
        _exposure(days.isNull()).alias("exposure_unknown_minor"),
        *[_exposure(days > limit).alias(f"exposure_{limit + 1}_plus_minor") for limit in (0, 30, 90)],
        F.when(~own_unknown, _exposure(own > 30)).alias("own_exposure_31_plus_minor"),
        F.sum((F.coalesce("colour", F.lit("")) == "red").cast("int")).alias("red_loans"),
        F.sum((F.coalesce("colour", F.lit("")) == "amber").cast("int")).alias("amber_loans"),
        _exposure(F.col("five_class").isin(*BAD)).alias("bad_minor"),
    ]


def _exposure(holds: Column) -> Column:
    return F.sum(F.when(holds, F.col("balance_minor")).otherwise(0))
