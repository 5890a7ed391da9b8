"""What two people judged of a class: an override in force, approved by another than its author. Computed anew every night."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

SUBJECTS = ("loan", "borrower")


def judgement(review: DataFrame, as_of: date) -> DataFrame:
    """One row per loan or borrower (`subject`, `subject_id`) with the class of the latest approved override: `judged`."""
    ends = F.col("expires_on").isNull() | (F.lit(as_of) <= F.col("expires_on"))
    overrides = review.where((F.col("decision") == "override") & F.col("subject").isin(*SUBJECTS) & ends)
    approval = review.where(F.col("decision") == "approve").select(
        "sender_id", F.col("approves_review_id").alias("review_id"), F.col("author").alias("approver")
    )
    approved = overrides.join(approval, on=["sender_id", "review_id"]).where("author <> approver")
    last = F.max(F.struct("decided_on", "review_id", "sender_id", "five_class"))
    return approved.groupBy("subject", "subject_id").agg(last.getField("five_class").alias("judged"))
