"""Repayments, as partners report them, beside the entries of the bank that name them.

Cash is what reaches the trust project: of a repayment that is split, the funder's share. An entry backs the repayment it names;
what names none settles many, and backs the oldest repayments that have no entry of their own.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.gaps import partner_of

KEY = ["partner_id", "pool_id", "currency"]


def settled_on(as_of: date, lag_days: int) -> Column:
    """The last day whose repayments must have arrived."""
    return F.date_sub(F.lit(as_of), lag_days)


def contracts(loan: DataFrame) -> DataFrame:
    """KEY of each loan."""
    return loan.select("loan_id", "pool_id", "currency", partner_of(F.col("loan_id")).alias("partner_id"))


def share() -> Column:
    """Of a repayment, what the trust project gets."""
    return F.coalesce("funder_minor", "paid_minor")


def own_entries(bank_entry: DataFrame, arrived: Column) -> DataFrame:
    """What the bank booked for each repayment that it names: `own_minor`, and of that up to a day `own_arrived_minor`."""
    named = bank_entry.where("repayment_id is not null")
    early = F.when(F.col("booked_on") <= arrived, F.col("amount_minor")).otherwise(0)
    return named.groupBy(*KEY, "repayment_id").agg(
        F.sum("amount_minor").alias("own_minor"), F.sum(early).alias("own_arrived_minor")
    )


def beside(repaid: DataFrame, own: DataFrame, arrived: Column) -> DataFrame:
    """A row per repayment or entry that names one; of `repaid`: KEY, repayment_id, loan_id, paid_on, share_minor.

    `settled_minor` must have arrived, `short_minor` of it the own entry lacks, `open_minor` has no own entry;
    `excess_minor` has arrived and was not reported, `reported_open_minor` was reported and has no own entry.
    """
    both = repaid.join(own, on=[*KEY, "repayment_id"], how="full")
    named = F.col("own_minor").isNotNull()
    settled = F.when(F.col("paid_on") <= arrived, F.col("share_minor")).otherwise(0)
    reported = F.coalesce("share_minor", F.lit(0))
    return both.select(
        *KEY, "repayment_id", "loan_id", "paid_on", "share_minor", "own_minor",
        settled.alias("settled_minor"),
        F.when(named, F.greatest(settled - F.col("own_minor"), F.lit(0))).otherwise(0).alias("short_minor"),
        F.when(named, 0).otherwise(settled).alias("open_minor"),
        F.when(named, F.greatest(F.col("own_arrived_minor") - reported, F.lit(0))).otherwise(0).alias("excess_minor"),
        F.when(named, 0).otherwise(reported).alias("reported_open_minor"),
    )  # fmt: skip
