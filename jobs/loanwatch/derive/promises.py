"""Whether borrowers did what they promised."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

DUE_DAYS = 60


def promises(promise: DataFrame, repayment: DataFrame, as_of: date) -> DataFrame:
    """One row per loan with promises that fell due in the last 60 days before the date: `kept_promises`, `broken_promises`.

    Kept = at least the amount was paid from the day of the promise to the day it was promised for.
    """
    due = promise.where((F.col("due_on") < F.lit(as_of)) & (F.col("due_on") >= F.date_sub(F.lit(as_of), DUE_DAYS)))
    paid = repayment.select("loan_id", "paid_on", "paid_minor").join(F.broadcast(due.select("loan_id").distinct()), on="loan_id",
                                                                     how="left_semi")  # fmt: skip
    between = F.col("paid_on").between(F.col("promised_on"), F.col("due_on"))
    amount = F.sum(F.when(between, F.col("paid_minor")).otherwise(0))
    each = (
        due.join(paid, on="loan_id", how="left")
        .groupBy("loan_id", "sender_id", "promise_id", "promised_minor")
        .agg((amount >= F.col("promised_minor")).alias("kept"))
    )
    return each.groupBy("loan_id").agg(
        F.sum(F.col("kept").cast("int")).alias("kept_promises"), F.sum((~F.col("kept")).cast("int")).alias("broken_promises")
    )
