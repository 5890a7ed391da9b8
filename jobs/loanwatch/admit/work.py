"""The workers of admission: this process for a small night, Spark's Python workers for a large one.

File names go out, counts come back, no delivered value in between.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession


def alone(function: str, tasks: list[str]) -> list[str]:
    """Perform a function of staging.py on each task, here."""
    run = getattr(importlib.import_module("loanwatch.admit.staging"), function)
    return [run(task) for task in tasks]


def spread(spark: SparkSession, function: str, tasks: list[str]) -> list[str]:
    """Perform a function of staging.py on each task, wherever there are cores."""
    if not tasks:
        return []
    rows = spark.sparkContext.parallelize([(task,) for task in tasks], len(tasks))
    outcomes = spark.createDataFrame(rows, "task string").mapInArrow(_each(function), "outcome string")
    return [row.outcome for row in outcomes.collect()]


def _each(function: str):  # type: ignore[no-untyped-def]
    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for batch in batches:
            yield pa.RecordBatch.from_pydict({"outcome": alone(function, batch.column(0).to_pylist())})

    return work
