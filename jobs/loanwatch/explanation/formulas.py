"""The declared indicators as DuckDB computes them, a row a day: what `derive.plan` compiles for Spark."""

from __future__ import annotations

from sqlglot import exp

from loanwatch.derive.indicator import Indicator, Measure
from loanwatch.derive.tables import BORROWER_INDICATORS, LOAN_INDICATORS
from loanwatch.flag.expression import columns_of, parsed
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


def aggregate(measure: Measure) -> str:
    """A measure over rows of its feed."""
    return duckdb_sql(_aggregate(measure))


def counted(measure: Measure) -> str:
    """Which rows of its feed a measure counts."""
    case = _aggregate(measure).find(exp.Case)
    return duckdb_sql(case.args["ifs"][0].this) if case else "true"


def _formula(indicator: Indicator) -> exp.Expr:
    whole = " and ".join(f"{gap} = 'none'" for gap in indicator.gap_columns) or "true"
    return parsed(f"case when {whole} then {indicator.formula.format(as_of=DAY)} end")


def _aggregate(measure: Measure) -> exp.Expr:
    on, reach = measure.source.feed.on.name, measure.before + measure.days
    window = f"{on} <= date_sub({DAY}, {measure.before}) and {on} > date_sub({DAY}, {reach})"
    return parsed(measure.sql.format(window=window, as_of=DAY))
