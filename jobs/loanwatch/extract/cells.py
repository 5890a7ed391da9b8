"""How the cells of a form are filled: `mapping.yaml` beside its layout, in the language of the rules.

A cell is a sum over the rows of one base table that its condition holds of, or the number of different borrowers among them. A
table of cells is said by its `items`, what each counts, and its `columns`, what each limits it to; `cells` are said one by one
and come first. Cells that the form's own relations make sums of others are not said, or said as a control: whatever of them is
in none of their parts is named. What the book has no such business for is in `none`, and is nothing; what other systems tell
comes with the feed `form_figure` and is in `told`; what a demonstration leaves empty is in `empty`: of these a name is a cell, an
item, `2.3.*` what stands below an item, or a column, and in `empty` a `*` is all that is said nowhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from collections.abc import Mapping as Keyed
from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from loanwatch.columns import Column
from loanwatch.errors import near
from loanwatch.extract.compiling import Compiler, wide
from loanwatch.extract.layout import Layout
from loanwatch.extract.relations import parts, within
from loanwatch.yaml_lines import composed, pairs, twice, validated

SECTIONS = ("items", "columns", "cells")
OTHERS = "*"  # of what is left empty: all that is not said elsewhere
NOTHING = "0"  # what a row adds to a cell of which the book has no business
NOBODY = "''"  # whom a row adds to a cell that counts


class PartText(BaseModel):
    """What a cell counts of the rows `where` holds of: the `sum` of an expression in minor units, or the different values that
    there are of a column, `count`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    where: str = "true"
    sum: str = ""
    count: str = ""

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if bool(self.sum) == bool(self.count):
            raise ValueError("one of sum, count")
        return self

    @property
    def says(self) -> str:
        return f"the sum of {self.sum}" if self.sum else f"the number of different {self.count}"


class RestText(BaseModel):
    """Cells that no row of the table adds to, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    because: str = Field(min_length=1)
    cells: tuple[str, ...]


class CellsText(BaseModel):
    """The file. `records`: of which rows of the table the form is at all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    table: str
    records: str = "true"
    columns: dict[str, str] = {}
    items: dict[str, PartText | tuple[PartText, ...]] = {}
    cells: dict[str, PartText | tuple[PartText, ...]] = {}
    none: tuple[RestText, ...] = ()
    told: tuple[RestText, ...] = ()
    empty: tuple[RestText, ...] = ()


@dataclass(frozen=True)
class Cells:
    """A mapping of cells without faults; see `mapping.Mapping`."""

    table: str
    records: str
    measures: Keyed[str, str]
    counts: frozenset[str]
    totals: Keyed[str, tuple[str, ...]]
    reads: Keyed[str, tuple[str, ...]]
    texts: Keyed[str, str]
    told: tuple[str, ...]
    empty: tuple[str, ...]


def read(path: str, text: str, layout: Layout, columns: Keyed[str, Keyed[str, Column]], found: list[str]) -> Cells | None:
    """From its text; all faults of it are added with their lines."""
    document = pairs(composed(path, text, found))
    said = {str(key.value): pairs(value) for key, value in document if key.value in SECTIONS}
    lines = {str(key.value): key.start_mark.line + 1 for key, _ in (*document, *(of for part in said.values() for of in part))}
    for part in said.values():
        found += [f"{path}:{lines[name]}: {name} stands twice" for name in twice(str(key.value) for key, _ in part)]
    written = None if found else validated(CellsText, path, text, lines, found, words=True)
    return None if written is None else _CellsCompiler(path, lines, found).cells(written, layout, columns)


