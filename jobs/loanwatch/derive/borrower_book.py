"""What a borrower owes over all its loans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch import codes
from loanwatch.gaps import GAPS, absent_where

DELINQUENT_DAYS = 30
OF_LOAN = ("history_gap", "late_months_24m", "worst_status_60m", "times_eased_12m", "compensations")
AGES_DAYS = (90, 180, 365, 730)  # borrowers are compared with those about as long on the book


def borrower_book(loan_day: DataFrame, loan_indicator: DataFrame, loan_class: DataFrame, as_of: date) -> DataFrame:
    """One row per borrower with a loan of the day: sums over its loans, what is missing of them, and who its peers are."""
    loans = loan_day.join(loan_indicator.select("loan_id", *OF_LOAN), on="loan_id", how="left").join(
        loan_class.select("loan_id", "five_class"), on="loan_id", how="left"
    )
    return loans.groupBy("borrower_id").agg(*_sums(as_of), *_gaps(), *_peers(as_of))


def _sums(as_of: date) -> list[Column]:
    balance, age = F.col("balance_minor"), F.datediff(F.lit(as_of), "opened_on")
    delinquent = F.coalesce(F.col("own_days_past_due") > DELINQUENT_DAYS, F.lit(False))
    return [
        F.count(F.lit(1)).alias("loans"), F.countDistinct("partner_id").alias("partners"),
        first_of(codes.CURRENCIES.words, F.col("currency")).alias("currency"),
        F.sum(balance).alias("exposure_minor"), F.sum("due_30d_minor").alias("due_30d_minor"),
        F.sum("next_due_minor").alias("next_due_minor"), F.max("own_days_past_due").alias("worst_own_days_past_due"),
        F.sum(delinquent.cast("int")).alias("delinquent_loans"),
        F.sum(F.when(delinquent, balance).otherwise(0)).alias("delinquent_minor"),
        F.sum(F.when(F.col("five_class").isin(*codes.NON_PERFORMING), balance).otherwise(0)).alias("npl_minor"),
        F.sum((age < 30).cast("int")).alias("loans_opened_30d"), F.sum((age < 90).cast("int")).alias("loans_opened_90d"),
        F.sum(F.when(age < 90, F.col("principal_minor")).otherwise(0)).alias("borrowed_90d_minor"),
        F.max("opened_on").alias("last_opened_on"), F.min("opened_on").alias("first_opened_on"),
        F.sum("late_months_24m").alias("late_months_24m"), F.max("worst_status_60m").alias("worst_status_60m"),
        F.sum("times_eased_12m").alias("times_eased_12m"),
        F.sum((F.col("compensations") > 0).cast("int")).alias("compensated_loans"),
        F.max(F.col("product") == "business").alias("in_business"),
    ]  # fmt: skip


def _gaps() -> list[Column]:
    no_schedule, no_payer = F.max(F.col("days_past_due").isNull()), F.max(F.col("own_paid_minor").isNull())
    return [
        absent_where(no_schedule).alias("schedule_gap"),
        absent_where(no_payer).alias("payer_gap"),
        first_of(GAPS, F.col("repayment_gap")).alias("repayment_gap"),
        first_of(codes.GAPS.words[::-1], F.col("history_gap")).alias("history_gap"),
    ]


def _peers(as_of: date) -> list[Column]:
    """Partner, product and age of its largest loan; of two as large, the one with the higher number."""
    age = F.datediff(F.lit(as_of), "opened_on")
    band = sum(((age >= days).cast("int") for days in AGES_DAYS), start=F.lit(0))
    largest = F.max(F.struct("balance_minor", "loan_id", "partner_id", "product", band.alias("age_band")))
    return [largest[name].alias(f"peer_{name}") for name in ("partner_id", "product", "age_band")]


def first_of(words: Sequence[str], word: Column) -> Column:
    """The aggregate word that stands first in a list; null counts as the first. On places: strings in an aggregate are sorted."""
    listed = F.array(*[F.lit(known) for known in words])
    return F.element_at(listed, F.min(F.coalesce(F.array_position(listed, word), F.lit(1)).cast("int")))
