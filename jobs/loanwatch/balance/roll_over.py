"""Loans that repaid other loans: days past due go on from the original due date (CBIRC 1104 volume 2024, notes of G01-II).

The contract names the loan it repaid, or a loan followed a pay-off of the same borrower, at any partner, within some days;
the latter is marked as inferred, and hands on only what was past due at the pay-off. What was past due then has been replaced
and not paid: its days go on. Where nothing was, a loan that itself falls past due counts from the maturity of the original.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.balance.chains import chains
from loanwatch.balance.clock.frames import readings
from loanwatch.balance.loan_feeds import LoanFeeds
from loanwatch.balance.tables import ROLL_OVER
from loanwatch.convention import Convention

TOLD_ON = ("agreed_on", "charged_on", "paid_on", "happened_on")  # of the feeds after `loan`
LEFT_UNPAID = ("buy_back", "transfer")  # off the book, and not by a pay-off


def roll_over(
    loan_day: DataFrame,
    loan: DataFrame,
    borrower: DataFrame,
    instalment: DataFrame,
    charge: DataFrame,
    repayment: DataFrame,
    loan_event: DataFrame,
    as_of: date,
    conventions: Mapping[str, Convention],
    closed_days: Sequence[date],
    roll_over_days: int,
) -> DataFrame:
    """`balance.roll_over`: one row per loan of the day that repaid other loans."""
    # Both are read by all that follows; the runner lets go of them when the step is done.
    loans = _contracts(loan, borrower, as_of).persist()
    paid_off = _paid_off(loans, loan_day, repayment, loan_event).persist()
    pairs = _named(loans).unionByName(_followed(loans, paid_off, roll_over_days))
    pairs = pairs.groupBy("loan_id", "replaced_loan_id").agg(F.min("inferred").alias("inferred")).persist()
    if pairs.isEmpty():
        return loan_day.sparkSession.createDataFrame([], ROLL_OVER.spark)
    replaced = paid_off.join(pairs.select(F.col("replaced_loan_id").alias("loan_id")), on="loan_id", how="left_semi")
    known = LoanFeeds(loan, instalment, charge, repayment, loan_event)
    since = _past_due_before(known, replaced.select("loan_id", "paid_off_on"), as_of, conventions, closed_days)
    of_replaced = loans.select("loan_id", "matures_on").join(since, on="loan_id", how="left")
    links = pairs.join(of_replaced.withColumnRenamed("loan_id", "replaced_loan_id"), on="replaced_loan_id", how="left")
    links = links.select("loan_id", "replaced_loan_id", "inferred", "since", "matures_on")
    return loan_day.join(F.broadcast(chains(links)), on="loan_id").select(*_state(as_of))


def _contracts(loan: DataFrame, borrower: DataFrame, as_of: date) -> DataFrame:
    opened = loan.where(F.col("opened_on") <= F.lit(as_of))
    known = opened.join(borrower.select("customer_id", "borrower_id"), on="customer_id", how="left")
    return known.select(
        "loan_id", F.coalesce("borrower_id", "customer_id").alias("borrower_id"), "opened_on", "matures_on", "refinances_loan_id"
    )


def _named(loans: DataFrame) -> DataFrame:
    named = loans.where(F.col("refinances_loan_id").isNotNull() & (F.col("refinances_loan_id") != F.col("loan_id")))
    return named.select("loan_id", F.col("refinances_loan_id").alias("replaced_loan_id"), F.lit(False).alias("inferred"))


def _paid_off(loans: DataFrame, loan_day: DataFrame, repayment: DataFrame, loan_event: DataFrame) -> DataFrame:
    """Loans that are paid off and that another loan may have repaid, with the day of the last money."""
    left = loan_event.where(F.col("kind").isin(*LEFT_UNPAID)).select("loan_id")
    last = loans.groupBy("borrower_id").agg(F.max("opened_on").alias("last_opened_on"), F.count(F.lit(1)).alias("loans"))
    named = loans.select(F.col("refinances_loan_id").alias("loan_id"), F.lit(True).alias("named")).dropna().distinct()
    closed = (
        loans.join(loan_day, on="loan_id", how="left_anti")
        .join(left, on="loan_id", how="left_anti")
        .join(last, on="borrower_id", how="left")
        .join(named, on="loan_id", how="left")
        .where(F.col("named") | ((F.col("loans") > 1) & (F.col("last_opened_on") >= F.col("opened_on"))))
        .select("loan_id", "borrower_id")
    )
    came_in = repayment.where(F.col("paid_minor") > 0).join(F.broadcast(closed), on="loan_id")
    return came_in.groupBy("loan_id", "borrower_id").agg(F.max("paid_on").alias("paid_off_on"))


def _followed(loans: DataFrame, paid_off: DataFrame, days: int) -> DataFrame:
    """Loans opened by the same borrower on the day of a pay-off or up to so many days later."""
    each_day = F.sequence("paid_off_on", F.date_add("paid_off_on", days))
    after = paid_off.select(F.col("loan_id").alias("replaced_loan_id"), "borrower_id", F.explode(each_day).alias("opened_on"))
    pairs = loans.join(after, on=["borrower_id", "opened_on"]).where(F.col("loan_id") != F.col("replaced_loan_id"))
    return pairs.select("loan_id", "replaced_loan_id", F.lit(True).alias("inferred"))


def _past_due_before(
    known: LoanFeeds,
    paid_off: DataFrame,
    as_of: date,
    conventions: Mapping[str, Convention],
    closed_days: Sequence[date],
) -> DataFrame:
    """Since when each loan was past due at the end of the day before it was paid off; loans that were not are left out."""
    names, until = sorted(conventions), F.broadcast(paid_off)
    loan, *told = [rows.join(until, on="loan_id") for rows in known]
    before = [rows.where(F.col(on) < F.col("paid_off_on")) for rows, on in zip(told, TOLD_ON, strict=True)]
    rows = LoanFeeds(loan, *before).rows(names, read_on=F.date_sub("paid_off_on", 1))
    read = readings(rows, as_of, [conventions[name] for name in names], closed_days)
    return read.where("unpaid_since is not null").select("loan_id", F.col("unpaid_since").alias("since"))


def _state(as_of: date) -> list[Column | str]:
    itself = F.col("unpaid_since").isNotNull() & ~F.col("technical")
    by_contract = F.when(itself, F.least("unpaid_since", "original_matures_on"))
    since = F.least("carried_since", by_contract)
    unknown = F.col("original_unknown") | F.col("days_past_due").isNull()
    days = F.greatest(F.datediff(F.lit(as_of), since), F.lit(0))
    return [
        "loan_id", "replaced_loan_id", "replaced_loans", "inferred", "carried_since", "original_matures_on",
        F.when(~unknown, since).alias("regulatory_since"),
        F.when(~unknown, F.coalesce(days, F.lit(0))).alias("regulatory_days_past_due"),
    ]  # fmt: skip
