"""What each pledged asset is worth on the day: the latest recorded valuation moved by the price index."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

CELL = ["kind", "region"]


def asset_value(
    loan_day: DataFrame,
    pledge: DataFrame,
    asset: DataFrame,
    valuation: DataFrame,
    price_index: DataFrame,
    as_of: date,
) -> DataFrame:
    """`cover.asset_value`: one row per asset pledged for a loan of the day; V = V0 * I(day) / I(valued_on).

    Without an index the recorded value stands, unmoved and marked by a null `index_move_bp`.
    """
    pledged = pledge.where("active").join(loan_day.select("loan_id"), on="loan_id", how="left_semi")
    levels = periods(price_index)
    now = levels.where(_in_force(F.lit(as_of))).select(*CELL, F.col("level_bp").alias("level_now"))
    moved = F.expr("recorded_minor * level_now div level_then")
    return (
        pledged.select("asset_id").distinct()
        .join(asset.select("asset_id", *CELL), on="asset_id", how="left")
        .join(latest(valuation), on="asset_id", how="left")
        .join(F.broadcast(now), on=CELL, how="left")
        .join(F.broadcast(_then(levels)), on=_in_period(), how="left")
        .select(
            "asset_id", *CELL,
            F.when(F.col("kind").isNotNull(), F.coalesce(moved, F.col("recorded_minor"))).alias("value_minor"),
            "currency", "valued_on", "recorded_minor",
            F.expr("10000 * level_now div level_then").alias("index_move_bp"),
            F.datediff(F.lit(as_of), F.col("valued_on")).alias("valuation_age_days"),
            F.when(F.col("kind").isNull(), "the asset was never delivered")
            .when(F.col("recorded_minor").isNull(), "no valuation").alias("unknown_because"),
        )
    )  # fmt: skip


def latest(valuation: DataFrame) -> DataFrame:
    """The latest recorded valuation of each asset; of two on one day, the one with the higher number."""
    newest = Window.partitionBy("asset_id").orderBy(
        F.col("valued_on").desc(), F.col("sender_id").desc(), F.col("valuation_id").desc()
    )
    ranked = valuation.withColumn("newest", F.row_number().over(newest)).where("newest = 1")
    return ranked.select("asset_id", "valued_on", "currency", F.col("value_minor").alias("recorded_minor"))


def periods(price_index: DataFrame) -> DataFrame:
    """The index level of each cell from `period_on` up to, not including, `until_on` (null = still in force)."""
    by_sender = Window.partitionBy(*CELL, "period_on").orderBy(F.col("published_on").desc(), "sender_id")
    by_period = Window.partitionBy(*CELL).orderBy("period_on")
    one = price_index.withColumn("first", F.row_number().over(by_sender)).where("first = 1")
    return one.select(*CELL, "period_on", "level_bp", F.lead("period_on").over(by_period).alias("until_on"))


def _then(levels: DataFrame) -> DataFrame:
    return levels.select(
        F.col("kind").alias("index_kind"), F.col("region").alias("index_region"), "period_on", "until_on",
        F.col("level_bp").alias("level_then"),
    )  # fmt: skip


def _in_period() -> list[Column]:
    same_cell = [F.col("kind") == F.col("index_kind"), F.col("region") == F.col("index_region")]
    return [*same_cell, _in_force(F.col("valued_on"))]


def _in_force(day: Column) -> Column:
    """Whether a period holds the day: it may be published before it begins."""
    return (F.col("period_on") <= day) & (F.col("until_on").isNull() | (day < F.col("until_on")))
