"""What changed since the parent release: who is new, worse, better, cleared; who left the book is not cleared."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.flag.tables import LEFT

KEY = ["subject", "subject_id"]


def change(warning: DataFrame, warning_before: DataFrame, warning_event: DataFrame) -> DataFrame:
    """`report.change`: one row per loan or borrower whose worst colour differs from the parent release's."""
    rules = warning_event.groupBy(*KEY).agg(F.sort_array(F.collect_set("rule_id")).alias("rules"))
    left = warning.groupBy(*KEY).agg(F.max(F.coalesce(F.col("ended_because") == LEFT, F.lit(False))).alias("left"))
    now, before = F.col("colour_now"), F.col("colour_before")
    what = (
        F.when(before.isNull(), "new")
        .when(now.isNull() & F.col("left"), "left")
        .when(now.isNull(), "cleared")
        .when(now == "red", "worse")
        .otherwise("better")
    )
    return (
        _worst(warning, "colour_now")
        .join(_worst(warning_before, "colour_before"), on=KEY, how="full")
        .where(~now.eqNullSafe(before))
        .join(rules, on=KEY, how="left")
        .join(left, on=KEY, how="left")
        .select(*KEY, what.alias("change"), "colour_before", "colour_now",
                F.coalesce("rules", F.array().cast("array<string>")).alias("rules"))
    )  # fmt: skip


def _worst(warning: DataFrame, name: str) -> DataFrame:
    # amber < red
    return warning.where("state = 'open'").groupBy(*KEY).agg(F.max("colour").alias(name))
