"""How much of the book each rule newly raises in a night: what a storm is measured against."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from loanwatch.flag.decisions import KEY, WHOLE_BOOK
from loanwatch.flag.places import on_book, places
from loanwatch.flag.rules import Rule

NIGHTS = 30
NEVER_HELD = "arrears"  # the theme whose waves must show at once


def usual_share(
    warning_event: DataFrame, loan_day: DataFrame, asset_indicator: DataFrame, usual_share_before: DataFrame,
    rules: Sequence[Rule],
) -> DataFrame:  # fmt: skip
    """`flag.usual_share`: one row per live rule that storms can hold and partner, or the whole book."""
    raised = warning_event.where(F.col("event").isin("raised", "reopened")).select(*KEY)
    before = usual_share_before.select("rule_id", "partner_id", F.col("shares_ppm").alias("before"))
    share = F.expr("1000000L * raised div subjects")
    shares = F.concat(F.coalesce("before", F.array().cast("array<bigint>")), F.array(share))
    return (
        _holdable(loan_day.sparkSession, rules)
        .join(on_book(loan_day, asset_indicator), on="subject", how="inner")
        .join(_by_place(raised, places(loan_day, asset_indicator)), on=["rule_id", "subject", "partner_id"], how="left")
        .join(before, on=["rule_id", "partner_id"], how="left")
        .withColumn("raised", F.coalesce("raised", F.lit(0)))
        .select(
            "rule_id", "partner_id", "subject", "subjects", "raised",
            F.slice(shares, F.greatest(F.lit(1), F.size(shares) - (NIGHTS - 1)), F.lit(NIGHTS)).alias("shares_ppm"),
        )
    )  # fmt: skip


def _holdable(spark: SparkSession, rules: Sequence[Rule]) -> DataFrame:
    """The live rules whose new warnings can be held: all but those on arrears."""
    rows = [(rule.id, rule.subject) for rule in rules if rule.live and rule.theme != NEVER_HELD]
    return F.broadcast(spark.createDataFrame(rows, "rule_id string, subject string"))


def _by_place(warning: DataFrame, places: DataFrame) -> DataFrame:
    """How many warnings (`raised`) of each rule there are at each partner and in the whole book."""
    here = warning.join(places, on=["subject", "subject_id"], how="inner").distinct()
    rows = here.unionByName(warning.withColumn("partner_id", F.lit(WHOLE_BOOK)))
    return rows.groupBy("rule_id", "subject", "partner_id").agg(F.count(F.lit(1)).alias("raised"))


def median_ppm(shares: Column) -> Column:
    """The lower median of shares; null where there are none."""
    ordered = F.array_sort(shares)
    middle = F.floor((F.size(ordered) + 1) / 2).cast("int")
    return F.when(F.size(ordered) > 0, F.try_element_at(ordered, middle))
