"""What two people judged of a class: an override in force, approved by another than its author. Computed anew every night."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.overrides import approved

SUBJECTS = ("loan", "borrower")


def judgement(review: DataFrame, as_of: date) -> DataFrame:
    """One row per loan or borrower (`subject`, `subject_id`) with the class of the latest approved override: `judged`."""
    ends = F.col("expires_on").isNull() | (F.lit(as_of) <= F.col("expires_on"))
    in_force = approved(review).where(F.col("subject").isin(*SUBJECTS) & ends)
    last = F.max(F.struct("decided_on", "review_id", "sender_id", "five_class"))
    return in_force.groupBy("subject", "subject_id").agg(last.getField("five_class").alias("judged"))
