"""What people judged otherwise than the rules, and another person approved."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def approved(review: DataFrame) -> DataFrame:
    """The rows of `review` that override a class and were approved by another than their author; once for each approval."""
    approval = review.where(F.col("decision") == "approve").select(
        "sender_id", F.col("approves_review_id").alias("review_id"), F.col("author").alias("approver")
    )
    overrides = review.where(F.col("decision") == "override")
    return overrides.join(approval, on=["sender_id", "review_id"]).where("author <> approver")
