"""Compiles indicators: one aggregation a feed and subject for all measures, one projection for all formulas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from loanwatch.derive.indicator import Indicator, Measure

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def distinct_measures(indicators: Iterable[Indicator]) -> tuple[Measure, ...]:
    """The measures of some indicators, each once."""
    return tuple({measure.name: measure for indicator in indicators for measure in indicator.of}.values())


def measured(rows: DataFrame, by: str, measures: Sequence[Measure], as_of: date) -> DataFrame:
    """One row per subject with every measure of a feed, in one aggregation over the days they reach back."""
    from pyspark.sql import functions as F

    on = measures[0].source.feed.on.name
    reach = max(measure.days + measure.before for measure in measures)
    recent = rows.where(F.col(on) > F.date_sub(F.lit(as_of), reach))
    return recent.groupBy(by).agg(*[F.expr(_sql(measure, as_of)).alias(measure.name) for measure in measures])


def projected(indicators: Iterable[Indicator], as_of: date) -> list[Column]:
    """The indicators as columns: null where a source has a gap, else the formula."""
    from pyspark.sql import functions as F

    columns = []
    for indicator in indicators:
        formula = indicator.formula.format(as_of=_day(as_of))
        whole = " and ".join(f"{gap} = 'none'" for gap in indicator.gap_columns) or "true"
        columns.append(F.expr(f"case when {whole} then {formula} end").alias(indicator.name))
    return columns


def _sql(measure: Measure, as_of: date) -> str:
    on = measure.source.feed.on.name
    last, first = f"date_sub({_day(as_of)}, {measure.before})", measure.before + measure.days
    window = f"{on} <= {last} and {on} > date_sub({_day(as_of)}, {first})"
    return measure.sql.format(window=window, as_of=_day(as_of))


def _day(as_of: date) -> str:
    return f"DATE'{as_of}'"
