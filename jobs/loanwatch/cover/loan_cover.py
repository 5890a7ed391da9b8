"""Whether the pledged assets cover each secured loan."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def loan_cover(loan_day: DataFrame, pledge: DataFrame, asset_value: DataFrame) -> DataFrame:
    """`cover.loan_cover`: one row per secured loan of the day.

    Unknown as soon as one asset has no value, a value in another currency, or a prior claim that is not known:
    at rank 1 nothing is prior, behind it a missing claim is never zero.
    """
    prior = F.coalesce("prior_claims_minor", F.when(F.col("lien_rank") == 1, 0))
    values = asset_value.select(
        "asset_id", "value_minor", "recorded_minor", "valuation_age_days", "unknown_because",
        F.col("currency").alias("value_currency"),
    )  # fmt: skip
    foreign = F.col("value_currency") != F.col("currency")
    why = F.coalesce(
        F.concat(F.col("asset_id"), F.lit(": "), F.col("unknown_because")),
        F.when(foreign, F.concat(F.col("asset_id"), F.lit(": valued in another currency"))),
        F.when(prior.isNull(), F.concat(F.col("asset_id"), F.lit(": prior claims not known"))),
    )
    return (
        pledge.where("active")
        .join(loan_day.select("loan_id", "balance_minor", "currency"), on="loan_id", how="inner")
        .join(values, on="asset_id", how="left")
        .withColumns({"prior": prior, "why": why})
        .groupBy("loan_id", "balance_minor")
        .agg(
            F.count(F.lit(1)).alias("assets"),
            F.sum("value_minor").alias("value_sum"), F.sum("recorded_minor").alias("recorded_sum"),
            F.sum("prior").alias("prior_sum"), F.max("valuation_age_days").alias("valuation_age_days"),
            F.min("why").alias("unknown_because"), F.max("lien_rank").alias("lien_rank"),
        )
        .select(*_cover())
    )  # fmt: skip


def _cover() -> list[Column | str]:
    known = F.col("unknown_because").isNull()
    claims = F.col("balance_minor") + F.col("prior_sum")
    return [
        "loan_id", "assets",
        F.when(known, claims).alias("claims_minor"),
        F.when(known, F.col("prior_sum")).alias("prior_minor"),
        F.when(known, F.col("value_sum")).alias("cover_minor"),
        F.when(known, F.greatest(claims - F.col("value_sum"), F.lit(0))).alias("shortfall_minor"),
        "lien_rank",
        F.when(known, F.expr("10000 * (balance_minor + prior_sum) div nullif(value_sum, 0)")).alias("ltv_bp"),
        F.when(known, F.expr("10000 * value_sum div nullif(recorded_sum, 0) - 10000")).alias("value_change_bp"),
        "valuation_age_days", "unknown_because",
    ]  # fmt: skip
