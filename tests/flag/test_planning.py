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
    """From the rules to a plan that can be run; of two, for what a session loads once. CPU seconds: the machine may be busy."""
    frames = [spark.createDataFrame([], TABLES[subject].spark) for subject in ("loan", "borrower")]
    rules, marks = drawn(200), [spent(spark)]
    for _ in range(2):
        verdict(*frames, rules)._jdf.queryExecution().executedPlan()
        marks.append(spent(spark))
    assert 0 < min(marks[1] - marks[0], marks[2] - marks[1]) < MOST_SECONDS


def spent(spark: SparkSession) -> float:
    """CPU seconds of the JVM and of this process."""
    jvm = spark._jvm.java.lang.ProcessHandle.current().info().totalCpuDuration().get()  # type: ignore[union-attr]
    return float(jvm.toMillis()) / 1000 + time.process_time()
