"""Which loans and repayments stand behind a difference with our ledger or with the bank."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from loanwatch.balance.cash import KEY, beside, contracts, own_entries, settled_on, share


def unmatched(
    reconciliation: DataFrame,
    loan_day: DataFrame,
    loan: DataFrame,
    repayment: DataFrame,
    ledger_loan: DataFrame,
    bank_entry: DataFrame,
    as_of: date,
    settlement_lag_days: int,
) -> DataFrame:
    """`balance.unmatched`: nothing of pools that agree, so that a night without a difference reads next to nothing."""
    broken = F.broadcast(reconciliation.where("verdict = 'broken'").select(*KEY))
    unclear = F.broadcast(reconciliation.where("unbacked_minor > 0 or unreported_minor > 0").select(*KEY))
    of_day = ledger_loan.where(F.col("booked_on") == F.lit(as_of)).join(broken, on=KEY, how="left_semi")
    payments = repayment.join(contracts(loan).join(unclear, on=KEY, how="left_semi"), on="loan_id")
    entries = bank_entry.join(unclear, on=KEY, how="left_semi")
    return _of_ledger(loan_day, of_day).unionByName(_of_bank(payments, entries, as_of, settlement_lag_days))


def _of_ledger(loan_day: DataFrame, ledger_loan: DataFrame) -> DataFrame:
    """Loans of the pools that the ledger lists, where one side lacks the loan or tells another balance."""
    listed = F.broadcast(ledger_loan.select(*KEY).distinct())
    owed = loan_day.where((F.col("status") == "open") & (F.col("balance_minor") > 0)).join(listed, on=KEY, how="left_semi")
    ours = owed.select(*KEY, "loan_id", F.col("balance_minor").alias("our_minor"))
    theirs = ledger_loan.where("balance_minor > 0").select(*KEY, "loan_id", F.col("balance_minor").alias("their_minor"))
    both = ours.join(theirs, on=[*KEY, "loan_id"], how="full").where(~F.col("our_minor").eqNullSafe(F.col("their_minor")))
    return both.select(
        *KEY, F.lit("ledger").alias("against"), F.col("loan_id").alias("item"), "loan_id", "our_minor", "their_minor",
        F.lit(True).alias("sure"),
    )  # fmt: skip


def _of_bank(payments: DataFrame, entries: DataFrame, as_of: date, lag_days: int) -> DataFrame:
    """Repayments that their own entry does not back or exceeds; and those that came when cash for many had run out."""
    arrived = settled_on(as_of, lag_days)
    rows = payments.select(*KEY, "repayment_id", "loan_id", "paid_on", share().alias("share_minor"))
    matched = beside(rows, own_entries(entries, arrived), arrived)
    for_many = entries.where("repayment_id is null").groupBy(*KEY).agg(F.sum("amount_minor").alias("many_minor"))
    through = F.sum("open_minor").over(Window.partitionBy(*KEY).orderBy("paid_on"))  # a day's repayments all at once
    doubted = (
        matched.where("open_minor <> 0")
        .withColumn("through_minor", through)
        .join(F.broadcast(for_many), on=KEY, how="left")
        .where(F.col("through_minor") > F.coalesce("many_minor", F.lit(0)))
        .drop("through_minor", "many_minor")
    )
    sure = matched.where("short_minor > 0 or excess_minor > 0").withColumn("sure", F.lit(True))
    return sure.unionByName(doubted.withColumn("sure", F.lit(False))).select(
        *KEY, F.lit("bank").alias("against"), F.col("repayment_id").alias("item"), "loan_id",
        F.col("share_minor").alias("our_minor"), F.col("own_minor").alias("their_minor"), "sure",
    )  # fmt: skip
