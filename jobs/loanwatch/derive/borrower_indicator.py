"""Indicators per borrower, over all its loans and everything it does at any partner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch import codes
from loanwatch.derive.behaviour import ACTIVITY, INCIDENT
from loanwatch.derive.indicator import Measure, Source
from loanwatch.derive.plan import distinct_measures, measured, projected
from loanwatch.derive.tables import BORROWER_INDICATORS
from loanwatch.gaps import GAPS, Expected, absent_where, gaps, partner_of


def borrower_indicator(
    loan_day: DataFrame,
    borrower: DataFrame,
    consent: DataFrame,
    behaviour: DataFrame,
    delivery: DataFrame,
    as_of: date,
    expected: Expected,
) -> DataFrame:
    """`derive.borrower_indicator`: one row per borrower with a loan of the day.

    A borrower is as well known as at its worst-known partner, and monitored only if it allows it everywhere.
    """
    measures = distinct_measures(BORROWER_INDICATORS)
    arrived = gaps(delivery, "behaviour", as_of, expected)
    since = loan_day.groupBy("customer_id").agg(F.min("opened_on").alias("first_opened_on"))
    people = since.join(borrower, on="customer_id", how="left")
    customers = (
        people.select("customer_id", F.coalesce("borrower_id", "customer_id").alias("borrower_id"), "first_opened_on")
        .withColumn("partner_id", partner_of(F.col("customer_id")))
        .join(measured(behaviour, "customer_id", measures, as_of), on="customer_id", how="left")
        .join(consent.where("purpose = 'monitoring'").select("customer_id", "given"), on="customer_id", how="left")
        .join(F.broadcast(arrived), on="partner_id", how="left")
        .groupBy("borrower_id")
        .agg(
            *[_merged(measure) for measure in measures],
            _first_of(GAPS, F.col("gap")).alias("worst_gap"),
            F.max("since").alias("since"),
            F.max("first_opened_on").alias("first_opened_on"),
            F.min(F.coalesce("given", F.lit(False))).alias("given"),
        )
    )
    wide = (
        _book(loan_day)
        .join(customers, on="borrower_id", how="inner")
        .fillna(0, [m.name for m in measures if m.merged_by == "sum"])
    )
    keys = ["borrower_id", "currency", "repayment_gap", "schedule_gap", "payer_gap"]
    wide = wide.withColumns({source.gap.name: _gap(source, as_of) for source in (ACTIVITY, INCIDENT)})
    return wide.select(*keys, ACTIVITY.gap.name, INCIDENT.gap.name, *projected(BORROWER_INDICATORS, as_of))


def _book(loan_day: DataFrame) -> DataFrame:
    no_schedule, no_payer = F.max(F.col("days_past_due").isNull()), F.max(F.col("own_paid_minor").isNull())
    return loan_day.groupBy("borrower_id").agg(
        F.count(F.lit(1)).alias("loans"),
        F.countDistinct("partner_id").alias("partners"),
        _first_of(codes.CURRENCIES.words, F.col("currency")).alias("currency"),
        F.sum("balance_minor").alias("exposure_minor"),
        F.sum("due_30d_minor").alias("due_30d_minor"),
        F.max("own_days_past_due").alias("worst_own_days_past_due"),
        absent_where(no_schedule).alias("schedule_gap"),
        absent_where(no_payer).alias("payer_gap"),
        _first_of(GAPS, F.col("repayment_gap")).alias("repayment_gap"),
    )


def _first_of(words: Sequence[str], word: Column) -> Column:
    """The aggregate word that stands first in a list; null counts as the first. On places: strings in an aggregate are sorted."""
    listed = F.array(*[F.lit(known) for known in words])
    return F.element_at(listed, F.min(F.coalesce(F.array_position(listed, word), F.lit(1)).cast("int")))


def _merged(measure: Measure) -> Column:
    return (F.min(measure.name) if measure.merged_by == "min" else F.sum(measure.name)).alias(measure.name)


def _gap(source: Source, as_of: date) -> Column:
    """What is missing of a behaviour source: consent first, then deliveries, then history."""
    first_day = F.date_sub(F.lit(as_of), source.history_days - 1)
    too_short = F.greatest("since", "first_opened_on") > first_day
    return (
        F.when(~F.col("given"), "no_basis")
        .when(F.col("worst_gap") == "absent", "absent")
        .when(F.col("worst_gap") == "late", "late")
        .when(too_short, "too_short")
        .otherwise("none")
    )
