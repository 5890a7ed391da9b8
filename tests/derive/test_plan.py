"""Windows, gaps and formulas as compiled from their declarations."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from frames import frame

from loanwatch.admit import feeds
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.derive.indicator import Indicator, Source
from loanwatch.derive.plan import distinct_measures, measured, projected

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
PAID = Source("repayment", feeds.REPAYMENT, history_days=10)
NOW = PAID.sum("now", "paid_minor", days=3)
BEFORE = PAID.sum("before", "paid_minor", days=4, before=3)
DEBITED = PAID.sum("debited", "paid_minor", days=3, where="channel = 'debit'")
LAST_DEBIT = PAID.days_since_last("last_debit", where="channel = 'debit'")
MEASURES = (NOW, BEFORE, DEBITED, LAST_DEBIT)


def test_a_window_holds_its_last_day_and_not_the_day_before_its_first(spark: SparkSession) -> None:
    """Columns: payments as (days ago, channel), then now, before, debited, last_debit."""
    nothing = (None, None, None, None)
    cases: list[tuple[list[tuple[int, str]], tuple[int | None, ...]]] = [
        ([(-1, "debit")], (0, 0, 0, None)),
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
    found = {row["loan_id"]: tuple(row[measure.name] for measure in MEASURES) for row in rows_of}
    for n, (payments, expected) in enumerate(cases):
        assert found.get(f"P01:{n}", nothing) == expected, payments


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


def test_a_measure_that_two_indicators_share_is_taken_once() -> None:
    def indicator(**of: Any) -> Indicator:
        return Indicator("x", "bp", "1", "", "", **of)

    found = distinct_measures([indicator(of=(NOW, BEFORE)), indicator(), indicator(of=(LAST_DEBIT, NOW))])
    assert found == (NOW, BEFORE, LAST_DEBIT)


def test_the_gaps_of_an_indicator_are_those_of_all_its_sources() -> None:
    found = Indicator("x", "bp", "1", "", "", of=(NOW, BEFORE), sources=("valuation",)).gap_columns
    assert found == ("repayment_gap", "valuation_gap")
