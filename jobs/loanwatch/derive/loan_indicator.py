"""Indicators per loan."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.derive.guarantees import guarantees
from loanwatch.derive.plan import distinct_measures, measured, projected
from loanwatch.derive.promises import promises
from loanwatch.derive.tables import LOAN_INDICATORS
from loanwatch.gaps import absent_where, senders

HISTORY_MONTHS = 6


def loan_indicator(
    loan_day: DataFrame,
    loan_cover: DataFrame,
    roll_over: DataFrame,
    repayment: DataFrame,
    charge: DataFrame,
    loan_event: DataFrame,
    promise: DataFrame,
    guarantee: DataFrame,
    loan_month_month_ends: DataFrame,
    delivery: DataFrame,
    as_of: date,
) -> DataFrame:
    """`derive.loan_indicator`: one row per loan of the day."""
    wide = loan_day
    for feed, rows in (("repayment", repayment), ("charge", charge), ("loan_event", loan_event)):
        measures = distinct_measures(LOAN_INDICATORS, feed)
        sums = [m.name for m in measures if m.series.how == "sum"]
        wide = wide.join(measured(rows, "loan_id", measures, as_of), on="loan_id", how="left").fillna(0, sums)
    replaced = roll_over.select("loan_id", "replaced_loans", F.col("regulatory_days_past_due").alias("chain_days_past_due"))
    history = loan_month_month_ends.select("loan_id", "own_statuses")
    wide = (
        wide.join(loan_cover, on="loan_id", how="left")
        .join(replaced, on="loan_id", how="left")
        .join(promises(promise, repayment, as_of), on="loan_id", how="left")
        .join(history, on="loan_id", how="left")
        .join(guarantees(guarantee), on="loan_id", how="left")
        .join(F.broadcast(senders(delivery, "promise")), on="partner_id", how="left")
        .join(F.broadcast(senders(delivery, "guarantee")), on="partner_id", how="left")
        .fillna({"own_statuses": ""})
    )
    wide = wide.withColumns({**of_cover(), **_gaps(as_of)})
    keys = ["loan_id", "borrower_id", "partner_id", "product", "currency", "status", "repayment_gap"]
    return wide.select(*keys, *of_cover(), *_gaps(as_of), *projected(LOAN_INDICATORS, as_of))


def of_cover() -> dict[str, Column]:
    """Whether a loan is secured, and what is missing about that."""
    secured = F.col("assets").isNotNull()
    return {
        "secured": secured,
        "registration_gap": absent_where(secured & F.col("registered_until").isNull()),
        "valuation_gap": absent_where(secured & F.col("unknown_because").isNotNull()),
        "appraisal_gap": absent_where(secured & F.col("valuation_age_days").isNull()),
    }


def _gaps(as_of: date) -> dict[str, Column]:
    return {
        "schedule_gap": absent_where(F.col("days_past_due").isNull()),
        "payer_gap": absent_where(F.col("own_paid_minor").isNull()),
        "refinanced_gap": absent_where((F.col("replaced_loans") > 0) & F.col("chain_days_past_due").isNull()),
        "promise_gap": absent_where(F.col("promise_sent").isNull()),
        "guarantee_gap": absent_where(F.col("guarantee_sent").isNull()),
        "history_gap": _history_gap(as_of),
    }


def _history_gap(as_of: date) -> Column:
    """Six month-ends are wanted, of a younger loan all: one that is not known, or is from before the first night, is missed."""
    month = F.lit(as_of.replace(day=1))
    on_book = F.months_between(month, F.trunc("opened_on", "month")).cast("int")
    newest = F.substring("own_statuses", 1, HISTORY_MONTHS)
    too_short = F.length("own_statuses") < F.least(on_book, F.lit(HISTORY_MONTHS))
    return F.when(newest.contains("#"), "late").when(too_short, "too_short").otherwise("none")
