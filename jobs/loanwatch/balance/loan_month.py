"""How the month went for each loan: the status that goes to the credit reference system, the periods missed so far, and how
it stood at past month-ends by the borrower's own clock.

Only at the end of a month, for the whole history of every loan goes through the clock. Past month-ends are as they were
thought then; those before the first night, or before a loan was delivered, are read off its schedule and cash as known now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.balance.clock.frames import histories
from loanwatch.balance.clock.history import DAYS_A_STATUS
from loanwatch.balance.loan_feeds import LoanFeeds
from loanwatch.balance.tables import KEPT_MONTHS, LATE
from loanwatch.convention import Convention

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
    loan_month_month_ends: DataFrame,
    as_of: date,
    conventions: Mapping[str, Convention],
    closed_days: Sequence[date],
) -> DataFrame:
    """`balance.loan_month`: one row per loan on the book, or gone since the month began."""
    since, names = as_of.replace(day=1), sorted(conventions)
    ended = _ended(loan_event, since)
    of_month = _of_month(loan_day, loan, repayment, ended, since, as_of)
    on_book = _on_book(loan_day, loan_month_month_ends, as_of)
    loan = loan.join(on_book.select("loan_id", "past_months"), on="loan_id", how="left")
    rows = LoanFeeds(loan, instalment, charge, repayment, loan_event).of(of_month).rows(names, past_months=F.col("past_months"))
    seen = histories(rows, as_of, since, list(_past(as_of)), [conventions[name] for name in names], closed_days)
    return (
        of_month.join(seen, on="loan_id", how="left")
        .join(on_book, on="loan_id", how="left")
        .join(ended, on="loan_id", how="left")
        .select("loan_id", _status().alias("status"), "days_past_due", "missed_ever", _own_statuses().alias("own_statuses"))
    )


def _past(as_of: date) -> Iterator[date]:
    """The month-ends before this one, the newest first."""
    for _ in range(KEPT_MONTHS - 1):
        as_of = as_of.replace(day=1) - timedelta(1)
        yield as_of


def _on_book(loan_day: DataFrame, before: DataFrame, as_of: date) -> DataFrame:
    """Loans of the day with the statuses that the last month-end kept, and how many are to be read anew where it kept fewer
    than the loan has had."""
    kept = before.where("own_statuses is not null").select("loan_id", F.col("own_statuses").alias("kept"))
    had = F.months_between(F.trunc(F.lit(as_of), "month"), F.trunc("opened_on", "month")).cast("int")
    had = F.least(had, F.lit(KEPT_MONTHS - 1))
    short = _own_known() & (F.length(F.coalesce("kept", F.lit(""))) < had)
    told = ["loan_id", "days_past_due", "own_days_past_due", "repayment_gap", "status"]
    return loan_day.join(kept, on="loan_id", how="left").select(*told, "kept", F.when(short, had).alias("past_months"))


def _own_known() -> Column:
    return F.col("own_days_past_due").isNotNull() & (F.col("repayment_gap") == "none")


def _own_statuses() -> Column:
    """A letter a month-end on the book; null where the loan has left it."""
    now = F.when(~_own_known(), "#").otherwise(_late(F.col("own_days_past_due")))
    past = F.coalesce(F.when(F.col("past_months") > 0, F.col("own_past")), "kept", F.lit(""))
    return F.when(F.col("repayment_gap").isNotNull(), F.substring(F.concat(now, past), 1, KEPT_MONTHS))


def _late(days: Column) -> Column:
    """The status of so many days past due."""
    return F.when(days > 0, F.least(F.ceil(days / DAYS_A_STATUS), F.lit(len(LATE))).cast("string")).otherwise("N")


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
    gone = F.col("repayment_gap").isNull()
    return (
        F.when(F.col("ended").isin(*STILL_OWED) | gone, F.coalesce("ended", F.lit("C")))
        .when(F.col("status") == "written_off", "B")
        .when(days.isNull() | (F.col("repayment_gap") != "none"), "#")
        .when(days > 0, _late(days))
        .when(F.col("late_lately"), "M")
        .when(F.col("due_lately"), "N")
        .otherwise("*")
    )
