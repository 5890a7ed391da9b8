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
    frames = [spark.createDataFrame([], table.spark) for table in TABLES.values()]
    for number, most in ((6, 60), (200, MOST_SECONDS)):
        rules = drawn(number)
        before = spent(spark)
        plan = verdict(*frames, rules)._jdf.queryExecution().executedPlan()
        assert spent(spark) - before < most
    assert all(f"_{rule.id.lower()}" in plan.toString() for rule in rules[:5])


def spent(spark: SparkSession) -> float:
    """CPU seconds of this process, and of the thread of the JVM that works for it: others may be at work on the machine."""
    threads = spark._jvm.java.lang.management.ManagementFactory.getThreadMXBean()
    return time.process_time() + threads.getCurrentThreadCpuTime() / 1e9
