"""Loans whose class differs from the parent release's."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.codes import CLASSES


def migration(loan_class: DataFrame, loan_class_before: DataFrame) -> DataFrame:
    """`classify.migration`: one row per loan that changed class, came or left."""
    now = loan_class.select("loan_id", F.col("five_class").alias("class_now"))
    before = loan_class_before.select("loan_id", F.col("five_class").alias("class_before"))
    direction = (
        F.when(F.col("class_before").isNull(), "new")
        .when(F.col("class_now").isNull(), "gone")
        .when(_rank("class_now") > _rank("class_before"), "worse")
        .otherwise("better")
    )
    return (
        now.join(before, on="loan_id", how="full")
        .where(~F.col("class_now").eqNullSafe(F.col("class_before")))
        .withColumn("direction", direction)
    )


def _rank(name: str) -> Column:
    return F.array_position(F.array(*[F.lit(word) for word in CLASSES.words]), F.col(name))
