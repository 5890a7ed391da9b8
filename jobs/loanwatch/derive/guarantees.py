"""Guarantees whose guarantor can still be called upon (domain.md 4 F, GUAR_PERIOD)."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def guarantees(guarantee: DataFrame) -> DataFrame:
    """One row per loan with guarantors who were not called upon yet: when the first agreed period ends, and whether one was not
    agreed, so that it is the law's."""
    open_ = guarantee.where(F.col("active") & F.col("called_on").isNull())
    return open_.groupBy("loan_id").agg(
        F.min("until_on").alias("guaranteed_until"), F.max(F.col("until_on").isNull()).alias("guaranteed_by_law")
    )
