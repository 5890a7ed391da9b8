"""Loans whose class differs from the parent release's, and why."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.codes import CLASSES

LEFT = ("settled", "buy_back", "transfer")  # events that take a loan off the book
REPAID = "repaid"


def migration(loan_class: DataFrame, loan_class_before: DataFrame, loan_event: DataFrame) -> DataFrame:
    """`classify.migration`: one row per loan that changed class, came or left."""
    now, before = (
        rows.select("loan_id", F.col("five_class").alias(f"class_{when}"), F.col("floor").alias(f"floor_{when}"))
        for rows, when in ((loan_class, "now"), (loan_class_before, "before"))
    )
    direction = (
        F.when(F.col("class_before").isNull(), "new")
        .when(F.col("class_now").isNull(), "gone")
        .when(_rank("class_now") > _rank("class_before"), "worse")
        .otherwise("better")
    )
    moved = (
        now.join(before, on="loan_id", how="full")
        .where(~F.col("class_now").eqNullSafe(F.col("class_before")))
        .withColumn("direction", direction)
    )
    last = F.max(F.struct("happened_on", "event_id", "kind")).getField("kind")
    ended = loan_event.where(F.col("kind").isin(*LEFT)).groupBy("loan_id").agg(last.alias("ended_by"))
    cause = (
        F.when(F.col("direction") == "gone", F.coalesce("ended_by", F.lit(REPAID)))
        .when(F.col("direction") == "better", F.col("floor_before"))
        .otherwise(F.col("floor_now"))
    )
    # Few move: they are sent to the events.
    caused = ended.join(F.broadcast(moved), on="loan_id", how="right")
    return caused.select("loan_id", "class_before", "class_now", "direction", cause.alias("cause"))


def _rank(name: str) -> Column:
    return F.array_position(F.array(*[F.lit(word) for word in CLASSES.words]), F.col(name))
