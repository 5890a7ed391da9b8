"""Indicators per borrower, over all its loans and everything it does at any partner."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.derive import borrower_contact, links
from loanwatch.derive.behaviour import SOURCES
from loanwatch.derive.behaviour_month import newest
from loanwatch.derive.borrower_behaviour import borrower_behaviour
from loanwatch.derive.borrower_book import borrower_book
from loanwatch.derive.peers import with_peers
from loanwatch.derive.plan import distinct_measures, measured, projected
from loanwatch.derive.statements import statements
from loanwatch.derive.tables import BORROWER_INDICATORS, KEPT
from loanwatch.gaps import Expected, absent_where, partner_of, senders

OCCASIONAL = ("contact", "contact_attempt", "statement")  # sent by partners when there is something to say
GAPS = {"contact": "contact", "contact_attempt": "attempt", "statement": "statement"}


def borrower_indicator(
    loan_day: DataFrame,
    loan_indicator: DataFrame,
    loan_class: DataFrame,
    borrower: DataFrame,
    consent: DataFrame,
    behaviour: DataFrame,
    behaviour_month: DataFrame,
    behaviour_month_line: DataFrame,
    signal: DataFrame,
    contact: DataFrame,
    contact_attempt: DataFrame,
    statement: DataFrame,
    pledge: DataFrame,
    asset: DataFrame,
    delivery: DataFrame,
    as_of: date,
    expected: Expected,
) -> DataFrame:
    """`derive.borrower_indicator`: one row per borrower with a loan of the day."""
    customers = _customers(loan_day, borrower).persist()
    book = borrower_book(loan_day, loan_indicator, loan_class, as_of)
    late = book.select("borrower_id", (F.col("delinquent_loans") > 0).alias("delinquent")).persist()
    who = customers.select("customer_id", "borrower_id")
    months = newest(behaviour_month, behaviour_month_line, as_of)
    of_behaviour = distinct_measures(BORROWER_INDICATORS, "behaviour")
    parts = [
        _events(signal, "signal", who, as_of),
        _events(contact_attempt, "contact_attempt", who, as_of),
        borrower_contact.numbers(contact, who, as_of),
        borrower_contact.unanswered(contact_attempt, who, as_of),
        statements(statement, who),
        links.sharing(links.own_numbers(contact, who), late, "own_number"),
        links.sharing(links.places(pledge, asset, loan_day).select("key", "borrower_id").distinct(), late, "collateral"),
        links.delinquent_guarantors(contact, who, late),
        _sent(customers, delivery),
        # The widest last: joins of more than 100 columns are not compiled.
        borrower_behaviour(customers, consent, behaviour, months, delivery, of_behaviour, as_of, expected),
    ]
    wide = book
    for part in parts:
        wide = wide.join(part, on="borrower_id", how="left")
    wide = wide.fillna(0, _counted()).withColumns(_gaps()).persist()  # read for the peers, and again
    gaps = ["repayment_gap", "schedule_gap", "payer_gap", "history_gap", *(s.gap.name for s in SOURCES), *_gaps()]
    keys = ["borrower_id", "currency", *gaps]
    return with_peers(wide, KEPT, as_of).select(*keys, *projected(BORROWER_INDICATORS, as_of))


def _customers(loan_day: DataFrame, borrower: DataFrame) -> DataFrame:
    """One row per customer with a loan of the day: who it is, and its partner."""
    since = loan_day.groupBy("customer_id").agg(F.min("opened_on").alias("first_opened_on"))
    known = since.join(borrower.select("customer_id", "borrower_id"), on="customer_id", how="left")
    partner = partner_of(F.col("customer_id")).alias("partner_id")
    return known.select("customer_id", F.coalesce("borrower_id", "customer_id").alias("borrower_id"), partner, "first_opened_on")


def _events(rows: DataFrame, feed: str, who: DataFrame, as_of: date) -> DataFrame:
    """One row per borrower with events of a feed: its measures."""
    of_borrowers = rows.join(who, on="customer_id", how="inner")
    return measured(of_borrowers, "borrower_id", distinct_measures(BORROWER_INDICATORS, feed), as_of)


def _sent(customers: DataFrame, delivery: DataFrame) -> DataFrame:
    """One row per borrower: which feeds each of its partners has ever sent; and whether any bureau has sent signals."""
    at = customers.select("borrower_id", "partner_id").distinct()
    for feed in OCCASIONAL:
        at = at.join(F.broadcast(senders(delivery, feed)), on="partner_id", how="left")
    told = delivery.agg(F.max(F.col("feed") == "signal").alias("signal_sent"))
    by_all = [F.min(F.coalesce(f"{feed}_sent", F.lit(False))).alias(f"{feed}_sent") for feed in OCCASIONAL]
    return at.groupBy("borrower_id").agg(*by_all).join(F.broadcast(told), how="cross")


def _gaps() -> dict[str, Column]:
    """What is missing of the feeds that are sent when there is something to say."""
    gaps = {f"{gap}_gap": absent_where(~F.col(f"{feed}_sent")) for feed, gap in GAPS.items()}
    gaps["statement_gap"] = absent_where(F.col("in_business") & ~F.col("statement_sent"))
    return gaps | {"signal_gap": absent_where(~F.coalesce("signal_sent", F.lit(False)))}


def _counted() -> list[str]:
    """What is nothing where there is no row: sums of events, and borrowers who share something."""
    sums = [m.name for feed in ("signal", "contact_attempt") for m in distinct_measures(BORROWER_INDICATORS, feed)
            if m.series.how == "sum"]  # fmt: skip
    shared = [f"{late}sharing_{what}" for late in ("", "delinquent_") for what in ("own_number", "collateral")]
    return [*sums, *shared, "delinquent_guarantors", "own_numbers", "dead_numbers", "number_changes_90d"]
