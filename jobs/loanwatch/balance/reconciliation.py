"""The monitored book against our ledger, and repayments against the bank's cash."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.gaps import Expected, gaps, partner_of

KEY = ["partner_id", "pool_id", "currency"]


def reconciliation(
    loan_day: DataFrame,
    loan: DataFrame,
    repayment: DataFrame,
    control_total: DataFrame,
    bank_entry: DataFrame,
    delivery: DataFrame,
    as_of: date,
    settlement_lag_days: int,
    expected: Expected,
) -> DataFrame:
    """`balance.reconciliation`: one row per partner, pool and currency; pools are never netted.

    A partner whose repayments are late cannot agree: its verdict is unknown, not broken.
    """
    late = gaps(delivery, "repayment", as_of, expected).select("partner_id", "gap")
    difference = F.coalesce("balance_minor", F.lit(0)) - F.coalesce("ledger_balance_minor", F.lit(0))
    compared = F.col("ledger_balance_minor").isNotNull() & (F.coalesce("gap", F.lit("absent")) == "none")
    agreed = (difference == 0) & (F.coalesce("loans", F.lit(0)) == F.coalesce("ledger_loans", F.lit(0)))
    verdict = F.when(~compared, "unknown").when(agreed, "agreed").otherwise("broken")
    return (
        _monitored(loan_day)
        .join(_ledger(control_total, as_of), on=KEY, how="full")
        .join(_cash(loan, repayment, bank_entry, as_of, settlement_lag_days), on=KEY, how="full")
        .join(F.broadcast(late), on="partner_id", how="left")
        .select(
            *KEY,
            F.coalesce("loans", F.lit(0)).alias("loans"),
            F.coalesce("balance_minor", F.lit(0)).alias("balance_minor"),
            "ledger_loans",
            "ledger_balance_minor",
            F.when(F.col("ledger_balance_minor").isNotNull(), difference).alias("difference_minor"),
            F.coalesce("repaid_minor", F.lit(0)).alias("repaid_minor"),
            "banked_minor",
            F.greatest(F.coalesce("repaid_minor", F.lit(0)) - F.col("banked_minor"), F.lit(0)).alias("unbacked_minor"),
            verdict.alias("verdict"),
        )
        .withColumn("unbacked_minor", F.when(F.col("banked_minor").isNotNull(), F.col("unbacked_minor")))
    )


def _monitored(loan_day: DataFrame) -> DataFrame:
    owed = loan_day.where((F.col("status") == "open") & (F.col("balance_minor") > 0))
    return owed.groupBy(*KEY).agg(F.count(F.lit(1)).alias("loans"), F.sum("balance_minor").alias("balance_minor"))


def _ledger(control_total: DataFrame, as_of: date) -> DataFrame:
    of_the_day = control_total.where(F.col("booked_on") == F.lit(as_of))
    return of_the_day.groupBy(*KEY).agg(
        F.sum("loans").alias("ledger_loans"), F.sum("balance_minor").alias("ledger_balance_minor")
    )


def _cash(loan: DataFrame, repayment: DataFrame, bank_entry: DataFrame, as_of: date, lag_days: int) -> DataFrame:
    """Repayments that must have arrived by now, and what the bank has booked."""
    settled = repayment.where(F.col("paid_on") <= F.date_sub(F.lit(as_of), lag_days))
    by_loan = settled.groupBy("loan_id").agg(F.sum("paid_minor").alias("paid_minor"))
    contracts = loan.select("loan_id", "pool_id", "currency", partner_of(F.col("loan_id")).alias("partner_id"))
    repaid = (
        by_loan.join(contracts, on="loan_id", how="inner").groupBy(*KEY).agg(F.sum("paid_minor").alias("repaid_minor"))
    )
    banked = bank_entry.groupBy(*KEY).agg(F.sum("amount_minor").alias("banked_minor"))
    return repaid.join(banked, on=KEY, how="full")
