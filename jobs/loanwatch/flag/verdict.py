"""Every rule on every subject, in one projection over one scan of its indicator table."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.flag.masks import mask
from loanwatch.flag.outcome import AMBER, NOT_APPLICABLE, RED, UNKNOWN, exit_holds, no_basis, outcome, state
from loanwatch.flag.rules import Rule, about


def verdict(loan_indicator: DataFrame, borrower_indicator: DataFrame, rules: Sequence[Rule]) -> DataFrame:
    """`flag.verdict`: one row per subject, a mask per outcome; no bit in any mask = clear."""
    loans = masks(loan_indicator, "loan", about(rules, "loan"))
    return loans.unionByName(masks(borrower_indicator, "borrower", about(rules, "borrower")))


def masks(indicators: DataFrame, subject: str, rules: Sequence[Rule]) -> DataFrame:
    """The masks of one kind of subject."""
    states = [F.col(state(rule)) for rule in rules]
    return states_of(indicators, rules).select(
        F.lit(subject).alias("subject"),
        F.col(f"{subject}_id").alias("subject_id"),
        mask([s == AMBER for s in states]).alias("amber"),
        mask([s == RED for s in states]).alias("red"),
        mask([s == UNKNOWN for s in states]).alias("unknown"),
        mask([s == NOT_APPLICABLE for s in states]).alias("not_applicable"),
        mask([F.expr(exit_holds(rule)) for rule in rules]).alias("cleared"),
        mask([F.expr(no_basis(rule)) for rule in rules]).alias("no_basis"),
    )


def states_of(indicators: DataFrame, rules: Sequence[Rule]) -> DataFrame:
    """The indicators and, a column a rule, its outcome."""
    return indicators.select("*", *[F.expr(outcome(rule)).alias(state(rule)) for rule in rules])
