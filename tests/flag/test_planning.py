"""Planning many rules: bounded, whatever they compute."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.drawn_rules import drawn

from loanwatch.flag.rules import TABLES
from loanwatch.flag.verdict import verdict

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MOST_SECONDS = 10


def test_two_hundred_rules_are_planned_in_seconds(spark: SparkSession) -> None:
    """From the rules to a plan that can be run; what a session has to load once, a few rules load before."""
    loans, borrowers = (spark.createDataFrame([], TABLES[subject].spark) for subject in ("loan", "borrower"))
    for number, most in ((6, 60), (200, MOST_SECONDS)):
        rules = drawn(number)
        began = time.monotonic()
        plan = verdict(loans, borrowers, rules)._jdf.queryExecution().executedPlan()
        assert time.monotonic() - began < most
    assert all(f"_{rule.id.lower()}" in plan.toString() for rule in rules[:5])
