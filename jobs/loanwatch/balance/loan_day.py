"""What each loan owes at the end of the day, and since when."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.balance.dues import dues, paid
from loanwatch.gaps import Expected, gaps, partner_of

GONE = ("settled", "buy_back", "transfer")


def loan_day(
    loan: DataFrame,
    borrower: DataFrame,
    instalment: DataFrame,
    repayment: DataFrame,
    loan_event: DataFrame,
    delivery: DataFrame,
    as_of: date,
    expected: Expected,
) -> DataFrame:
    """`balance.loan_day`: one row per loan that is open or unpaid at the end of the day."""
    opened = loan.where(F.col("opened_on") <= F.lit(as_of)).withColumn("partner_id", partner_of(F.col("loan_id")))
    late = gaps(delivery, "repayment", as_of, expected).drop("since")
    return (
        opened.join(borrower.select("customer_id", "borrower_id"), on="customer_id", how="left")
        .withColumn("borrower_id", F.coalesce("borrower_id", "customer_id"))
        .join(dues(instalment, paid(repayment), as_of), on="loan_id", how="left")
        .join(fates(loan_event), on="loan_id", how="left")
        .join(F.broadcast(late), on="partner_id", how="left")
        .select(*_state(as_of))
        .where(~F.col("gone") & ((F.col("balance_minor") > 0) | (F.col("arrears_minor") > 0)))
        .drop("gone")
    )


def fates(loan_event: DataFrame) -> DataFrame:
    """Loans that have left the book or were written off, by the events up to the day."""
    return loan_event.groupBy("loan_id").agg(
        F.max(F.col("kind").isin(*GONE)).alias("gone"), F.max(F.col("kind") == "write_off").alias("written_off")
    )


def _state(as_of: date) -> list[Column | str]:
    has_schedule = F.col("principal_covered").isNotNull()
    written_off = F.coalesce("written_off", F.lit(False))
    unstated = F.col("paid_minor").isNotNull() & F.col("own_paid_minor").isNull()
    own = F.when(~unstated, _days("own_unpaid_since", as_of))
    return [
        "loan_id", "customer_id", "borrower_id", "partner_id", "pool_id", "product", "currency", "principal_minor",
        "opened_on", "matures_on",
        F.when(written_off, "written_off").otherwise("open").alias("status"),
        (F.col("principal_minor") - F.coalesce("principal_covered", F.lit(0))).alias("balance_minor"),
        "arrears_minor",
        F.when(has_schedule, _days("unpaid_since", as_of)).alias("days_past_due"),
        F.when(has_schedule, own).alias("own_days_past_due"),
        "missed_instalments",
        F.coalesce("paid_minor", F.lit(0)).alias("paid_minor"),
        F.when(~unstated, F.coalesce("own_paid_minor", F.lit(0))).alias("own_paid_minor"),
        "next_due_on", "next_due_minor", "due_30d_minor",
        F.coalesce("gap", F.lit("absent")).alias("repayment_gap"),
        F.coalesce("gone", F.lit(False)).alias("gone"),
    ]  # fmt: skip


def _days(since: str, as_of: date) -> Column:
    return F.coalesce(F.datediff(F.lit(as_of), F.col(since)), F.lit(0))
