"""The declared indicators as DuckDB computes them, a row a day: what `derive.plan` compiles for Spark."""

from __future__ import annotations

from sqlglot import exp

from loanwatch.derive.indicator import Indicator, Measure
from loanwatch.derive.tables import BORROWER_INDICATORS, LOAN_INDICATORS
from loanwatch.derive.window import RECENT_DAYS, Window
from loanwatch.expression import columns_of, parsed
from loanwatch.flag.second_engine import duckdb_sql

DAY = "as_of"  # the column that holds the day
INDICATORS: dict[str, dict[str, Indicator]] = {
    "loan": {indicator.name: indicator for indicator in LOAN_INDICATORS},
    "borrower": {indicator.name: indicator for indicator in BORROWER_INDICATORS},
}


def formula(indicator: Indicator) -> str:
    """The indicator over a row of measures, columns and gaps."""
    return duckdb_sql(_formula(indicator))


def reads(indicator: Indicator) -> set[str]:
    """The columns that its formula reads, gaps among them."""
    return set(columns_of(_formula(indicator)))


def needs(measure: Measure) -> set[str]:
    """The columns of its feed that a measure reads, and the day."""
    return set(columns_of(_aggregate(measure)))


def aggregate(measure: Measure) -> str:
    """A measure over rows of its feed."""
    return duckdb_sql(_aggregate(measure))


def counted(measure: Measure) -> str:
    """Which rows of its feed a measure counts."""
    case = _aggregate(measure).find(exp.Case)
    return duckdb_sql(case.args["ifs"][0].this) if case else "true"


def _formula(indicator: Indicator) -> exp.Expr:
    whole = " and ".join(f"{gap} = 'none'" for gap in indicator.gap_columns) or "true"
    spans = {measure.name: _span(measure.window) for measure in indicator.of}
    days = {name: f"(datediff({last}, {first}) + 1)" for name, (first, last) in spans.items()}
    return parsed(f"case when {whole} then {indicator.sql(DAY, days)} end")


def _aggregate(measure: Measure) -> exp.Expr:
    series, (first, last) = measure.series, _span(measure.window)
    counts = f"{measure.source.feed.on.name} between {first} and {last} and {series.where.format(as_of=DAY)}"
    nothing = "else 0" if series.how == "sum" else ""
    return parsed(f"{series.how}(case when {counts} then {series.column} {nothing} end)")


def _span(window: Window) -> tuple[str, str]:
    """First and last day of a window, as SQL on the day."""
    if window.days:
        return f"date_sub({DAY}, {window.before + window.days - 1})", f"date_sub({DAY}, {window.before})"
    end = f"date_sub({DAY}, {RECENT_DAYS - 1})" if window.closed else DAY
    month = f"trunc({end}, 'MONTH')"
    return f"add_months({month}, {-window.months})", f"date_sub({month}, 1)" if window.closed else DAY
