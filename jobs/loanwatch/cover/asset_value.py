"""What each pledged asset is worth on the day, and how sure that is: the recorded valuation moved to the day, and a model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from loanwatch.admit.collateral_feeds import NATION
from loanwatch.cover import ageing
from loanwatch.cover.model_value import TAKES, newest
from loanwatch.cover.tables import ASSET_VALUE
from loanwatch.depreciation import DAYS_A_YEAR

if TYPE_CHECKING:
    from loanwatch.cover.model.champions import Champion
    from loanwatch.settings import Prudence

OF_ASSET = ("asset_id", "kind", "region", "district", "home_type", "built_year", "fuel", "size", "valid_from")
MOVES = {"index_move_bp": "move", "curve_bp": "aged", "mileage_bp": "worn"}
NINE_OF_TEN, TWICE = 1.645, 2.0  # standard deviations to each side


def asset_value(
    loan_day: DataFrame,
    pledge: DataFrame,
    asset: DataFrame,
    valuation: DataFrame,
    index_level: DataFrame,
    model_value: DataFrame,
    model_value_line: DataFrame,
    as_of: date,
    champions: Mapping[str, Champion],
    prudence: Prudence,
) -> DataFrame:
    """`cover.asset_value`: one row per asset pledged for a loan of the day, with its candidates and what they come to.

    The recorded value, V = V0 * I(day) / I(valued_on), by the index of the finest cell that is published for both days with
    enough sales; without one it stands, unmoved and marked by a null `index_move_bp`, and is less sure. An index tells of
    vehicles of one age: what a vehicle's own age takes comes besides (`ageing`), and where its year is not told it is less
    sure too. What the champion says, where there is one. Of both, the mean weighted by precision, as sure as the surer of them:
    they may err together. Where they are farther apart than their errors explain they are not averaged: until somebody has
    looked the recorded value stands, or the lower of both where the model was set right on its own market.
    """
    pledged = pledge.where("active").join(loan_day.select("loan_id"), on="loan_id", how="left_semi")
    recorded = (
        pledged.select("asset_id").distinct()
        .join(asset.select(*OF_ASSET), on="asset_id", how="left")
        .join(latest(valuation), on="asset_id", how="left")
    )  # fmt: skip
    moved = recorded.join(moves(recorded, index_level, as_of, prudence), on="asset_id", how="left").withColumns({
        "aged": ageing.left(prudence.vehicle_curve, as_of), "worn": ageing.worn(prudence),
    })  # fmt: skip
    said = newest(asset, model_value, model_value_line, as_of, champions)
    valued = _chosen(_candidates(moved.join(said, on="asset_id", how="left"), as_of, prudence), prudence)
    return valued.withColumn("unknown_because", _unknown(champions)).select(*ASSET_VALUE.names)


def _candidates(moved: DataFrame, as_of: date, prudence: Prudence) -> DataFrame:
    """What the recorded value and the model come to on the day, each with its FSD, and how far apart they are."""
    move, aged, worn = (F.coalesce(F.col(name), F.lit(1.0)) for name in ("move", "aged", "worn"))
    value = F.round(F.col("recorded_minor") * move * aged * worn).cast("long")
    recorded = F.col("kind").isNotNull() & F.col("recorded_minor").isNotNull()  # the greatest of a null and 1 is 1
    said = F.col("said_minor").isNotNull() & F.coalesce(F.col("currency") == F.col("said_currency"), F.lit(True))
    own = F.col("own_sales") >= prudence.own_sales
    floor = {"fsd": prudence.borrowed_fsd_bp, "wide": round(NINE_OF_TEN * prudence.borrowed_fsd_bp)}
    sure = {
        f"model_{name}_bp": F.when(own, F.col(f"said_{name}_bp")).otherwise(F.greatest(f"said_{name}_bp", F.lit(least)))
        for name, least in floor.items()
    }
    rows = moved.withColumns({
        "valuation_age_days": F.datediff(F.lit(as_of), F.col("valued_on")),
        **{name: F.round(10_000 * F.col(of)).cast("long") for name, of in MOVES.items()},
        "indexed_minor": F.when(recorded, F.greatest(value, F.lit(1))),
        "model_minor": F.when(said, F.col("said_minor")),
        "by_model": F.when(said, F.col("by_model")),
        "calibration": F.when(said, F.when(own, "own").otherwise("borrowed")),
        **{name: F.when(said, column) for name, column in sure.items()},
        "currency": F.coalesce("currency", F.when(said, F.col("said_currency"))),
    })  # fmt: skip
    return rows.withColumns({
        "indexed_fsd_bp": F.when(F.col("indexed_minor").isNotNull(), _fsd(prudence)),
        "apart_bp": F.expr("10000 * abs(indexed_minor - model_minor) div nullif(model_minor, 0)"),
    })  # fmt: skip


def _chosen(rows: DataFrame, prudence: Prudence) -> DataFrame:
    """The value that the candidates come to, how sure it is, and what prudence leaves of it."""
    indexed, model, fsd, said_fsd = (F.col(name) for name in ("indexed_minor", "model_minor", "indexed_fsd_bp", "model_fsd_bp"))
    both = indexed.isNotNull() & model.isNotNull()
    lower = F.when((model < indexed) & (F.col("calibration") == "own"), "model").otherwise("recorded")
    explained = F.greatest(F.lit(float(prudence.apart_bp)), TWICE * F.sqrt(fsd * fsd + said_fsd * said_fsd))
    by = F.when(both & (F.col("apart_bp") > explained), lower).when(both, "both")
    by = by.when(model.isNotNull(), "model").when(indexed.isNotNull(), "recorded")
    ours, theirs = (F.pow(F.greatest(of, F.lit(1)).cast("double"), 2) for of in (fsd, said_fsd))
    mean = F.round((indexed * theirs + model * ours) / (ours + theirs)).cast("long")
    valued_by = F.col("valued_by")
    return rows.withColumn("valued_by", by).withColumns({
        "value_minor": F.when(valued_by == "both", mean).when(valued_by == "model", model).when(valued_by == "recorded", indexed),
        "fsd_bp": F.when(valued_by == "both", F.least(fsd, said_fsd)).otherwise(F.greatest(fsd, said_fsd)),
    }).withColumn("prudent_minor", prudent(prudence))  # fmt: skip


def _unknown(champions: Mapping[str, Champion]) -> Column:
    """Why there is no value."""
    none = F.col("value_minor").isNull()
    because = F.when(F.col("kind").isNull(), "the asset was never delivered")
    for kind in champions:
        because = because.when(none & (F.col("kind") == kind), f"no valuation, and the model takes {', '.join(TAKES[kind])}")
    return because.when(none, "no valuation")


def latest(valuation: DataFrame) -> DataFrame:
    """The latest recorded valuation of each asset; of two on one day, the one with the higher number."""
    newest = Window.partitionBy("asset_id").orderBy(
        F.col("valued_on").desc(), F.col("sender_id").desc(), F.col("valuation_id").desc()
    )
    ranked = valuation.withColumn("newest", F.row_number().over(newest)).where("newest = 1")
    return ranked.select("asset_id", "valued_on", "method", "currency", F.col("value_minor").alias("recorded_minor"))


def moves(recorded: DataFrame, index_level: DataFrame, as_of: date, prudence: Prudence) -> DataFrame:
    """By asset, how its market moved from its valuation to the day, in the finest cell that tells; none where no cell does.

    A sender that gives no number of sales answers for its cell. A cell that is published no more soon tells nothing.
    """
    fewest, end = F.lit(prudence.fewest_sales), F.add_months("period_on", F.lit(prudence.index_periods) * F.col("months"))
    enough = index_level.where(F.coalesce("sales", fewest) >= fewest).withColumn("until_on", F.coalesce("until_on", end))
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
        recorded.select("asset_id", "kind", "valued_on", F.posexplode(cells()).alias("place", "cell"))
        .join(F.broadcast(now), on=["kind", "cell"], how="inner")
        .join(F.broadcast(then), on=same, how="inner")
        .groupBy("asset_id").agg(F.min(told).alias("told"))
        .select("asset_id", "told.move", F.col("told.cell").alias("index_cell"), F.col("told.bridged").alias("index_bridged"),
                F.col("told.age_days").alias("index_age_days"))
    )  # fmt: skip


def cells() -> Column:
    """The cells of an asset, finest first; null where it does not say enough."""
    region, district, home_type, slash = F.col("region"), F.col("district"), F.col("home_type"), F.lit("/")
    return F.array(
        F.concat(region, slash, district, slash, home_type), F.concat(region, slash, district), region, F.lit(NATION)
    )


def _in_force(day: Column) -> Column:
    """Whether a period holds the day: it may be published before it begins."""
    return (F.col("period_on") <= day) & (day < F.col("until_on"))


def _fsd(prudence: Prudence) -> Column:
    """FSD_t^2 = FSD_0^2 + drift^2 * years (domain.md 5.1), basis points."""
    first, indexed, aged = by_word("method", prudence.recorded_fsd_bp), F.col("move").isNotNull(), F.col("aged").isNotNull()
    unmoved = ~indexed | ((F.col("kind") == "vehicle") & ~aged)
    drift = (
        F.when(aged & ~indexed, prudence.curve_fsd_bp)
        .when(unmoved, by_word("kind", prudence.unmoved_fsd_bp))
        .otherwise(by_word("kind", prudence.drift_fsd_bp))
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
