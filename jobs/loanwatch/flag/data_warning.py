"""Warnings about data: which source of which partner leaves which rules without an answer, never one a loan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.flag.masks import has, some
from loanwatch.flag.places import placed
from loanwatch.flag.rules import TABLES, Rule, about
from loanwatch.flag.tables import DATA_WARNING

SCOPE = ["source", "gap", "partner_id", "rule_id"]
CAUSES = "array<struct<rule_id: string, source: string, gap: string>>"
HELD = "state in ('open', 'curing', 'held') and unknown_since is not null"


def data_warning(
    loan_indicator: DataFrame,
    borrower_indicator: DataFrame,
    asset_indicator: DataFrame,
    pool_indicator: DataFrame,
    partner_indicator: DataFrame,
    verdict: DataFrame,
    warning: DataFrame,
    data_warning_before: DataFrame,
    loan_day: DataFrame,
    rules: Sequence[Rule],
    as_of: date,
) -> DataFrame:
    """`flag.data_warning`: one row per source, gap, partner and live rule with unknown outcomes."""
    frames = (loan_indicator, borrower_indicator, asset_indicator, pool_indicator, partner_indicator)
    kinds = dict(zip(TABLES, frames, strict=True))
    live = [rule for rule in rules if rule.live]
    where = _where(loan_day, asset_indicator)
    of_kinds = [_unknown(kinds[subject], verdict, warning, where, subject, about(live, subject)) for subject in TABLES]
    subjects = where.groupBy("partner_id", "subject").agg(F.count(F.lit(1)).alias("subjects"))
    since = data_warning_before.select(*SCOPE, F.col("since").alias("before"))
    return (
        reduce(DataFrame.unionByName, of_kinds)
        .groupBy(*SCOPE, "subject")
        .agg(F.sum("subjects").alias("unknown_subjects"), F.sum("warnings").alias("warnings"))
        .join(subjects, on=["partner_id", "subject"], how="left")
        .join(since, on=SCOPE, how="left")
        .withColumn("since", F.coalesce("before", F.lit(as_of)))
        .select(*DATA_WARNING.names)
    )


def _where(loan_day: DataFrame, asset_indicator: DataFrame) -> DataFrame:
    """Each subject of each kind, once at each partner that it is with: `subject`, `subject_id`, `partner_id`."""
    of_loans = reduce(DataFrame.unionByName, [placed(loan_day, subject) for subject in ("borrower", "pool", "partner")])
    return of_loans.distinct().unionByName(placed(loan_day, "loan")).unionByName(placed(asset_indicator, "asset"))


def _unknown(
    indicators: DataFrame, verdict: DataFrame, warning: DataFrame, where: DataFrame, subject: str, rules: Sequence[Rule]
) -> DataFrame:
    """Of one kind of subject: source, gap, partner, rule, and how many subjects and warnings.

    Subjects with the same gaps, unknown rules and held warnings are counted before their rules are told apart.
    """
    gaps = list(dict.fromkeys(gap for rule in rules for gap in rule.gap_columns))
    masks = verdict.where((F.col("subject") == subject) & F.expr(some("unknown", 1 + max((rule.bit for rule in rules), default=0))))
    held = warning.where(HELD).where(F.col("subject") == subject).groupBy("subject_id")
    here = where.where(F.col("subject") == subject).select("subject_id", "partner_id")
    alike = (
        indicators.select(F.col(f"{subject}_id").alias("subject_id"), *gaps)
        .join(masks.select("subject_id", "unknown"), on="subject_id", how="inner")
        .join(held.agg(F.sort_array(F.collect_list("rule_id")).alias("held")), on="subject_id", how="left")
        .join(here, on="subject_id", how="inner")
        .groupBy("partner_id", "unknown", "held", *gaps)
        .agg(F.count(F.lit(1)).alias("subjects"))
    )
    causes = F.array_compact(F.flatten(F.array(*[_causes(rule) for rule in rules]))) if rules else F.array().cast(CAUSES)
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
