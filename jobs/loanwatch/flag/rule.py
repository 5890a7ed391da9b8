"""The rules in force, as the night ran them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import DataFrame, SparkSession

from loanwatch.flag.rules import Rule, in_force
from loanwatch.flag.tables import RULE


def rule(rules: Sequence[Rule], as_of: date) -> DataFrame:
    """`flag.rule`: one row per rule in force, with its place in the masks."""
    rows = []
    for subject in ("loan", "borrower"):
        for bit, r in enumerate(in_force(rules, as_of, subject)):
            rows.append((r.id, r.subject, bit, r.digest, r.text.status, r.amber, r.red))
    spark = SparkSession.active()
    return spark.createDataFrame(rows, RULE.spark)
