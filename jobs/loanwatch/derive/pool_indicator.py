"""Indicators per pool: delinquency on both clocks, roll rates, cash flow, reconciliation, all against its own past."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from loanwatch.derive import pool
from loanwatch.derive.group_book import group_book
from loanwatch.derive.plan import projected
from loanwatch.gaps import absent_where

CHANGE_MONTHS, DEVIATION_MONTHS = 3, 12
GAPS = tuple(f"{gap}_gap" for gap in pool.GAPS)


def pool_indicator(
    loan_day: DataFrame,
    loan_class: DataFrame,
    loan_month_month_ends: DataFrame,
    reconciliation: DataFrame,
    repayment: DataFrame,
    loan_event: DataFrame,
    pool_indicator_month_ends: DataFrame,
    as_of: date,
) -> DataFrame:
    """`derive.pool_indicator`: one row per pool with a loan of the day."""
    book = group_book(loan_day, loan_class, loan_month_month_ends, repayment, loan_event, "pool_id", as_of)
    wide = beside(book, reconciliation, pool_indicator_month_ends, "pool_id")
    return wide.select("pool_id", "currency", *GAPS, *projected(pool.INDICATORS, as_of))


def beside(book: DataFrame, reconciliation: DataFrame, month_ends: DataFrame, by: str) -> DataFrame:
    """Pools or partners with their reconciliation, their own past, and what is missing."""
    wide = book.join(_reconciled(reconciliation, by), on=by, how="left").join(_past(month_ends, by), on=by, how="left")
    return wide.withColumns({
        "history_gap": F.when(F.col("with_history") == 0, "too_short").otherwise("none"),
        "ledger_gap": absent_where(F.col("ledger_balance_minor").isNull()),
        "bank_gap": absent_where(F.col("unbacked_minor").isNull()),
        "line_gap": F.when(F.coalesce("month_ends", F.lit(0)) < CHANGE_MONTHS, "too_short").otherwise("none"),
    })  # fmt: skip


def _reconciled(reconciliation: DataFrame, by: str) -> DataFrame:
    """Sums over pools, never netted: a pool without a control total or a bank entry leaves the whole unknown."""
    names = ("ledger_balance_minor", "difference_minor", "unbacked_minor", "repaid_minor")
    known = {name: F.min(F.col(name).isNotNull()) for name in names}
    return reconciliation.groupBy(by).agg(*[F.when(known[name], F.sum(F.abs(name))).alias(name) for name in names])


def _past(month_ends: DataFrame, by: str) -> DataFrame:
    """Means and standard deviations of what is compared with its own past, over the last month-ends."""
    newest_first = Window.partitionBy(by).orderBy(F.col("as_of").desc())
    rows = month_ends.withColumn("age", F.row_number().over(newest_first))
    compared = [_mean(name, of.name, CHANGE_MONTHS) for name, of in pool.CHANGES.items()]
    for name, of in pool.DEVIATIONS.items():
        compared += _mean(name, of.name, DEVIATION_MONTHS), _deviation(name, of.name)
    return rows.groupBy(by).agg(F.count(F.lit(1)).alias("month_ends"), *compared)


def _mean(name: str, of: str, months: int) -> Column:
    """Of those known among the last month-ends: from an integer sum, so that the order of rows does not matter."""
    value = F.when(F.col("age") <= months, F.col(of))
    return F.when(F.count(value) > 0, F.floor(F.sum(value) / F.count(value))).alias(f"mean_{name}")


def _deviation(name: str, of: str) -> Column:
    """Of a roll rate, which is 10000 at most, over the last month-ends; null where fewer than three are known."""
    value = F.when(F.col("age") <= DEVIATION_MONTHS, F.col(of))
    n, total, squares = F.count(value), F.sum(value), F.sum(value * value)
    spread = F.sqrt((n * squares - total * total).cast("double")) / n
    return F.when(n >= CHANGE_MONTHS, spread).alias(f"deviation_{name}")
