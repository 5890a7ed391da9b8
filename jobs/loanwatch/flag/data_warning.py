"""Warnings about data: which source of which partner leaves which rules without an answer, never one a loan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.flag.decisions import WHOLE_BOOK
from loanwatch.flag.masks import has
from loanwatch.flag.rules import Rule, about
from loanwatch.flag.tables import DATA_WARNING
from loanwatch.flag.usual_share import on_book, places

SCOPE = ["source", "gap", "partner_id", "rule_id"]
HELD = "state in ('open', 'curing', 'held') and unknown_since is not null"


def data_warning(
    loan_indicator: DataFrame,
    borrower_indicator: DataFrame,
    verdict: DataFrame,
    warning: DataFrame,
    data_warning_before: DataFrame,
    loan_day: DataFrame,
    rules: Sequence[Rule],
    as_of: date,
) -> DataFrame:
    """`flag.data_warning`: one row per source, gap, partner and live rule with unknown outcomes."""
    kinds = {"loan": loan_indicator, "borrower": borrower_indicator}
    live = [rule for rule in rules if rule.live]
    loans, borrowers = (
        _unknown(indicators, verdict, warning, loan_day, subject, about(live, subject))
        for subject, indicators in kinds.items()
    )
    since = data_warning_before.select(*SCOPE, F.col("since").alias("before"))
    return (
        loans.unionByName(borrowers)
        .groupBy(*SCOPE, "subject")
        .agg(F.sum("subjects").alias("unknown_subjects"), F.sum("warnings").alias("warnings"))
        .join(on_book(loan_day).where(F.col("partner_id") != WHOLE_BOOK), on=["partner_id", "subject"], how="left")
        .join(since, on=SCOPE, how="left")
        .withColumn("since", F.coalesce("before", F.lit(as_of)))
        .select(*DATA_WARNING.names)
    )


def _unknown(
    indicators: DataFrame, verdict: DataFrame, warning: DataFrame, loan_day: DataFrame, subject: str, rules: Sequence[Rule]
) -> DataFrame:
    """Of one kind of subject: source, gap, partner, rule, and how many subjects and warnings.

    Subjects with the same gaps, unknown rules and held warnings are counted before their rules are told apart.
    """
    gaps = list(dict.fromkeys(gap for rule in rules for gap in rule.gap_columns))
    masks = verdict.where((F.col("subject") == subject) & F.exists("unknown", lambda word: word != 0))
    held = warning.where(HELD).where(F.col("subject") == subject).groupBy("subject_id")
    where = places(loan_day).where(F.col("subject") == subject).select("subject_id", "partner_id").distinct()
    alike = (
        indicators.select(F.col(f"{subject}_id").alias("subject_id"), *gaps)
        .join(masks.select("subject_id", "unknown"), on="subject_id", how="inner")
        .join(held.agg(F.sort_array(F.collect_list("rule_id")).alias("held")), on="subject_id", how="left")
        .join(where, on="subject_id", how="inner")
        .groupBy("partner_id", "unknown", "held", *gaps)
        .agg(F.count(F.lit(1)).alias("subjects"))
    )
    causes = F.array_compact(F.flatten(F.array(*[_causes(rule) for rule in rules]))) if rules else F.array()
    return alike.select("partner_id", "subjects", "held", F.explode(causes).alias("cause")).select(
        "partner_id", F.lit(subject).alias("subject"), "subjects", "cause.rule_id", "cause.source", "cause.gap",
        F.when(F.array_contains("held", F.col("cause.rule_id")), F.col("subjects")).otherwise(0).alias("warnings"),
    )  # fmt: skip


def _causes(rule: Rule) -> Column:
    """The sources for want of which a rule is unknown; null where one is not missing."""
    is_unknown = has(F.col("unknown"), F.lit(rule.bit))
    missing = [F.col(gap) != "none" for gap in rule.gap_columns]
    complete = ~F.greatest(F.lit(False), F.lit(False), *missing)
    causes = [
        F.when(is_unknown & lacks, _cause(rule, F.lit(gap), F.col(gap)))
        for gap, lacks in zip(rule.gap_columns, missing, strict=True)
    ]
    return F.array(*causes, F.when(is_unknown & complete, _cause(rule, F.lit("none"), F.lit("none"))))


def _cause(rule: Rule, source: Column, gap: Column) -> Column:
    return F.struct(F.lit(rule.id).alias("rule_id"), source.alias("source"), gap.alias("gap"))
