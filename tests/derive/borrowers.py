"""Borrowers of a day, what they did, and their indicators by borrower."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from frames import frame
from pyspark.sql import functions as F

from loanwatch.admit import feeds
from loanwatch.admit.contact_feeds import CONTACT, CONTACT_ATTEMPT
from loanwatch.admit.monitoring_feeds import SIGNAL, STATEMENT
from loanwatch.admit.tables import DELIVERY
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.derive.behaviour import TWO_MONTHS_BEFORE
from loanwatch.derive.behaviour_month import behaviour_month
from loanwatch.derive.borrower_indicator import borrower_indicator
from loanwatch.derive.tables import BEHAVIOUR_MONTH, LOAN_INDICATOR
from loanwatch.gaps import Expected

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
FIRST, LAST = ((D - day).days for day in TWO_MONTHS_BEFORE.span(D))  # of the two months before, in days ago
LONG, SHORT = FIRST + 1, 30
# Partners by when they first and last delivered behaviour, in days ago; NEVER has sent other feeds only.
DELIVERED = {"P01": (400, 0), "P02": (400, 0), "LATE": (400, 1), "FULL": (LONG - 1, 0), "NEW": (LONG - 2, 0),
             "P03": (400, 0), "P04": (400, 0)}  # fmt: skip
OTHERS = (SIGNAL, CONTACT, CONTACT_ATTEMPT, STATEMENT, feeds.PLEDGE, feeds.ASSET)
OCCASIONAL = ("signal", "contact", "contact_attempt", "statement")
Rows = Sequence[dict[str, Any]]


def loan(borrower: str, partner: str = "P01", opened: int = 400, **given: Any) -> dict[str, Any]:
    """A loan of the day, opened so many days ago."""
    name = f"{partner}:{borrower}"
    known: dict[str, Any] = {"loan_id": name, "customer_id": name, "borrower_id": borrower, "partner_id": partner}
    known |= {"days_past_due": 0, "own_days_past_due": 0, "own_paid_minor": 0}
    return {**known, "opened_on": D - timedelta(opened), **given}


def did(borrower: str, kind: str, ago: int, amount: int = 1, partner: str = "P01") -> dict[str, Any]:
    """Something a borrower did so many days ago, so many times and for so much."""
    what = {"kind": kind, "times": amount, "amount_minor": amount}
    return {"customer_id": f"{partner}:{borrower}", "happened_on": D - timedelta(ago), **what}


def performed(
    spark: SparkSession, loans: Rows, behaviour: Rows = (), consents: Rows | None = None, of_loans: Rows = (), classes: Rows = (),
    sent: Mapping[str, Sequence[str]] = {"P01": OCCASIONAL}, **others: Rows,
) -> dict[str, dict[str, Any]]:
    """The step's rows by borrower; everybody has consented unless consents are given, and each partner has sent what is `sent`."""
    people = {row["customer_id"]: {"customer_id": row["customer_id"], "borrower_id": row["borrower_id"]} for row in loans}
    agreed = [{"customer_id": customer, "purpose": "monitoring", "given": True} for customer in people]
    deliveries = [{"feed": feed, "sender": name, "business_on": D} for name, feeds_of in sent.items() for feed in feeds_of]
    deliveries += [{"feed": "repayment", "sender": "NEVER", "business_on": D}] + [
        {"feed": "behaviour", "sender": name, "business_on": D - timedelta(ago)}
        for name, (first, last) in DELIVERED.items() for ago in range(last, first + 1)
    ]  # fmt: skip
    did_before = frame(spark, feeds.BEHAVIOUR, behaviour)
    nothing = frame(spark, BEHAVIOUR_MONTH, []).withColumn("as_of", F.lit(D))
    months = behaviour_month(did_before, frame(spark, feeds.BEHAVIOUR, []), nothing, D)
    given = {feed.name: frame(spark, feed, others.pop(feed.name, ())) for feed in OTHERS}
    assert not others, f"no feeds {list(others)}"
    found = borrower_indicator(
        frame(spark, LOAN_DAY, loans), frame(spark, LOAN_INDICATOR, of_loans), frame(spark, LOAN_CLASS, classes),
        frame(spark, feeds.BORROWER, list(people.values())),
        frame(spark, feeds.CONSENT, agreed if consents is None else consents), did_before, months, nothing,
        delivery=frame(spark, DELIVERY, deliveries), as_of=D, expected=Expected("daily", {"behaviour": 0}, {}), **given,
    )  # fmt: skip
    return {row["borrower_id"]: row.asDict() for row in found.collect()}
