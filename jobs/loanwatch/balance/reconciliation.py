"""The monitored book against our ledger, and repayments against the bank's cash."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.balance.cash import KEY, beside, contracts, own_entries, settled_on, share
from loanwatch.gaps import Expected, gaps


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
            "unbacked_minor",
            F.when(F.coalesce("gap", F.lit("absent")) == "none", F.col("unreported_minor")).alias("unreported_minor"),
            verdict.alias("verdict"),
        )
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
    """What must have arrived by now, what the bank has booked, and what of either the other side does not explain."""
    arrived = settled_on(as_of, lag_days)
    own = own_entries(bank_entry, arrived)
    naming = F.broadcast(own.select("partner_id").distinct())
    sent_by = repayment.withColumn("partner_id", F.col("sender_id"))
    named = _of_named(sent_by.join(naming, on="partner_id", how="left_semi"), own, loan, arrived)
    others = _of_others(sent_by.join(naming, on="partner_id", how="left_anti"), loan, arrived)
    early = F.when(F.col("booked_on") <= arrived, F.col("amount_minor")).otherwise(0)
    many = F.col("repayment_id").isNull()
    banked = bank_entry.groupBy(*KEY).agg(
        F.sum("amount_minor").alias("banked_minor"),
        F.sum(F.when(many, F.col("amount_minor")).otherwise(0)).alias("many_minor"),
        F.sum(F.when(many, early).otherwise(0)).alias("many_arrived_minor"),
    )
    amounts = [F.coalesce(name, F.lit(0)) for name in ("short_minor", "open_minor", "excess_minor", "reported_open_minor")]
    short, still_open, excess, reported = amounts
    return (
        named.unionByName(others)
        .join(banked, on=KEY, how="full")
        .withColumn("unbacked_minor", short + F.greatest(still_open - F.col("many_minor"), F.lit(0)))
        .withColumn("unreported_minor", excess + F.greatest(F.col("many_arrived_minor") - reported, F.lit(0)))
        .withColumn("unbacked_minor", F.when(F.col("banked_minor").isNotNull(), F.col("unbacked_minor")))
        .withColumn("unreported_minor", F.when(F.col("banked_minor").isNotNull(), F.col("unreported_minor")))
        .select(*KEY, "repaid_minor", "banked_minor", "unbacked_minor", "unreported_minor")
    )


def _of_named(repayment: DataFrame, own: DataFrame, loan: DataFrame, arrived: Column) -> DataFrame:
    """Per pool, of partners whose repayments the bank names one by one."""
    repaid = repayment.drop("partner_id").join(contracts(loan), on="loan_id")
    rows = repaid.select(*KEY, "repayment_id", "loan_id", "paid_on", share().alias("share_minor"))
    names = ("short_minor", "open_minor", "excess_minor", "reported_open_minor")
    return beside(rows, own, arrived).groupBy(*KEY).agg(
        F.sum("settled_minor").alias("repaid_minor"), *[F.sum(name).alias(name) for name in names]
    )


def _of_others(repayment: DataFrame, loan: DataFrame, arrived: Column) -> DataFrame:
    """The same of all other partners: nothing has an entry of its own, so sums by loan do."""
    settled = F.when(F.col("paid_on") <= arrived, share()).otherwise(0)
    by_loan = repayment.groupBy("loan_id").agg(F.sum(settled).alias("open_minor"), F.sum(share()).alias("reported_open_minor"))
    return (
        by_loan.join(contracts(loan), on="loan_id")
        .groupBy(*KEY)
        .agg(F.sum("open_minor").alias("open_minor"), F.sum("reported_open_minor").alias("reported_open_minor"))
        .select(*KEY, F.col("open_minor").alias("repaid_minor"), F.lit(0).alias("short_minor"), "open_minor",
                F.lit(0).alias("excess_minor"), "reported_open_minor")
    )  # fmt: skip
