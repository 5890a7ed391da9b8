"""How the cells of a form are filled: `mapping.yaml` beside its layout, each cell a sum over the rows of one base table that its
condition holds of, in the language of the rules. Cells that the form's own relations make sums of others are not said, or said as a
control: whatever of them is in none of their parts is named."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Keyed
from dataclasses import dataclass

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from loanwatch.columns import Column
from loanwatch.errors import near
from loanwatch.extract.compiling import Compiler, wide
from loanwatch.extract.layout import Layout
from loanwatch.extract.relations import parsed
from loanwatch.yaml_lines import composed, pairs, twice


class PartText(BaseModel):
    """What a cell counts: `sum`, an expression in minor units, of the rows `where` holds of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    where: str = "true"
    sum: str


class CellsText(BaseModel):
    """The file. `records`: of which rows of the table the form is at all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    table: str
    records: str = "true"
    cells: dict[str, PartText | tuple[PartText, ...]]


@dataclass(frozen=True)
class Cells:
    """A mapping of cells without faults; see `mapping.Mapping`."""

    table: str
    records: str
    measures: Keyed[str, str]
    totals: Keyed[str, tuple[str, ...]]
    reads: Keyed[str, tuple[str, ...]]
    texts: Keyed[str, str]


def read(path: str, text: str, layout: Layout, columns: Keyed[str, Keyed[str, Column]], found: list[str]) -> Cells | None:
    """From its text; all faults of it are added with their lines."""
    document = pairs(composed(path, text, found))
    of_cells = pairs(next((value for key, value in document if key.value == "cells"), None))
    lines = {str(key.value): key.start_mark.line + 1 for key, _ in (*document, *of_cells)}
    found += [f"{path}:{lines[name]}: {name} stands twice" for name in twice(str(key.value) for key, _ in of_cells)]
    written = None if found else _written(path, text, lines, found)
    return None if written is None else _CellsCompiler(path, lines, found).cells(written, layout, columns)


def totals(layout: Layout) -> dict[str, tuple[str, ...]]:
    """The cells that the relations of a form make sums of others, by cell; the first relation that says so, none of itself."""
    found: dict[str, tuple[str, ...]] = {}
    for text in layout.relations:
        relation = parsed(text)
        for one in relation.in_columns(layout.columns) if relation else ():
            whole, parts = one.total or ("", ())
            known = all(code in layout.by_code for code in (whole, *parts))
            if known and whole not in {cell for part in parts for cell in (part, *below(part, found))}:
                found.setdefault(whole, parts)
    return found


def below(cell: str, totals: Keyed[str, tuple[str, ...]]) -> Iterator[str]:
    """All cells that a total comes from, totals too."""
    for part in totals.get(cell, ()):
        yield part
        yield from below(part, totals)


def _written(path: str, text: str, lines: Keyed[str, int], found: list[str]) -> CellsText | None:
    try:
        return CellsText.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        for fault in error.errors():
            where = [str(part) for part in fault["loc"] if not str(part).startswith(("PartText", "tuple"))]
            line = next((lines[part] for part in reversed(where) if part in lines), 1)
            found.append(f"{path}:{line}: {'.'.join(where)}: {fault['msg']}")
    except (yaml.YAMLError, ValueError) as error:  # the 13th month
        found.append(f"{path}: not to be read: {' '.join(str(error).split())}")
    return None


class _CellsCompiler(Compiler):
    """Each cell as what a row adds to it."""

    def cells(self, text: CellsText, layout: Layout, columns: Keyed[str, Keyed[str, Column]]) -> Cells | None:
        if text.table not in columns:
            self.fault("table", f"no base table {text.table!r}{near(text.table, columns)}")
            return None
        of_table, sums = {name: wide(column) for name, column in columns[text.table].items()}, totals(layout)
        parts = {code: (of,) if isinstance(of, PartText) else of for code, of in text.cells.items()}
        self._covers(layout, parts, sums)
        records = self.condition("records", text.records, of_table)
        measures = {code: self._measure(code, of, of_table) for code, of in parts.items()}
        reads = {code: tuple(names) for code, names in self.reads.items()}
        texts = {code: "; ".join(f"the sum of {part.sum} where {part.where}" for part in of) for code, of in parts.items()}
        texts = {code: f"the sum of {' + '.join(of)}" for code, of in sums.items()} | texts
        return Cells(text.table, records, measures, sums, reads, texts)

    def _covers(self, layout: Layout, said: Keyed[str, object], sums: Keyed[str, tuple[str, ...]]) -> None:
        """Every cell that is no sum of others is said, and none that there is not."""
        for code in said:
            if code not in layout.by_code:
                self.fault(code, f"{layout.form} has no cell {code!r}{near(code, layout.by_code)}")
        lacking = [f"{code} {field.name}" for code, field in layout.by_code.items() if code not in said and code not in sums]
        if lacking:
            self.fault("cells", f"not said: {', '.join(lacking)}")

    def _measure(self, code: str, parts: tuple[PartText, ...], columns: Keyed[str, Column]) -> str:
        """What a row adds: of the first part that holds; not known where one before it cannot be told."""
        return f"case {' '.join(self._cases(code, parts, columns))} else 0 end"

    def _cases(self, code: str, parts: tuple[PartText, ...], columns: Keyed[str, Column]) -> Iterator[str]:
        for part in parts:
            when = self.condition(code, part.where, columns)
            told = self.value(code, part.sum, None, columns)
            if told.kind != "null" and (told.kind, told.unit) != ("number", "minor"):
                self.fault(code, f"{code}: {part.sum} is no amount in minor units")
            yield f"when ({when}) is null then null when {when} then ({told.sql})"