def totals(layout: Layout, left: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
    """The cells that the relations of a form make sums of others, by cell; the first relation that says so, none of itself, and
    none with cells that are left empty."""
    found: dict[str, tuple[str, ...]] = {}
    for whole, of in _sums(layout):
        if not {whole, *of}.intersection(left) and whole not in {cell for part in of for cell in (part, *below(part, found))}:
            found.setdefault(whole, of)
    return found


def totals_of(layout: Layout, known: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The same of a form of which only some cells are known: what these come to, and what that comes to."""
    found: dict[str, tuple[str, ...]] = {}
    there, before = set(known), -1
    while len(found) > before:
        before = len(found)
        for whole, of in _sums(layout):
            if whole not in found and there.issuperset(of) and whole not in {part for cell in of for part in below(cell, found)}:
                found[whole] = of
                there.add(whole)
    return found


def _sums(layout: Layout) -> list[tuple[str, tuple[str, ...]]]:
    """Each total that a relation of the form tells, with its parts."""
    return [one.total for one in within(layout.relations, layout.code, layout.by_code) if one.total]


def below(cell: str, totals: Keyed[str, tuple[str, ...]]) -> Iterator[str]:
    """All cells that a total comes from, totals too."""
    for part in totals.get(cell, ()):
        yield part
        yield from below(part, totals)


class _CellsCompiler(Compiler):
    """Each cell as what a row adds to it."""

    def cells(self, text: CellsText, layout: Layout, columns: Keyed[str, Keyed[str, Column]]) -> Cells | None:
        if text.table not in columns:
            self.fault("table", f"no base table {text.table!r}{near(text.table, columns)}")
            return None
        of_table = {name: wide(column) for name, column in columns[text.table].items()}
        left = self._named("empty", text.empty, layout)
        given = self._said(text, layout)
        told, none = (self._named(name, rest, layout) for name, rest in (("told", text.told), ("none", text.none)))
        sums = totals(layout, left) if OTHERS not in left else totals_of(layout, {*given, *told, *none})
        said = {code: of for code, of in given.items() if code in text.cells or code not in sums}
        told, none = ({code: why for code, why in of.items() if code not in sums} for of in (told, none))
        empty = self._left(left, layout, {*said, *sums, *told, *none})
        self._once(layout, {"cells": said, "told": told, "none": none, "empty": empty}, sums)
        records = self.condition("records", text.records, of_table)
        measures = {code: self._measure(code, of, of_table, layout) for code, of in said.items()} | dict.fromkeys(none, NOTHING)
        reads = {code: tuple(names) for code, names in self.reads.items()}
        texts = {code: f"the sum of {' + '.join(of)}" for code, of in sums.items()}
        for of, says in ((none, "nothing"), (told, "told in the feed form_figure"), (empty, "left empty")):
            texts |= {code: f"{says}: {because}" for code, because in of.items()}
        texts |= {code: "; ".join(f"{part.says} where {part.where}" for part in of) for code, of in said.items()}
        counts = frozenset(code for code in said if layout.by_code[code].format == "I")
        return Cells(text.table, records, measures, counts, sums, reads, texts, tuple(told), tuple(empty))

    def _left(self, left: Keyed[str, str], layout: Layout, known: Collection[str]) -> dict[str, str]:
        """The cells that are left empty; `*` are all that are not known."""
        others = left.get(OTHERS)
        empty = {code: because for code, because in left.items() if code != OTHERS}
        return empty | {code: others for code in layout.by_code if others and code not in known and code not in empty}

    def _once(self, layout: Layout, ways: Keyed[str, Keyed[str, object]], sums: Collection[str]) -> None:
        """Every cell is known in one way, and none is not."""
        for code in layout.by_code:
            of = [way for way, codes in ways.items() if code in codes]
            if len(of) > 1:
                self.fault(of[-1], f"{code} stands in {' and '.join(of)}")
        lacking = [f"{code} {field.name}" for code, field in layout.by_code.items()
                   if code not in sums and not any(code in codes for codes in ways.values())]  # fmt: skip
        if lacking:
            self.fault("cells", f"not said: {', '.join(lacking)}")

    def _said(self, text: CellsText, layout: Layout) -> dict[str, tuple[PartText, ...]]:
        """Each cell that is said, with what it counts: first those that are said alone, then items by columns."""
        items, columns = parts(layout.by_code)
        self._known("cell", text.cells, layout.by_code, layout)
        self._known("item", text.items, items, layout)
        self._known("column", text.columns, columns, layout)
        said = {code: _parts(of) for code, of in text.cells.items() if code in layout.by_code}
        for item, of in text.items.items():
            made = {f"{item}.{column}": tuple(part.model_copy(update={"where": _both(part.where, limit)}) for part in _parts(of))
                    for column, limit in text.columns.items()}  # fmt: skip
            made = {code: parts for code, parts in made.items() if code in layout.by_code}
            if not made and item in items:
                self.fault(item, f"{item}: it has no cell in these columns")
            said = {**made, **said}
            self.lines = {**dict.fromkeys(made, self.lines.get(item, 1)), **self.lines}
        return said

    def _known(self, kind: str, names: Iterable[str], there: Collection[str], layout: Layout) -> None:
        for name in names:
            if name not in there:
                self.fault(name, f"{layout.form} has no {kind} {name!r}{near(name, there)}")

    def _named(self, section: str, rest: Iterable[RestText], layout: Layout) -> dict[str, str]:
        """The cells of a list, with its reason."""
        found = dict[str, str]()
        for one in rest:
            for name in one.cells:
                codes = [OTHERS] if (section, name) == ("empty", OTHERS) else [code for code in layout.by_code if _is(code, name)]
                if not codes:
                    self.fault(section, f"{section}: {layout.form} has no cell {name!r}")
                found |= dict.fromkeys(codes, one.because)
        return found

    def _measure(self, code: str, of: tuple[PartText, ...], columns: Keyed[str, Column], layout: Layout) -> str:
        """What a row adds: of the first part that holds; not known where one before it cannot be told."""
        counts = layout.by_code[code].format == "I"
        if any(bool(part.count) != counts for part in of):
            self.fault(code, f"{code}: it asks for {'a number of borrowers' if counts else 'an amount'}")
        return f"case {' '.join(self._cases(code, of, columns))} else {NOBODY if counts else NOTHING} end"

    def _cases(self, code: str, of: tuple[PartText, ...], columns: Keyed[str, Column]) -> Iterator[str]:
        for part in of:
            when = self.condition(code, part.where, columns)
            told = self._counted(code, part.count, columns) if part.count else self._amount(code, part.sum, columns)
            yield f"when ({when}) is null then null when {when} then ({told})"

    def _amount(self, code: str, sum_: str, columns: Keyed[str, Column]) -> str:
        told = self.value(code, sum_, None, columns)
        if told.kind != "null" and (told.kind, told.unit) != ("number", "minor"):
            self.fault(code, f"{code}: {sum_} is no amount in minor units")
        return told.sql

    def _counted(self, code: str, name: str, columns: Keyed[str, Column]) -> str:
        if name not in columns:
            self.fault(code, f"{code}: the base table has no column {name!r}{near(name, columns)}")
        self.note(code, [name])
        return f'"{name}"'


def _parts(of: PartText | tuple[PartText, ...]) -> tuple[PartText, ...]:
    return (of,) if isinstance(of, PartText) else of


def _both(where: str, limit: str) -> str:
    told = [condition for condition in (where, limit) if condition != "true"]
    return " and ".join(f"({condition})" for condition in told) if len(told) > 1 else "".join(told) or "true"


def _is(code: str, name: str) -> bool:
    """Whether a name is of a cell: it is the cell, its item, what stands below it, or its column."""
    item, _, column = code.rpartition(".")
    return name in (code, item, column) or (name.endswith(".*") and item.startswith(name[:-1]))
