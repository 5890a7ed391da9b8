"""Windows, gaps and formulas as compiled from their declarations."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from frames import frame
from pyspark.sql import functions as F

from loanwatch.admit import feeds
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.derive.indicator import Indicator, Source, ratio
from loanwatch.derive.plan import distinct_measures, measured, month_sums, monthly_series, projected
from loanwatch.derive.tables import BORROWER_INDICATORS
from loanwatch.derive.window import Window

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
PAID = Source("repayment", feeds.REPAYMENT)
NOW = PAID.total("now", "paid_minor").days(3)
BEFORE = PAID.total("before", "paid_minor").over(Window(days=4, before=3))
DEBITED = PAID.total("debited", "paid_minor", "channel = 'debit'").days(3)
LAST_DEBIT = PAID.last("last_debit", "channel = 'debit'").days(10)
MEASURES = (NOW, BEFORE, DEBITED, LAST_DEBIT)


def test_a_window_holds_its_last_day_and_not_the_day_before_its_first(spark: SparkSession) -> None:
    """Columns: payments as (days ago, channel), then now, before, debited, and how long ago the last debit was."""
    nothing = (None, None, None, None)
    cases: list[tuple[list[tuple[int, str]], tuple[int | None, ...]]] = [
        ([(-1, "debit")], nothing),
        ([(0, "debit")], (1, 0, 1, 0)),
        ([(2, "debit")], (1, 0, 1, 2)),
        ([(3, "debit")], (0, 1, 0, 3)),
        ([(6, "debit")], (0, 1, 0, 6)),
        ([(7, "debit")], (0, 0, 0, 7)),
        ([(9, "debit")], (0, 0, 0, 9)),
        ([(10, "debit")], nothing),
        ([(2, "transfer")], (1, 0, 0, None)),
        ([(2, "transfer"), (2, "debit"), (3, "debit"), (5, "debit"), (7, "debit")], (2, 2, 1, 2)),
    ]
    rows = [
        {"loan_id": f"P01:{n}", "paid_on": D - timedelta(days), "paid_minor": 1, "channel": channel}
        for n, (payments, _) in enumerate(cases) for days, channel in payments
    ]  # fmt: skip
    rows_of = measured(frame(spark, feeds.REPAYMENT, rows), "loan_id", MEASURES, D).collect()
    found = {row["loan_id"]: tuple(_ago(row[measure.name]) for measure in MEASURES) for row in rows_of}
    for n, (payments, expected) in enumerate(cases):
        assert found.get(f"P01:{n}", nothing) == expected, payments


def _ago(value: int | date | None) -> int | None:
    return (D - value).days if isinstance(value, date) else value


def test_a_formula_is_null_under_a_gap_of_its_sources_only(spark: SparkSession) -> None:
    """Columns: gap, arrears, balance, then the share and the age."""
    share = Indicator("share", "bp", "10000 * arrears_minor div nullif(balance_minor, 0)", "", "", sources=("repayment",))
    age = Indicator("age", "days", "datediff({as_of}, opened_on)", "", "")
    cases: list[tuple[str, int | None, int, tuple[int | None, int]]] = [
        ("none", 1, 4, (2500, 7)),
        ("none", 0, 4, (0, 7)),
        ("none", 1, 0, (None, 7)),
        ("none", None, 4, (None, 7)),
        ("late", 1, 4, (None, 7)),
        ("absent", 0, 4, (None, 7)),
    ]
    rows = [
        {"loan_id": f"P01:{n}", "repayment_gap": gap, "arrears_minor": arrears, "balance_minor": balance,
         "opened_on": D - timedelta(7)} for n, (gap, arrears, balance, _) in enumerate(cases)
    ]  # fmt: skip
    found = frame(spark, LOAN_DAY, rows).select("loan_id", *projected((share, age), D)).collect()
    assert {row["loan_id"]: (row["share"], row["age"]) for row in found} == {
        f"P01:{n}": expected for n, (*_, expected) in enumerate(cases)
    }


def test_a_ratio_is_nothing_of_nothing_and_always_fits(spark: SparkSession) -> None:
    """Columns: part, whole, basis points; at the ends of what a long holds, too."""
    most, end = 10**9, 2**63 - 1
    cases: list[tuple[int | None, int | None, int | None]] = [
        (1, 3, 3333), (-1, 3, -3333), (2, 3, 6666), (0, 1, 0), (1, 0, None), (0, 0, None), (1, -1, None), (-1, -1, None),
        (None, 1, None), (1, None, None), (99_999, 1, most - 10_000), (100_000, 1, most), (100_001, 1, most), (-100_000, 1, -most),
        (-100_001, 1, -most), (end, end, 10_000), (-end, end, -10_000), (end, 1, most), (-end, 1, -most), (1, end, 0),
        (end // 2, end, 4999), (9 * 10**14, 10**15, 9000), (9 * 10**14 + 1, 10**15, 9000), (10**18, 10**13, most),
        (10**18 - 10**13, 10**13, most - 10_000),
    ]  # fmt: skip
    rows = spark.createDataFrame(list(enumerate(cases)), "number int, of struct<part: bigint, whole: bigint, told: bigint>")
    found = rows.select("number", F.expr(ratio("of.part", "of.whole")).alias("bp")).collect()
    assert {row["number"]: row["bp"] for row in found} == {n: told for n, (*_, told) in enumerate(cases)}


def test_a_measure_that_two_indicators_share_is_taken_once() -> None:
    def indicator(**of: Any) -> Indicator:
        return Indicator("x", "bp", "1", "", "", **of)

    found = distinct_measures([indicator(of=(NOW, BEFORE)), indicator(), indicator(of=(LAST_DEBIT, NOW))])
    assert found == (NOW, BEFORE, LAST_DEBIT)


def test_the_gaps_of_an_indicator_are_those_of_all_its_sources() -> None:
    found = Indicator("x", "bp", "1", "", "", of=(NOW, BEFORE), sources=("valuation",)).gap_columns
    assert found == ("repayment_gap", "valuation_gap")


def test_sums_of_closed_months_give_what_the_rows_of_all_days_give(spark: SparkSession) -> None:
    """Random rows over two years, on dates around the ends of months; the sums of months that had closed, and the days since."""
    draw = random.Random(3)
    series = PAID.total("paid", "paid_minor"), PAID.total("debited", "paid_minor", "channel = 'debit'"), PAID.last("last_paid")
    windows = [Window(days=30), Window(days=31), *(Window(months=n, closed=c) for n in (1, 2, 3, 6, 12) for c in (False, True))]
    measures = [one.over(window) for one in series for window in windows]
    for day in (date(2025, 3, 1), date(2025, 3, 31), date(2024, 2, 29), date(2025, 1, 30)):
        rows = [
            {"loan_id": f"P01:{draw.randrange(40)}", "paid_on": day - timedelta(draw.randrange(-5, 480)),
             "paid_minor": draw.randrange(-5, 100), "channel": draw.choice(["debit", "transfer", None])} for _ in range(2000)
        ]  # fmt: skip
        paid = frame(spark, feeds.REPAYMENT, rows)
        closed = paid.where(F.col("paid_on") < F.lit(day.replace(day=1)))
        sums = month_sums(closed, "loan_id", monthly_series(measures))
        found, expected = (
            {row["loan_id"]: row.asDict() for row in measured(paid, "loan_id", measures, day, of).collect()} for of in (sums, None)
        )
        assert found == expected
        assert len(found) == 40


def test_all_measures_of_a_feed_are_one_aggregation(spark: SparkSession) -> None:
    rows = frame(spark, feeds.BEHAVIOUR, [])
    measures = distinct_measures(BORROWER_INDICATORS, "behaviour")
    assert len(measures) > 30
    plan = measured(rows, "customer_id", measures, D)._jdf.queryExecution().optimizedPlan().toString()
    assert plan.count("Aggregate [") == 1


@pytest.mark.parametrize(
    ("as_of", "window", "expected"),
    [
        (date(2025, 3, 1), Window(days=1), ("2025-03-01", "2025-03-01", 1)),
        (date(2025, 3, 1), Window(days=31), ("2025-01-30", "2025-03-01", 31)),
        (date(2025, 3, 1), Window(days=5, before=31), ("2025-01-25", "2025-01-29", 5)),
        (date(2025, 3, 1), Window(months=1), ("2025-02-01", "2025-03-01", 29)),
        (date(2025, 3, 31), Window(months=1), ("2025-02-01", "2025-03-31", 59)),
        (date(2024, 3, 31), Window(months=1), ("2024-02-01", "2024-03-31", 60)),
        (date(2025, 3, 1), Window(months=2, closed=True), ("2024-11-01", "2024-12-31", 61)),
        (date(2025, 3, 2), Window(months=2, closed=True), ("2024-11-01", "2024-12-31", 61)),
        (date(2025, 3, 3), Window(months=2, closed=True), ("2024-12-01", "2025-01-31", 62)),
        (date(2025, 3, 31), Window(months=1, closed=True), ("2025-02-01", "2025-02-28", 28)),
        (date(2025, 1, 30), Window(months=1, closed=True), ("2024-11-01", "2024-11-30", 30)),
    ],
)
def test_the_days_of_a_window(as_of: date, window: Window, expected: tuple[str, str, int]) -> None:
    """Closed months have ended before the last 31 days began."""
    first, last = window.span(as_of)
    assert (str(first), str(last), window.length(as_of)) == expected
