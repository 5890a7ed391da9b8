"""Compiles indicators: one aggregation a feed and subject for all measures, one projection for all formulas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from loanwatch.derive.indicator import Indicator, Measure, Series
from loanwatch.derive.window import Span

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

MONTH = "month"


def distinct_measures(indicators: Iterable[Indicator], feed: str | None = None) -> tuple[Measure, ...]:
    """The measures of some indicators, each once; of one feed, where it is named."""
    measures = {measure.name: measure for indicator in indicators for measure in indicator.of}
    return tuple(measure for measure in measures.values() if feed in (None, measure.source.feed.name))


def monthly_series(measures: Iterable[Measure]) -> tuple[Series, ...]:
    """The series of which sums of months are wanted, each once."""
    return tuple({m.series.name: m.series for m in measures if m.window.months}.values())


def measured(rows: DataFrame, by: str, measures: Sequence[Measure], as_of: date, sums: DataFrame | None = None) -> DataFrame:
    """One row per subject with every measure of a feed, in one aggregation over the days they reach back.

    `sums` are the feed's sums of closed months; without them the rows of all days are read.
    """
    from pyspark.sql import functions as F

    on = measures[0].source.feed.on.name
    days = [m.window.daily(as_of) if sums is not None else m.window.span(as_of) for m in measures]
    first = min((span.first for span in days if span), default=as_of)
    recent = rows.where(F.col(on).between(F.lit(first), F.lit(as_of)))
    if sums is not None:
        months = [span for m in measures if (span := m.window.monthly(as_of))]
        first = min((span.first for span in months), default=as_of)
        recent = recent.unionByName(sums.where(F.col(MONTH).between(F.lit(first), F.lit(as_of))), allowMissingColumns=True)
    return recent.groupBy(by).agg(*[_aggregate(m, on, as_of, sums is not None).alias(m.name) for m in measures])


def month_sums(rows: DataFrame, by: str, series: Sequence[Series]) -> DataFrame:
    """One row per subject and month in which there was something: what each series came to."""
    from pyspark.sql import functions as F

    on = series[0].source.feed.on.name
    totals = [F.expr(f"{s.how}(case when {s.where} then {s.column} {_NONE[s.how]} end)").alias(s.name) for s in series]
    return rows.groupBy(by, F.trunc(on, "month").alias(MONTH)).agg(*totals)


def projected(indicators: Iterable[Indicator], as_of: date) -> list[Column]:
    """The indicators as columns: null where a source has a gap, else the formula."""
    from pyspark.sql import functions as F

    columns = []
    for indicator in indicators:
        whole = " and ".join(f"{gap} = 'none'" for gap in indicator.gap_columns) or "true"
        columns.append(F.expr(f"case when {whole} then {indicator.on(as_of)} end").alias(indicator.name))
    return columns


_NONE = {"sum": "else 0", "max": "", "min": ""}


def _aggregate(measure: Measure, on: str, as_of: date, with_months: bool) -> Column:
    from pyspark.sql import functions as F

    series, window = measure.series, measure.window
    where, parts = series.where.format(as_of=f"DATE'{as_of}'"), []
    if days := window.daily(as_of) if with_months else window.span(as_of):
        parts.append(f"when {_within(on, days)} and {where} then {series.column}")
    if with_months and (months := window.monthly(as_of)):
        parts.append(f"when {_within(MONTH, months)} then {series.name}")
    return F.expr(f"{series.how}(case {' '.join(parts)} {_NONE[series.how]} end)")


def _within(on: str, span: Span) -> str:
    return f"{on} between DATE'{span.first}' and DATE'{span.last}'"
