"""What each loan owes at the end of the day, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from loanwatch.gaps import gaps, partner_of

GONE = ("settled", "buy_back", "transfer")


def loan_day(
    loan: DataFrame,
    borrower: DataFrame,
    instalment: DataFrame,
    repayment: DataFrame,
    loan_event: DataFrame,
    delivery: DataFrame,
    as_of: date,
    freshness: Mapping[str, int],
) -> DataFrame:
    """`balance.loan_day`: one row per loan that is open or unpaid at the end of the day."""
    opened = loan.where(F.col("opened_on") <= F.lit(as_of)).withColumn("partner_id", partner_of(F.col("loan_id")))
    late = gaps(delivery, "repayment", as_of, freshness["repayment"]).drop("since")
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


def paid(repayment: DataFrame) -> DataFrame:
    """What has been paid for each loan: by anybody, and by the borrower (null where a payer is not stated)."""
    own = F.when(F.col("payer") == "borrower", F.col("paid_minor")).otherwise(0)
    unstated = F.sum(F.when(F.col("payer").isNull(), 1).otherwise(0)) > 0
    return repayment.groupBy("loan_id").agg(
        F.sum("paid_minor").alias("paid_minor"), F.when(~unstated, F.sum(own)).alias("own_paid_minor")
    )


def fates(loan_event: DataFrame) -> DataFrame:
    """Loans that have left the book or were written off, by the events up to the day."""
    return loan_event.groupBy("loan_id").agg(
        F.max(F.col("kind").isin(*GONE)).alias("gone"), F.max(F.col("kind") == "write_off").alias("written_off")
    )


def dues(instalment: DataFrame, paid: DataFrame, as_of: date) -> DataFrame:
    """Arrears and what comes next, one row per loan, from the schedule in force.

    Money is allocated to instalments by due date, within one to interest first. An instalment is past
    due from the day after its due date.
    """
    by_due = Window.partitionBy("loan_id", "schedule_no").orderBy("due_on", "instalment_no")
    newest = Window.partitionBy("loan_id").orderBy(F.col("schedule_no").desc())
    before = F.coalesce(F.sum("total").over(by_due.rowsBetween(Window.unboundedPreceding, -1)), F.lit(0))
    return (
        instalment.withColumn("total", F.col("principal_minor") + F.col("interest_minor"))
        .repartition("loan_id")
        .withColumns({"before": before, "due_before": F.lag("due_on").over(by_due)})
        .join(paid.hint("shuffle_hash"), on="loan_id", how="left")
        .groupBy("loan_id", "schedule_no")
        .agg(*_sums(as_of))
        .withColumn("newest", F.row_number().over(newest))
        .where("newest = 1")
        .drop("newest", "schedule_no")
    )


def _sums(as_of: date) -> list[Column]:
    day = F.lit(as_of)
    covered, own_covered = _covered("paid_minor"), _covered("own_paid_minor")
    past_due = F.col("due_on") < day
    unpaid = past_due & (covered < F.col("total"))
    own_unpaid = past_due & (own_covered < F.col("total"))
    is_next = (F.col("due_on") > day) & (F.col("due_before").isNull() | (F.col("due_before") <= day))
    recent = (F.col("due_on") <= day) & (F.col("due_on") > F.date_sub(day, 30))
    return [
        F.sum(F.greatest(covered - F.col("interest_minor"), F.lit(0))).alias("principal_covered"),
        F.sum(F.when(past_due, F.col("total") - covered).otherwise(0)).alias("arrears_minor"),
        F.sum(F.when(unpaid, 1).otherwise(0)).alias("missed_instalments"),
        F.min(F.when(unpaid, F.col("due_on"))).alias("unpaid_since"),
        F.min(F.when(own_unpaid, F.col("due_on"))).alias("own_unpaid_since"),
        F.min(F.when(is_next, F.col("due_on"))).alias("next_due_on"),
        F.sum(F.when(is_next, F.col("total") - covered)).alias("next_due_minor"),
        F.sum(F.when(recent, F.col("total")).otherwise(0)).alias("due_30d_minor"),
        F.max("paid_minor").alias("paid_minor"),
        F.max("own_paid_minor").alias("own_paid_minor"),
        F.max(F.col("paid_minor").isNotNull() & F.col("own_paid_minor").isNull()).alias("payer_unstated"),
    ]


def _covered(money: str) -> Column:
    """How much of an instalment the money covers; earlier instalments come first."""
    left = F.coalesce(F.col(money), F.lit(0)) - F.col("before")
    return F.least(F.greatest(left, F.lit(0)), F.col("total"))


def _state(as_of: date) -> list[Column | str]:
    has_schedule = F.col("principal_covered").isNotNull()
    written_off = F.coalesce("written_off", F.lit(False))
    own = F.when(~F.col("payer_unstated"), _days("own_unpaid_since", as_of))
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
        F.when(~F.coalesce("payer_unstated", F.lit(False)), F.coalesce("own_paid_minor", F.lit(0))).alias("own_paid_minor"),
        "next_due_on", "next_due_minor", "due_30d_minor",
        F.coalesce("gap", F.lit("absent")).alias("repayment_gap"),
        F.coalesce("gone", F.lit(False)).alias("gone"),
    ]  # fmt: skip


def _days(since: str, as_of: date) -> Column:
    return F.coalesce(F.datediff(F.lit(as_of), F.col(since)), F.lit(0))
