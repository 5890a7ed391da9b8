"""Loans whose class differs from the parent release's, and why."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.classify.class_columns import FIVE, SCHEMES, ClassColumns

LEFT = ("settled", "buy_back", "transfer")  # events that take a loan off the book
REPAID = "repaid"


def migration(loan_class: DataFrame, loan_class_before: DataFrame, loan_event: DataFrame) -> DataFrame:
    """`classify.migration`: one row per loan and scheme whose class changed, came or left."""
    given = [name for of in SCHEMES.values() for name in (of.column, of.floor)]
    now, before = (
        rows.select("loan_id", *[F.col(name).alias(f"{name}_{when}") for name in given])
        for rows, when in ((loan_class, "now"), (loan_class_before, "before"))
    )
    moves = F.array(*[_move(name, of) for name, of in SCHEMES.items()])
    anything = F.expr(" or ".join(_moved(of) for of in SCHEMES.values()))
    moved = now.join(before, on="loan_id", how="full").where(anything).select("loan_id", F.inline(moves)).where("moved")
    last = F.max(F.struct("happened_on", "event_id", "kind")).getField("kind")
    ended = loan_event.where(F.col("kind").isin(*LEFT)).groupBy("loan_id").agg(last.alias("ended_by"))
    cause = (
        F.when(F.col("direction") == "gone", F.coalesce("ended_by", F.lit(REPAID)))
        .when(F.col("direction") == "better", F.col("floor_before"))
        .otherwise(F.col("floor_now"))
    )
    # Few move: they are sent to the events.
    caused = ended.join(F.broadcast(moved), on="loan_id", how="right")
    return caused.select("loan_id", "scheme", "class_before", "class_now", "direction", cause.alias("cause"))


def _moved(of: ClassColumns) -> str:
    """Whether a loan came or left, or moved; not if the institution began to class by this scheme, or ceased to."""
    now, before = f"{of.column}_now", f"{of.column}_before"
    came_or_left = f"({FIVE.column}_before is null or {FIVE.column}_now is null)"
    return f"coalesce({now} <> {before}, {came_or_left} and not ({now} <=> {before}))"


def _move(name: str, of: ClassColumns) -> Column:
    """A loan's move by a scheme, or its staying."""
    now, before = F.col(f"{of.column}_now"), F.col(f"{of.column}_before")
    best_first = F.array(*[F.lit(word) for word in of.codes.words])
    worse = F.array_position(best_first, now) > F.array_position(best_first, before)
    direction = F.when(before.isNull(), "new").when(now.isNull(), "gone").when(worse, "worse").otherwise("better")
    return F.struct(
        F.expr(_moved(of)).alias("moved"),
        F.lit(name).alias("scheme"), before.alias("class_before"), now.alias("class_now"), direction.alias("direction"),
        F.col(f"{of.floor}_before").alias("floor_before"), F.col(f"{of.floor}_now").alias("floor_now"),
    )  # fmt: skip
