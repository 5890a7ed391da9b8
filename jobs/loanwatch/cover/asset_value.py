"""What each pledged asset is worth on the day: the latest recorded valuation moved by the price index, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from loanwatch.admit.collateral_feeds import NATION

if TYPE_CHECKING:
    from loanwatch.settings import Prudence

DAYS_A_YEAR = 365


def asset_value(
    loan_day: DataFrame,
    pledge: DataFrame,
    asset: DataFrame,
    valuation: DataFrame,
    index_level: DataFrame,
    as_of: date,
    prudence: Prudence,
) -> DataFrame:
    """`cover.asset_value`: one row per asset pledged for a loan of the day; V = V0 * I(day) / I(valued_on).

    The index is that of the finest cell that is published for both days with enough sales. Without one the recorded value
    stands, unmoved and marked by a null `index_move_bp`, and is less sure.
    """
    pledged = pledge.where("active").join(loan_day.select("loan_id"), on="loan_id", how="left_semi")
    recorded = (
        pledged.select("asset_id").distinct()
        .join(asset.select("asset_id", "kind", "region", "district", "home_type"), on="asset_id", how="left")
        .join(latest(valuation), on="asset_id", how="left")
    )  # fmt: skip
    moved = recorded.join(moves(recorded, index_level, as_of, prudence.fewest_sales), on="asset_id", how="left")
    value = F.round(F.col("recorded_minor") * F.coalesce("move", F.lit(1.0))).cast("long")
    known = F.col("kind").isNotNull() & F.col("recorded_minor").isNotNull()  # the greatest of a null and 1 is 1
    valued = moved.withColumns({
        "value_minor": F.when(known, F.greatest(value, F.lit(1))),
        "valuation_age_days": F.datediff(F.lit(as_of), F.col("valued_on")),
    }).withColumn("fsd_bp", F.when(F.col("value_minor").isNotNull(), _fsd(prudence)))  # fmt: skip
    return valued.select(
        "asset_id", "kind", "region", "value_minor", "fsd_bp", prudent(prudence).alias("prudent_minor"),
        "currency", "valued_on", "method", "recorded_minor",
        F.round(10_000 * F.col("move")).cast("long").alias("index_move_bp"), "index_cell", "index_bridged", "index_age_days",
        "valuation_age_days",
        F.when(F.col("kind").isNull(), "the asset was never delivered")
        .when(F.col("recorded_minor").isNull(), "no valuation").alias("unknown_because"),
    )  # fmt: skip


def latest(valuation: DataFrame) -> DataFrame:
    """The latest recorded valuation of each asset; of two on one day, the one with the higher number."""
    newest = Window.partitionBy("asset_id").orderBy(
        F.col("valued_on").desc(), F.col("sender_id").desc(), F.col("valuation_id").desc()
    )
    ranked = valuation.withColumn("newest", F.row_number().over(newest)).where("newest = 1")
    return ranked.select("asset_id", "valued_on", "method", "currency", F.col("value_minor").alias("recorded_minor"))


def moves(recorded: DataFrame, index_level: DataFrame, as_of: date, fewest_sales: int) -> DataFrame:
    """By asset, how its market moved from its valuation to the day, in the finest cell that tells; none where no cell does.

    A sender that gives no number of sales answers for its cell.
    """
    enough = index_level.where(F.coalesce("sales", F.lit(fewest_sales)) >= fewest_sales)
    now = enough.where(_in_force(F.lit(as_of))).select(
        "kind", "cell", F.col("level_e12").alias("now"), F.col("bridged").alias("bridged_now"), F.col("period_on").alias("now_on")
    )
    then = enough.select(
        F.col("kind").alias("of_kind"), F.col("cell").alias("of_cell"), "period_on", "until_on",
        F.col("level_e12").alias("then"), F.col("bridged").alias("bridged_then"),
    )  # fmt: skip
    same = [F.col("kind") == F.col("of_kind"), F.col("cell") == F.col("of_cell"), _in_force(F.col("valued_on"))]
    told = F.struct(
        "place", "cell", (F.col("now") / F.col("then")).alias("move"),
        (F.col("bridged_now") - F.col("bridged_then")).alias("bridged"),
        F.datediff(F.lit(as_of), F.col("now_on")).alias("age_days"),
    )  # fmt: skip
    return (
        recorded.select("asset_id", "kind", "valued_on", F.posexplode(_cells()).alias("place", "cell"))
        .join(F.broadcast(now), on=["kind", "cell"], how="inner")
        .join(F.broadcast(then), on=same, how="inner")
        .groupBy("asset_id").agg(F.min(told).alias("told"))
        .select("asset_id", "told.move", F.col("told.cell").alias("index_cell"), F.col("told.bridged").alias("index_bridged"),
                F.col("told.age_days").alias("index_age_days"))
    )  # fmt: skip


def _cells() -> Column:
    """The cells of an asset, finest first; null where it does not say enough."""
    region, district, home_type, slash = F.col("region"), F.col("district"), F.col("home_type"), F.lit("/")
    return F.array(
        F.concat(region, slash, district, slash, home_type), F.concat(region, slash, district), region, F.lit(NATION)
    )


def _in_force(day: Column) -> Column:
    """Whether a period holds the day: it may be published before it begins."""
    return (F.col("period_on") <= day) & (F.col("until_on").isNull() | (day < F.col("until_on")))


def _fsd(prudence: Prudence) -> Column:
    """FSD_t^2 = FSD_0^2 + drift^2 * years (domain.md 5.1), basis points."""
    first = by_word("method", prudence.recorded_fsd_bp)
    drift = F.when(F.col("move").isNull(), by_word("kind", prudence.unmoved_fsd_bp)).otherwise(
        by_word("kind", prudence.drift_fsd_bp)
    )
    return F.round(F.sqrt(first * first + drift * drift * F.col("valuation_age_days") / DAYS_A_YEAR)).cast("long")


def prudent(prudence: Prudence) -> Column:
    """V * (1 - k * FSD) * (1 - discount) - V * costs, never below 0 (domain.md 5.1); each step rounded down."""
    value = F.col("value_minor")
    sure = F.greatest(10_000 - _share(F.col("fsd_bp"), F.lit(prudence.fsd_share_bp)), F.lit(0))
    kept, cost = 10_000 - by_word("kind", prudence.haircut_bp), by_word("kind", prudence.cost_bp)
    sold = _share(_share(value, sure), kept) - _share(value, cost)
    return F.when(value.isNotNull(), F.greatest(sold, F.lit(0)))


def by_word(name: str, figures: Mapping[str, int]) -> Column:
    """A figure by the word of a column; null for none."""
    first, *rest = figures.items()
    case = F.when(F.col(name) == first[0], first[1])
    for word, figure in rest:
        case = case.when(F.col(name) == word, figure)
    return case.cast("long")


def _share(amount: Column, bp: Column) -> Column:
    return F.call_function("div", amount * bp, F.lit(10_000))
