"""Every rule on every subject, in one projection over one scan of its indicator table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import DataFrame

from loanwatch.flag.outcome import masks_of, outcome, state
from loanwatch.flag.rules import TABLES, Rule, about


def verdict(
    loan_indicator: DataFrame,
    borrower_indicator: DataFrame,
    asset_indicator: DataFrame,
    pool_indicator: DataFrame,
    partner_indicator: DataFrame,
    rules: Sequence[Rule],
) -> DataFrame:
    """`flag.verdict`: one row per subject, a mask per outcome; no bit in any mask = clear."""
    frames = (loan_indicator, borrower_indicator, asset_indicator, pool_indicator, partner_indicator)
    of_kinds = [masks(frame, kind, about(rules, kind)) for kind, frame in zip(TABLES, frames, strict=True)]
    return reduce(DataFrame.unionByName, of_kinds)


def masks(indicators: DataFrame, subject: str, rules: Sequence[Rule]) -> DataFrame:
    """The masks of one kind of subject."""
    keys = [f"'{subject}' as subject", f"{subject}_id as subject_id"]
    return states_of(indicators, rules).selectExpr(*keys, *[f"{sql} as {name}" for name, sql in masks_of(rules).items()])


def states_of(indicators: DataFrame, rules: Sequence[Rule]) -> DataFrame:
    """The indicators and, a column a rule, its outcome."""
    return indicators.selectExpr("*", *[f"{outcome(rule)} as {state(rule)}" for rule in rules])
