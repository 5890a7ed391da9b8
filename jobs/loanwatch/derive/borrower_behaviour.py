"""What a borrower does, over all partners that it is a customer of, and what is missing of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.derive.behaviour import MONITORING, SOURCES
from loanwatch.derive.borrower_book import first_of
from loanwatch.derive.indicator import Measure, Source
from loanwatch.derive.plan import measured
from loanwatch.gaps import GAPS, Expected, gaps

MOST_COUNTED = 2**31 - 1


def borrower_behaviour(
    customers: DataFrame,
    consent: DataFrame,
    behaviour: DataFrame,
    behaviour_month: DataFrame,
    delivery: DataFrame,
    measures: Sequence[Measure],
    as_of: date,
    expected: Expected,
) -> DataFrame:
    """One row per borrower: the measures, and a gap for each source.

    A borrower is as well known as at its worst-known partner, and monitored only if it allows it everywhere.
    `customers`: `customer_id`, `borrower_id`, `partner_id` and `first_opened_on` of who has a loan of the day.
    """
    arrived = gaps(delivery, "behaviour", as_of, expected)
    allowed = consent.where(F.col("purpose") == MONITORING).select("customer_id", "given")
    return (
        customers.join(measured(behaviour, "customer_id", measures, as_of, behaviour_month), on="customer_id", how="left")
        .join(allowed, on="customer_id", how="left")
        .join(F.broadcast(arrived), on="partner_id", how="left")
        .groupBy("borrower_id")
        .agg(
            *[_merged(measure) for measure in measures],
            first_of(GAPS, F.col("gap")).alias("worst_gap"),
            F.max("since").alias("since"),
            F.max("first_opened_on").alias("first_opened_on"),
            F.min(F.coalesce("given", F.lit(False))).alias("given"),
        )
        .withColumns({source.gap.name: _gap(source, as_of) for source in SOURCES})
        .drop("worst_gap", "since", "first_opened_on", "given")
    )


def _merged(measure: Measure) -> Column:
    """Over partners: nothing anywhere is 0 for a sum, and no day; how often is told up to what a count holds."""
    if measure.series.how == "max":
        return F.max(measure.name).alias(measure.name)
    total = F.coalesce(F.sum(measure.name), F.lit(0))
    return (F.least(total, F.lit(MOST_COUNTED)) if measure.series.column == "times" else total).alias(measure.name)


def _gap(source: Source, as_of: date) -> Column:
    """What is missing of a behaviour source: consent first, then deliveries, then history."""
    window = source.window
    too_short = F.greatest("since", "first_opened_on") > window.span(as_of).first if window else F.lit(False)
    return (
        F.when(~F.col("given"), "no_basis")
        .when(F.col("worst_gap") == "absent", "absent")
        .when(F.col("worst_gap") == "late", "late")
        .when(too_short, "too_short")
        .otherwise("none")
    )
