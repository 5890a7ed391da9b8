"""How the month went for each loan: the status that goes to the credit reference system, and the periods missed so far.

Only at the end of a month, for the whole history of every loan goes through the clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch import calendars
from loanwatch.balance.clock.frames import histories
from loanwatch.balance.loan_feeds import LoanFeeds
from loanwatch.convention import Convention

PAST_DUE_STATUSES = 7  # the last is everything beyond
DAYS_A_STATUS = 30
# What ended a loan, or its arrears, in the month; of several, the first.
STILL_OWED = ("B", "D")  # by somebody: the loan stays on the book
ENDS = {"write_off": "B", "repossession": "Z", "compensation": "D", "settled": "C", "buy_back": "G", "transfer": "G"}


def loan_month(
    loan_day: DataFrame,
    loan: DataFrame,
    instalment: DataFrame,
    charge: DataFrame,
    repayment: DataFrame,
    loan_event: DataFrame,
    as_of: date,
    conventions: Mapping[str, Convention],
    closed_days: Sequence[date],
) -> DataFrame:
    """`balance.loan_month`: one row per loan on the book, or gone since the month began; none before the month's last day."""
    if as_of != calendars.month_end(as_of):
        nothing = loan_day.limit(0)
        return nothing.select("loan_id", F.lit("#").alias("status"), "days_past_due", F.lit(0).alias("missed_ever"))
    since, names = as_of.replace(day=1), sorted(conventions)
    ended = _ended(loan_event, since)
    of_month = _of_month(loan_day, loan, repayment, ended, since, as_of)
    rows = LoanFeeds(loan, instalment, charge, repayment, loan_event).of(of_month).rows(names)
    seen = histories(rows, as_of, since, [conventions[name] for name in names], closed_days)
    on_book = loan_day.select("loan_id", "days_past_due", "repayment_gap", "status")
    return (
        of_month.join(seen, on="loan_id", how="left")
        .join(on_book, on="loan_id", how="left")
        .join(ended, on="loan_id", how="left")
        .select("loan_id", _status().alias("status"), "days_past_due", "missed_ever")
    )


def _ended(loan_event: DataFrame, since: date) -> DataFrame:
    """What ended loans in the month, by the status it gives."""
    ranked = F.coalesce(*[F.when(F.col("kind") == kind, F.lit(rank)) for rank, kind in enumerate(ENDS)])
    of_month = loan_event.where((F.col("happened_on") >= F.lit(since)) & F.col("kind").isin(*ENDS))
    first = of_month.groupBy("loan_id").agg(F.min(ranked).alias("rank"))
    status = F.coalesce(*[F.when(F.col("rank") == rank, F.lit(code)) for rank, code in enumerate(ENDS.values())])
    return first.select("loan_id", status.alias("ended"))


def _of_month(
    loan_day: DataFrame, loan: DataFrame, repayment: DataFrame, ended: DataFrame, since: date, as_of: date
) -> DataFrame:
    """Loans on the book, and those that an event or the last money of this month took from it."""
    opened = loan.where(F.col("opened_on") <= F.lit(as_of)).select("loan_id")
    paid = repayment.where(F.col("paid_on") >= F.lit(since)).select("loan_id")
    moved = paid.unionByName(ended.select("loan_id")).distinct()
    return loan_day.select("loan_id").unionByName(opened.join(moved, on="loan_id", how="left_semi")).distinct()


def _status() -> Column:
    days = F.col("days_past_due")
    late = F.least(F.ceil(days / DAYS_A_STATUS), F.lit(PAST_DUE_STATUSES)).cast("string")
    gone = F.col("repayment_gap").isNull()
    return (
        F.when(F.col("ended").isin(*STILL_OWED) | gone, F.coalesce("ended", F.lit("C")))
        .when(F.col("status") == "written_off", "B")
        .when(days.isNull() | (F.col("repayment_gap") != "none"), "#")
        .when(days > 0, late)
        .when(F.col("late_lately"), "M")
        .when(F.col("due_lately"), "N")
        .otherwise("*")
    )
