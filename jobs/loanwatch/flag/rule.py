"""The rules in force, as the night ran them."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession

from loanwatch.flag.rules import Rule
from loanwatch.flag.tables import RULE


def rule(rules: Sequence[Rule]) -> DataFrame:
    """`flag.rule`: one row per rule in force, with its place in the masks."""
    rows = [(r.id, r.subject, r.bit, r.digest, r.text.status, r.amber, r.red) for r in rules]
    return SparkSession.active().createDataFrame(rows, RULE.spark)
