"""The secured loans by what secures them: kind, region, LTV and age of the valuation."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.codes import LTV_BANDS, LTV_EDGES_BP, VALUATION_AGES, VALUATION_EDGES_DAYS

NOWHERE = "-"
MORE_LIKELY_BP = 5_000  # than not


def collateral(loan_day: DataFrame, loan_cover: DataFrame, allocation: DataFrame, asset_value: DataFrame) -> DataFrame:
    """`report.collateral`: one row per kind, region, currency, LTV band and age band; a loan counts where its dearest asset is."""
    dearest = F.max_by(F.struct("kind", "region"), F.struct(F.coalesce("value_minor", F.lit(-1)), "asset_id"))
    where = (
        allocation.join(asset_value.select("asset_id", "kind", "region", "value_minor"), on="asset_id", how="left")
        .groupBy("loan_id").agg(dearest.alias("main"))
        .select("loan_id", "main.kind", F.coalesce("main.region", F.lit(NOWHERE)).alias("region"))
    )  # fmt: skip
    ltv = F.when(F.col("cover_minor") == 0, LTV_BANDS.words[-2]).otherwise(band(F.col("ltv_bp"), LTV_EDGES_BP, LTV_BANDS.words))
    return (
        loan_cover.join(loan_day.select("loan_id", "currency", "balance_minor"), on="loan_id", how="inner")
        .join(where, on="loan_id", how="left")
        .withColumns({
            "ltv_band": ltv,
            "valuation_band": band(F.col("valuation_age_days"), VALUATION_EDGES_DAYS, VALUATION_AGES.words),
        })
        .groupBy("kind", "region", "currency", "ltv_band", "valuation_band")
        .agg(
            F.count(F.lit(1)).alias("loans"),
            F.sum("balance_minor").alias("exposure_minor"),
            *(F.coalesce(F.sum(name), F.lit(0)).alias(name) for name in ("shortfall_minor", "prudent_shortfall_minor")),
            F.count(F.when(F.col("shortfall_probability_bp") > MORE_LIKELY_BP, 1)).alias("likely_short_loans"),
        )
    )  # fmt: skip


def band(value: Column, edges: Sequence[int], words: Sequence[str]) -> Column:
    """The first band whose edge the value does not exceed, the one beyond them, or the last word for none."""
    *within, beyond, none = words
    found = F.when(value.isNull(), none)
    for edge, word in zip(edges, within, strict=True):
        found = found.when(value <= edge, word)
    return found.otherwise(beyond)
