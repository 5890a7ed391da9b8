"""Whether the pledged assets cover each secured loan, and how likely they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.cover.normal import below
from loanwatch.proportion import EXACT

if TYPE_CHECKING:
    from loanwatch.settings import Prudence

ONE_OF_TWENTY = 1.6449  # standard deviations below the mean


def loan_cover(loan_day: DataFrame, allocation: DataFrame, asset_value: DataFrame, prudence: Prudence) -> DataFrame:
    """`cover.loan_cover`: one row per secured loan of the day.

    Unknown as soon as of one asset whose lien counts the value, its currency or a prior claim is not known: at rank 1 nothing
    is prior, behind it a missing claim is never zero. Values err together: of their errors `together_bp` is shared.
    """
    of_asset = ("value_minor", "recorded_minor", "fsd_bp", "prudent_minor")
    values = asset_value.select("asset_id", "valuation_age_days", *of_asset)
    counted = {name: F.when(F.col("counts"), F.col(name)) for name in of_asset}
    error = F.call_function("div", F.col("value_minor") * F.col("fsd_bp"), F.lit(10_000)).cast(EXACT)
    claims = (
        allocation.join(values, on="asset_id", how="left")
        .withColumns(counted)
        .withColumns({"why": F.concat("asset_id", F.lit(": "), "unknown_because"), "error": error})
        .groupBy("loan_id")
        .agg(
            F.count(F.lit(1)).alias("assets"),
            *(F.coalesce(F.sum(name), F.lit(0)).alias(name) for name in ("value_minor", "recorded_minor", "prudent_minor")),
            *(F.coalesce(F.sum(name), F.lit(0)).alias(name) for name in ("before_minor", "beside_minor", "allocated_minor")),
            F.sum("error").alias("errors"), F.sum(F.col("error") * F.col("error")).alias("squares"),
            F.when(F.min(F.col("valuation_age_days").isNotNull()), F.max("valuation_age_days")).alias("valuation_age_days"),
            F.min(~F.col("counts") | F.col("recorded_minor").isNotNull()).alias("recorded"), F.min("why").alias("unknown_because"),
            F.max("lien_rank").alias("lien_rank"), F.count(F.when(~F.col("counts"), 1)).alias("uncounted_liens"),
            F.when(F.min(F.col("registered_until").isNotNull()), F.min("registered_until")).alias("registered_until"),
        )
    )  # fmt: skip
    owed = claims.join(loan_day.select("loan_id", "balance_minor"), on="loan_id", how="inner")
    return owed.withColumns({
        "known": F.col("unknown_because").isNull(),
        "claims": F.col("balance_minor") + F.col("before_minor") + F.col("beside_minor"),
        "spread": _spread(prudence.together_bp / 10_000),
    }).select(*_cover())  # fmt: skip


def _spread(together: float) -> Column:
    """Standard deviation of the sum of values, minor units."""
    alone, all_of_it = F.col("squares").cast("double"), F.col("errors").cast("double")
    return F.coalesce(F.sqrt((1 - together) * alone + together * all_of_it * all_of_it), F.lit(0.0))


def _cover() -> list[Column | str]:
    spread, short = F.col("spread"), F.col("claims") - F.col("value_minor")
    chance = F.when(spread > 0, below(short / F.nullif(spread, F.lit(0.0)))).otherwise((short > 0).cast("double"))
    told = {
        "claims_minor": F.col("claims"),
        "prior_minor": F.col("before_minor"),
        "cover_minor": F.col("value_minor"),
        "shortfall_minor": F.greatest(short, F.lit(0)),
        "ltv_bp": F.expr("10000 * claims div nullif(value_minor, 0)"),
        "prudent_ltv_bp": F.expr("10000 * claims div nullif(prudent_minor, 0)"),
        "pledge_ratio_bp": F.expr("10000 * balance_minor div nullif(value_minor, 0)"),
        "value_change_bp": F.expr("case when recorded then 10000 * value_minor div nullif(recorded_minor, 0) - 10000 end"),
        "fsd_bp": F.round(10_000 * spread / F.nullif(F.col("value_minor"), F.lit(0))).cast("long"),
        "shortfall_probability_bp": F.round(10_000 * chance).cast("long"),
        "bad_shortfall_minor": F.greatest(short + F.round(ONE_OF_TWENTY * spread).cast("long"), F.lit(0)),
        "prudent_minor": F.col("allocated_minor"),
        "prudent_shortfall_minor": F.col("balance_minor") - F.col("allocated_minor"),
    }  # fmt: skip
    known = [F.when(F.col("known"), column).alias(name) for name, column in told.items()]
    return [
        "loan_id", "assets", "lien_rank", "valuation_age_days", "unknown_because", "uncounted_liens", "registered_until", *known,
    ]  # fmt: skip
