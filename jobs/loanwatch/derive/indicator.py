"""How indicators are declared: sources, series of what happened, measures over windows of days or months, formulas over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from loanwatch import codes
from loanwatch.columns import Column, Type, coded
from loanwatch.derive.window import Window
from loanwatch.tables import Feed

Unit = Literal["days", "count", "bp", "minor", "flag"]
_TYPES: dict[Unit, Type] = {"days": "int", "count": "int", "bp": "long", "minor": "long", "flag": "boolean"}
MOST_TIMES = 100_000  # no ratio is told beyond: it says no more, and would not fit when it is multiplied again
MOST_BP = 10_000 * MOST_TIMES
_FITS = 9 * 10**14  # so many minor units are a long in basis points, more are not


@dataclass(frozen=True)
class Source:
    """Where measures come from, and what is missing of it: one gap column a source.

    `window` is its longest; a subject on the book for less has a gap. None where nothing has to be known of before.
    `whole` ones have none: what is told is all there is, such as events of the contract.
    `consent` is the purpose the borrower has to allow; None where the contract or the law itself needs the data.
    """

    name: str
    feed: Feed
    window: Window | None = None
    consent: str | None = None
    whole: bool = False

    @property
    def gap(self) -> Column:
        return gap_of(self.name)

    def total(self, name: str, column: str, where: str = "true") -> Series:
        """What a column comes to."""
        return Series(name, self, column, where)

    def count(self, name: str, where: str = "true") -> Series:
        """How many rows there are."""
        return Series(name, self, "1", where)

    def last(self, name: str, where: str = "true") -> Series:
        """The day of the last row."""
        return Series(name, self, self.feed.on.name, where, "max")

    def first(self, name: str, where: str = "true") -> Series:
        """The day of the first row; no sum of months keeps it."""
        return Series(name, self, self.feed.on.name, where, "min")


@dataclass(frozen=True)
class Series:
    """What is added up day by day, or the last or first day of it: a column of a feed where a condition holds."""

    name: str
    source: Source
    column: str
    where: str = "true"
    how: Literal["sum", "max", "min"] = "sum"

    def of(self, source: Source) -> Series:
        """The same for windows of another reach."""
        return replace(self, source=source)

    def over(self, window: Window) -> Measure:
        return Measure(f"{self.name}_{window.name}", self, window)

    def days(self, days: int) -> Measure:
        """Over the last days, the business date among them."""
        return self.over(Window(days=days))


@dataclass(frozen=True)
class Measure:
    """A series over a window: one number, or day, a subject. No row at all is 0 for a sum, null for a day."""

    name: str
    series: Series
    window: Window

    @property
    def source(self) -> Source:
        return self.series.source


@dataclass(frozen=True)
class Indicator:
    """One number per subject: a formula over measures and columns of the subject's tables, `over` another where it is a ratio.

    In the formula `{as_of}` is the business date, `{<measure>_days}` how many days a measure covers.
    Null under a gap of its sources is unknown; null without one is not applicable (a ratio to nothing).
    Of what must not be there at all (`zero_tolerance`) any is at least one basis point, and to nothing the most there is.
    `source_of` is where the definition comes from.
    """

    name: str
    unit: Unit
    formula: str
    doc: str
    source_of: str
    of: tuple[Measure, ...] = ()
    sources: tuple[str, ...] = ()
    at_least: int | None = None
    over: str = ""
    zero_tolerance: bool = False

    @property
    def gap_columns(self) -> tuple[str, ...]:
        """The gap columns that make it unknown."""
        measured = (m.source.gap.name for m in self.of if not m.source.whole)
        return tuple(dict.fromkeys([*measured, *(f"{source}_gap" for source in self.sources)]))

    @property
    def column(self) -> Column:
        return Column(self.name, _TYPES[self.unit], self.doc, at_least=self.at_least)

    def on(self, as_of: date) -> str:
        """The formula on a business date, as SQL."""
        return self.sql(f"DATE'{as_of}'", {measure.name: measure.window.length(as_of) for measure in self.of})

    def sql(self, as_of: str, days: Mapping[str, object]) -> str:
        """The formula, with the business date and the days of each measure as SQL."""
        sql = ratio(self.formula, self.over) if self.over else self.formula
        if self.zero_tolerance:
            sql = f"case when ({self.formula}) > 0 then greatest(1, coalesce({sql}, {MOST_BP})) else {sql} end"
        return sql.format(as_of=as_of, **{f"{name}_days": length for name, length in days.items()})


def from_column(column: Column, unit: Unit, source_of: str, *sources: str) -> Indicator:
    """An indicator that is a column of the subject's tables as it stands."""
    return Indicator(column.name, unit, column.name, column.doc, source_of, sources=sources, at_least=column.at_least)


def share(
    name: str, part: str, whole: str, doc: str, source_of: str, *sources: str, of: tuple[Measure, ...] = (),
    at_least: int | None = None, zero_tolerance: bool = False,
) -> Indicator:
    """Part over whole in basis points, MOST_TIMES at most; null where the whole is not above nothing."""
    return Indicator(name, "bp", part, doc, source_of, of, sources, at_least, whole, zero_tolerance)


def ratio(part: str, whole: str) -> str:
    """A ratio as SQL. One absurd amount must not stop a night: decimals, which cost more, where it is no long any more."""
    part, whole = f"({part})", f"({whole})"
    fits = f"if(abs({part}) <= {_FITS}, 10000 * {part} div {whole}, 10000 * cast({part} as decimal(20,0)) div {whole})"
    return (
        f"case when abs({part}) div {MOST_TIMES} < {whole} then {fits} "
        f"when {whole} > 0 and {part} > 0 then {MOST_BP} when {whole} > 0 and {part} < 0 then -{MOST_BP} end"
    )


def gap_of(source: str) -> Column:
    """The column that tells what is missing of a source."""
    return coded(f"{source}_gap", codes.GAPS, f"What is missing of the source {source}.")
