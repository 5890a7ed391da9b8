"""Pools and partners with open warnings, worst first."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from loanwatch.flag.rules import Rule
from loanwatch.shown import shown


def institution_item(warning: DataFrame, rules: Sequence[Rule]) -> DataFrame:
    """`queue.institution_item`: one row per pool or partner with an open warning, its reasons and what to do in words."""
    worst = Window.orderBy(F.col("points").desc(), F.col("red_warnings").desc(), "subject", "subject_id")
    is_red = F.col("colour") == "red"
    rows = [(rule.id, rule.text.do.en, rule.text.do.zh) for rule in rules]
    words = F.broadcast(warning.sparkSession.createDataFrame(rows, "rule_id string, do_en string, do_zh string"))
    ranked = F.sort_array(F.collect_list(F.struct(-F.col("points"), "rule_id", "says_en", "says_zh", "do_en", "do_zh")))
    of_themes = Window.partitionBy("subject", "subject_id", "theme").orderBy(F.col("points").desc(), "rule_id")
    return (
        shown(warning, rules).where(F.col("subject").isin("pool", "partner"))
        .join(words, on="rule_id", how="inner")
        .withColumn("heaviest", F.when(F.row_number().over(of_themes) == 1, F.col("points")).otherwise(0))
        .groupBy("subject", "subject_id")
        .agg(
            F.sum("heaviest").alias("points"), F.count(F.lit(1)).alias("warnings"), F.sum(is_red.cast("int")).alias("red_warnings"),
            F.min(F.struct("respond_by", "owner")).alias("first"), F.min("opened_on").alias("open_since"), ranked.alias("ranked"),
        )
        .select(
            F.row_number().over(worst).alias("place"), "subject", "subject_id",
            F.when(F.col("red_warnings") > 0, "red").otherwise("amber").alias("colour"), "points", "warnings", "red_warnings",
            "open_since", "first.respond_by", "first.owner", F.col("ranked.rule_id").alias("rules"),
            F.col("ranked.says_en").alias("reasons_en"), F.col("ranked.says_zh").alias("reasons_zh"),
            F.array_distinct("ranked.do_en").alias("actions_en"), F.array_distinct("ranked.do_zh").alias("actions_zh"),
        )
    )  # fmt: skip
