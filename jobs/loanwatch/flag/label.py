"""What people said about warnings: labels by which rules are measured."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.flag.decisions import KEY, of_warnings
from loanwatch.flag.tables import LABEL


def label(review: DataFrame, warning: DataFrame, warning_before: DataFrame, label_before: DataFrame) -> DataFrame:
    """`flag.label`: one row per review of a warning that this release knows.

    The colour then is what the first release that knew the review told; results that come later are in later releases.
    """
    was = warning_before.select(*KEY, F.col("colour").alias("before"), F.col("coloured_on").alias("before_since"))
    told = label_before.select("sender_id", "review_id", F.col("colour_then").alias("told"))
    then = F.when(F.col("decided_on") >= F.col("coloured_on"), F.col("computed_colour")).when(
        F.col("decided_on") >= F.col("before_since"), F.col("before")
    )
    return (
        of_warnings(review, warning)
        .join(was, on=KEY, how="left")
        .join(told, on=["sender_id", "review_id"], how="left")
        .withColumn("colour_then", F.coalesce("told", then))
        .select(*LABEL.names)
    )
