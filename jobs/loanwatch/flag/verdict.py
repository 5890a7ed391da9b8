"""Every rule on every subject, in one projection over one scan of its indicator table."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame

from loanwatch.flag.outcome import masks_of, outcome, state
from loanwatch.flag.rules import Rule, about


def verdict(loan_indicator: DataFrame, borrower_indicator: DataFrame, rules: Sequence[Rule]) -> DataFrame:
    """`flag.verdict`: one row per subject, a mask per outcome; no bit in any mask = clear."""
    loans = masks(loan_indicator, "loan", about(rules, "loan"))
    return loans.unionByName(masks(borrower_indicator, "borrower", about(rules, "borrower")))


def masks(indicators: DataFrame, subject: str, rules: Sequence[Rule]) -> DataFrame:
    """The masks of one kind of subject."""
    keys = [f"'{subject}' as subject", f"{subject}_id as subject_id"]
    return states_of(indicators, rules).selectExpr(*keys, *[f"{sql} as {name}" for name, sql in masks_of(rules).items()])


def states_of(indicators: DataFrame, rules: Sequence[Rule]) -> DataFrame:
    """The indicators and, a column a rule, its outcome."""
    return indicators.selectExpr("*", *[f"{outcome(rule)} as {state(rule)}" for rule in rules])
