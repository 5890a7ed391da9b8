"""The life of warnings: opened, held, cleared; one per rule and subject."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from loanwatch.flag.masks import has
from loanwatch.flag.rules import Rule
from loanwatch.flag.tables import LEFT

KEY = ["rule_id", "subject", "subject_id"]


def warning(
    evidence: DataFrame, verdict: DataFrame, warning_before: DataFrame, rules: Sequence[Rule], as_of: date
) -> DataFrame:
    """`flag.warning`: open warnings, and those cleared in this release.

    Raised opens; an exit condition that has held long enough clears; unknown holds the state; a subject
    that left the book, or a rule that is no longer in force or does not apply, ends its warnings.
    """
    live = [rule for rule in rules if rule.text.status == "live"]
    terms = _terms(evidence.sparkSession, live)
    now = evidence.where(F.col("rule_id").isin([rule.id for rule in live])).drop("measured")
    before = warning_before.where(F.col("state") == "open")
    both = (
        _prefixed(before, "before_")
        .join(_prefixed(now, "now_"), on=KEY, how="full")
        .join(F.broadcast(terms), on=["rule_id", "subject"], how="left")
        .join(verdict, on=["subject", "subject_id"], how="left")
    )
    return both.withColumns(_outcomes()).select(*KEY, *_state(as_of))


def _terms(spark: SparkSession, live: Sequence[Rule]) -> DataFrame:
    """Each live rule's place in the masks and how long its exit has to hold."""
    rows = [(rule.id, rule.subject, rule.bit, rule.text.clear_after_days) for rule in live]
    return spark.createDataFrame(rows, "rule_id string, subject string, bit int, clear_after_days int")


def _prefixed(frame: DataFrame, prefix: str) -> DataFrame:
    return frame.select(*KEY, *[F.col(c).alias(f"{prefix}{c}") for c in frame.columns if c not in KEY])


def _outcomes() -> dict[str, Column]:
    bit = F.coalesce("bit", F.lit(0))
    in_rules, on_book = F.col("bit").isNotNull(), F.col("cleared").isNotNull()
    return {
        "raised": F.col("now_colour").isNotNull(),
        "exits": in_rules & has(F.col("cleared"), bit),
        "is_unknown": in_rules & on_book & has(F.col("unknown"), bit),
        "ends": F.when(~on_book, LEFT)
        .when(~in_rules, "the rule is no longer in force")
        .when(has(F.col("not_applicable"), bit), "the rule no longer applies"),
    }


def _state(as_of: date) -> list[Column]:
    day = F.lit(as_of)
    raised = F.col("raised")
    clearing = F.when(~raised & F.col("exits"), F.coalesce("before_clearing_since", day))
    long_enough = F.datediff(day, clearing) >= F.col("clear_after_days")
    ended = F.when(~raised, F.coalesce(F.col("ends"), F.when(long_enough, F.lit("the exit condition held"))))
    colour = F.coalesce("now_colour", "before_colour")
    same = F.coalesce(F.col("before_colour") == colour, F.lit(False))
    return [
        F.when(ended.isNull(), "open").otherwise("cleared").alias("state"),
        colour.alias("colour"),
        F.coalesce("before_opened_on", day).alias("opened_on"),
        F.when(same, F.col("before_coloured_on")).otherwise(day).alias("coloured_on"),
        clearing.alias("clearing_since"),
        F.when(F.col("is_unknown"), F.coalesce("before_unknown_since", day)).alias("unknown_since"),
        F.coalesce("now_says_en", "before_says_en").alias("says_en"),
        F.coalesce("now_says_zh", "before_says_zh").alias("says_zh"),
        ended.alias("ended_because"),
    ]
