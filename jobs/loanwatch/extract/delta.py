"""What became of a form since it was handed in: the difference of every amount, and of the number of records, in parts by cause.

The parts are steps from what was handed in to what is there now, each filled anew: as the form is filled now (`form_changed`); from
what a restatement found for that date since, with its rules or by new ones (`data_corrected`, `rules_changed`); without the rows
that are there no more (`left`) and with those that are new (`new`); then row by row with the class of now (`migrated`), the
collateral of now (`revalued`), and all the rest (`moved`: paid, drawn, accrued). Of a form of cells the steps are exact, and what
stands in a cell is rounded: what that makes of the difference is `rounding`. What other systems told of a cell is in `moved`,
or, for the earlier date, with what a restatement found. So the parts sum to it. What other rules did between the two dates is in
`migrated`: to tell it apart the date would have to be performed with both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from loanwatch.extract.filling import NONE, UNIT_MINOR, Figures, Filer, fill_rows, rows_of
from loanwatch.extract.layout import Layout
from loanwatch.extract.mapping import Mapping
from loanwatch.report.base_tables import OF_CLASS, OF_COLLATERAL
from loanwatch.tables import Table

PARTS = ("form_changed", "data_corrected", "rules_changed", "left", "new", "migrated", "revalued", "moved", "rounding")
RECORDS = ""
HUNDREDTHS = 100
Totals = Counter[tuple[str, str]]


@dataclass(frozen=True)
class Delta:
    """Of an amount in a currency, minor units, or of the number of records (`field` empty): before, after, and why."""

    field: str
    currency: str
    before: int
    after: int
    parts: dict[str, int]

    def figure(self, n: int) -> str:
        """One of its figures for people: records, or an amount in units."""
        return f"{n:,}" if self.field == RECORDS else f"{Decimal(n) / HUNDREDTHS:,.2f}"


@dataclass(frozen=True)
class Before:
    """What was handed in: what stood in the amounts of each record, by field; the files of the base table that it was filled from,
    and of the same date as it is known now; whether that was made with the same configuration; what other systems told of cells,
    and what is known of that now."""

    given: dict[str, list[str | None]]
    records: int
    files: Sequence[str]
    files_known: Sequence[str]
    same_rules: bool
    figures: Figures = field(default_factory=dict)
    figures_known: Figures = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """Two states of one form, the earlier as it was handed in."""

    layout: Layout
    mapping: Mapping
    table: Table
    filer: Filer
    pool: str | None

    def delta(self, before: Before, files: Sequence[str], figures: Figures = NONE) -> list[Delta]:
        """By field and currency, the number of records first."""
        made, old, new = (rows_of(self.table, of) for of in (before.files, before.files_known, files))
        both = f"({old}) o join ({new}) n on {self._same()}"
        class_now, collateral_now = set(OF_CLASS), {*OF_CLASS, *OF_COLLATERAL}
        handed_in = self._shown(before.given, before.records)
        exact_then, shown_then = self._filled(made, before.figures)
        known, _ = self._filled(old, before.figures_known)
        stayed, classed, valued = (
            self._filled(f"select {self._mixed(names)} from {both}", before.figures_known)[0]
            for names in (set(), class_now, collateral_now)
        )
        moved, _ = self._filled(f"select {self._mixed(self._all())} from {both}", figures)
        exact, shown = self._filled(new, figures)
        restated = "data_corrected" if before.same_rules else "rules_changed"
        steps = {"form_changed": (handed_in, shown_then), restated: (exact_then, known), "left": (known, stayed),
                 "new": (moved, exact), "migrated": (stayed, classed), "revalued": (classed, valued),
                 "moved": (valued, moved), "rounding": (_off(shown_then, exact_then), _off(shown, exact))}  # fmt: skip
        return [
            Delta(*at, handed_in[at], shown[at], {name: _step(steps, name, at) for name in PARTS})
            for at in sorted({*handed_in, *shown, *(at for pair in steps.values() for of in pair for at in of)})
        ]

    def _filled(self, rows: str, figures: Figures) -> tuple[Totals, Totals]:
        """What a form comes to, exact and as it stands there."""
        filled = fill_rows(self.layout, self.mapping, self.table, rows, self.filer, self.pool, figures)
        given = {code: filled.records.rows[code].to_pylist() for code in self.mapping.amounts}
        shown = self._shown(given, len(filled.records.rows))
        exact = Counter({(code, ""): filled.exact[code] for code in self.mapping.amounts if code in filled.exact})
        return exact if self.layout.cells else shown, shown

    def _shown(self, given: dict[str, list[str | None]], records: int) -> Totals:
        """The sum of each field by currency, minor units, and the number of records; of a form of cells, these."""
        sums: Totals = Counter() if self.layout.cells else Counter({(RECORDS, ""): records})
        for code, values in given.items():
            for currency, minor in _amounts(values, UNIT_MINOR if self.layout.cells else HUNDREDTHS):
                sums[code, currency] += minor
        return sums

    def _all(self) -> set[str]:
        return {column.name for column in self.table.columns}

    def _mixed(self, of_now: set[str]) -> str:
        return ", ".join(f'{"n" if column.name in of_now else "o"}."{column.name}"' for column in self.table.columns)

    def _same(self) -> str:
        return " and ".join(f'o."{column.name}" = n."{column.name}"' for column in self.table.key)


def _step(steps: dict[str, tuple[Totals, Totals]], name: str, at: tuple[str, str]) -> int:
    before, after = steps.get(name, (Counter(), Counter()))
    return after[at] - before[at]


def _off(shown: Totals, exact: Totals) -> Totals:
    """By how much what stands there is off."""
    return Counter({at: shown[at] - exact[at] for at in {*shown, *exact}})


def _amounts(values: Iterable[str | None], unit: int) -> Iterable[tuple[str, int]]:
    """The amounts among what stands in a field: `12.34`, or `12.34 CNY`; what stands in place of one is none."""
    for value in values:
        number, _, currency = (value or "").partition(" ")
        if number.removeprefix("-")[:1].isdigit():
            yield currency, int(Decimal(number) * unit)
