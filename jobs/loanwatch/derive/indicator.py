"""How indicators are declared: sources, measures over windows of days, and formulas over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from loanwatch import codes
from loanwatch.columns import Column, Type, coded
from loanwatch.tables import Feed

Unit = Literal["days", "count", "bp", "minor"]
_TYPES: dict[Unit, Type] = {"days": "int", "count": "int", "bp": "long", "minor": "long"}


@dataclass(frozen=True)
class Source:
    """Where measures come from, and what is missing of it: one gap column a source.

    `history_days` is how far back its longest window reaches; a subject on the book for less has a gap.
    `consent` is the purpose the borrower has to allow; None where the contract itself needs the data.
    """

    name: str
    feed: Feed
    history_days: int
    consent: str | None = None

    @property
    def gap(self) -> Column:
        return coded(f"{self.name}_gap", codes.GAPS, f"What is missing of the source {self.name}.")

    def sum(self, name: str, column: str, days: int, before: int = 0, where: str = "true") -> Measure:
        """The total of a column over `days` days that end `before` days ago."""
        return Measure(name, self, f"sum(case when {{window}} and {where} then {column} else 0 end)", days, before)

    def days_since_last(self, name: str, where: str = "true") -> Measure:
        """Days since the last event within the history; null where there is none."""
        last = f"max(case when {{window}} and {where} then {self.feed.on.name} end)"
        return Measure(name, self, f"datediff({{as_of}}, {last})", self.history_days, 0, merged_by="min")


@dataclass(frozen=True)
class Measure:
    """An aggregate of a source over a window, as SQL with `{window}` and `{as_of}`.

    `merged_by` is how a borrower's figures at several partners become one. No event at all is 0 for a sum.
    """

    name: str
    source: Source
    sql: str
    days: int
    before: int
    merged_by: Literal["sum", "min"] = "sum"


@dataclass(frozen=True)
class Indicator:
    """One number per subject: a formula over measures and columns of the subject's tables.

    Null under a gap of its sources is unknown; null without one is not applicable (a ratio to nothing).
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

    @property
    def gap_columns(self) -> tuple[str, ...]:
        """The gap columns that make it unknown."""
        return tuple(dict.fromkeys([*(m.source.gap.name for m in self.of), *(f"{s}_gap" for s in self.sources)]))

    @property
    def column(self) -> Column:
        return Column(self.name, _TYPES[self.unit], self.doc, at_least=self.at_least)


def from_column(column: Column, unit: Unit, source_of: str, *sources: str) -> Indicator:
    """An indicator that is a column of the subject's tables as it stands."""
    return Indicator(column.name, unit, column.name, column.doc, source_of, sources=sources, at_least=column.at_least)
