"""What changed about warnings in this release; folded along the line of parents the events give the state."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

KEY = ["rule_id", "subject", "subject_id"]


def warning_event(warning: DataFrame, warning_before: DataFrame) -> DataFrame:
    """`flag.warning_event`: one row per change of a warning."""
    now = warning.select(*KEY, "state", F.col("colour").alias("colour_now"), "ended_because")
    before = warning_before.where(F.col("state") == "open").select(*KEY, F.col("colour").alias("colour_before"))
    event = (
        F.when(F.col("state") == "cleared", "cleared")
        .when(F.col("colour_before").isNull(), "raised")
        .when(F.col("colour_now") == F.col("colour_before"), None)
        .when(F.col("colour_now") == "red", "escalated")
        .otherwise("eased")
    )
    return (
        now.join(before, on=KEY, how="left")
        .withColumn("event", event)
        .where(F.col("event").isNotNull())
        .select(
            *KEY, "event", "colour_before",
            F.when(F.col("state") == "open", F.col("colour_now")).alias("colour_now"),
            F.col("ended_because").alias("reason"),
        )
    )  # fmt: skip
