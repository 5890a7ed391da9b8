"""How a form is filled: `mapping.yaml` beside its layout, a field an expression over one row of one base table, in the language
of the rules; no joins. All faults of a file are told together, with their lines."""

from __future__ import annotations

from collections.abc import Mapping as Keyed
from dataclasses import dataclass, field
from pathlib import Path

from loanwatch.columns import Column
from loanwatch.errors import UsageError, near
from loanwatch.explanation.known import quoted
from loanwatch.extract import cells, mapping_text
from loanwatch.extract.compiling import Compiler, wide
from loanwatch.extract.formats import fault as format_fault
from loanwatch.extract.layout import Field, Layout
from loanwatch.extract.mapping_text import CellText, MappingText
from loanwatch.extract.rendering import Told, rendered

FILE = "mapping.yaml"


@dataclass(frozen=True)
class Mapping:
    """A mapping without faults: the base table, which rows of it are records, and each field as SQL of DuckDB, text.

    `settings` are what the fields ask of the institution, by field: the setting, and the column by whose value it is told.
    `reads` are the columns of the base table that each field is computed from, `texts` how, as the file says it; `amounts` are the
    fields that are money. Of a form of cells, `measures` are what each row adds to a cell, SQL in minor units; of the cells in
    `counts` whom it adds, nobody being the empty text. `totals` are the cells that are sums of others, `told` those that other
    systems tell, and `empty` those that are left so.
    """

    table: str
    records: str
    fields: Keyed[str, str]
    settings: Keyed[str, tuple[str, str | None]]
    reads: Keyed[str, tuple[str, ...]]
    texts: Keyed[str, str]
    amounts: tuple[str, ...]
    measures: Keyed[str, str] = field(default_factory=dict)
    counts: frozenset[str] = frozenset()
    totals: Keyed[str, tuple[str, ...]] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()


def read(path: Path, layout: Layout, columns: Keyed[str, Keyed[str, Column]]) -> Mapping:
    """From its file; `columns` are those of the base tables, by table. UsageError lists every fault with its line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        raise UsageError(f"{path}: there is none; {layout.form} cannot be filled") from None
    return of(str(path), text, layout, columns)


def of(path: str, text: str, layout: Layout, columns: Keyed[str, Keyed[str, Column]]) -> Mapping:
    """From its text."""
    found: list[str] = []
    if layout.cells:
        mapping = _of_cells(path, text, layout, columns, found)
    else:
        lines, written = mapping_text.read(path, text, found)
        mapping = None if written is None else _Compiler(path, lines, written, found).mapping(layout, columns)
    if found or mapping is None:
        raise UsageError("\n".join(dict.fromkeys(found)))
    return mapping


def _of_cells(
    path: str, text: str, layout: Layout, columns: Keyed[str, Keyed[str, Column]], found: list[str]
) -> Mapping | None:
    made = cells.read(path, text, layout, columns, found)
    if made is None:
        return None
    amounts = tuple(code for code, field in layout.by_code.items() if field.format != "I")
    return Mapping(
        made.table, made.records, {}, {}, made.reads, made.texts, amounts, made.measures, made.counts, made.totals, made.told,
        made.empty,
    )  # fmt: skip


class _Compiler(Compiler):
    """What a file says, made SQL; faults are added to the list with their lines."""

    def __init__(self, path: str, lines: Keyed[str, int], text: MappingText, found: list[str]) -> None:
        super().__init__(path, lines, found)
        self.text = text
        self.amounts: list[str] = []

    def mapping(self, layout: Layout, columns: Keyed[str, Keyed[str, Column]]) -> Mapping | None:
        if self.text.table not in columns:
            self.fault("table", f"no base table {self.text.table!r}{near(self.text.table, columns)}")
            return None
        of_table, known = {name: wide(column) for name, column in columns[self.text.table].items()}, layout.by_code
        self._covers(layout)
        cells = {code: CellText(value=cell) if isinstance(cell, str) else cell for code, cell in self.text.fields.items()}
        constants = {code: word for word, codes in self.text.constants.items() for code in codes if code in known}
        sql = {code: self._constant(known[code], word) for code, word in constants.items()}
        sql |= {code: self._cell(known[code], cell, of_table) for code, cell in cells.items() if code in known}
        settings = {code: (cell.setting, cell.of) for code, cell in cells.items() if cell.setting}
        records = self.condition("records", self.text.records, of_table)
        reads = {code: tuple(names) for code, names in self.reads.items()}
        texts = {code: f"always {word}" for code, word in constants.items()} | {code: cell.says for code, cell in cells.items()}
        fields, amounts = {code: sql[code] for code in known if code in sql}, tuple(self.amounts)
        return Mapping(self.text.table, records, fields, settings, reads, texts, amounts)

    def _covers(self, layout: Layout) -> None:
        """Every field of the form is said once, and no other."""
        said = [code for codes in self.text.constants.values() for code in codes] + list(self.text.fields)
        known = layout.by_code
        for code in dict.fromkeys(said):
            if code not in known:
                self.fault(code, f"{layout.form} has no field {code!r}{near(code, known)}")
            elif said.count(code) > 1:
                self.fault(code, f"{code} stands twice")
        if lacking := [f"{code} {field.name}" for code, field in known.items() if code not in said]:
            self.fault("fields", f"not said: {', '.join(lacking)}")

    def _constant(self, field: Field, word: str) -> str:
        if found := format_fault(field, word):
            self.fault("constants", f"{field.code} {field.name}: {word!r}: {found}")
        return quoted(word)

    def _cell(self, field: Field, cell: CellText, columns: Keyed[str, Column]) -> str:
        if cell.otherwise and cell.otherwise not in (*field.instead, *field.codes):
            self.fault(field.code, f"{field.code}: else {cell.otherwise!r} may not stand there")
        if cell.setting:
            return self._setting(field, cell, columns)
        told = self._cases(field, cell, columns) if cell.cases else self.value(field.code, cell.value or "", cell.unit, columns)
        if told.kind == "null":
            return "null"
        if told.unit == "minor":
            self.amounts.append(field.code)
        try:
            shown = rendered(field, self._worded(field, cell, told, columns) if cell.words else told)
        except ValueError as error:
            self.fault(field.code, f"{field.code} {field.name}: {error}")
            return "null"
        return f"coalesce({shown}, {quoted(cell.otherwise)})"

    def _setting(self, field: Field, cell: CellText, columns: Keyed[str, Column]) -> str:
        """A column that is put beside the base table when it is filled."""
        if cell.of and cell.of not in columns:
            self.fault(field.code, f"{field.code}: the base table has no column {cell.of!r}{near(cell.of, columns)}")
        self.note(field.code, [cell.of] if cell.of else [])
        return f"coalesce({setting_column(field.code)}, {quoted(cell.otherwise)})"

    def _cases(self, field: Field, cell: CellText, columns: Keyed[str, Column]) -> Told:
        """The first case that holds; where one before it cannot be told, none. The last holds always."""
        if cell.cases[-1].when != "true":
            self.fault(field.code, f"{field.code}: the last case has to be `when: true`: it stands where no other holds")
        given = [self.value(field.code, case.give, cell.unit, columns) for case in cell.cases]
        if {told.kind for told in given} == {"date", "string"}:
            given = [self._day(field, told) for told in given]
        kinds = {(told.kind, told.unit) for told in given if told.sql not in ("0", "NULL")}
        if len(kinds) > 1:
            given_ = " and ".join(sorted(f"{kind} in {unit}" if unit else kind for kind, unit in kinds))
            self.fault(field.code, f"{field.code}: cases give {given_}")
        parts = []
        for case, told in zip(cell.cases, given, strict=True):
            when = self.condition(field.code, case.when, columns)
            parts.append(f"when ({when}) is null then null when {when} then {told.sql}")
        kind, unit = next(iter(kinds), ("number", "count"))
        return Told(kind, f"case {' '.join(parts)} end", unit)

    def _day(self, field: Field, told: Told) -> Told:
        """A day as text, or a word that may stand in its place."""
        if told.kind == "date":
            return Told("text", rendered(field, told))
        if told.sql.strip("'") not in field.instead:
            self.fault(field.code, f"{field.code}: {told.sql} may not stand in place of a day")
        return Told("text", told.sql)

    def _worded(self, field: Field, cell: CellText, told: Told, columns: Keyed[str, Column]) -> Told:
        """The form's words for those of a column; every word that the column may hold has to have one."""
        column = columns.get(cell.value or "")
        if column is None or column.codes is None:
            self.fault(field.code, f"{field.code}: words go with a column that has a list of codes")
            return told
        if lacking := [word for word in column.codes.words if word not in cell.words]:
            self.fault(field.code, f"{field.code}: no word for {', '.join(lacking)} of {column.name}")
        for word, code in cell.words.items():
            if word not in column.codes:
                self.fault(field.code, f"{field.code}: {column.name} is never {word!r}{near(word, column.codes.words)}")
            if field.codes and format_fault(field, code):
                self.fault(field.code, f"{field.code}: {code!r} is not in the code list{near(code, list(field.codes))}")
        whens = " ".join(f"when {quoted(word)} then {quoted(code)}" for word, code in cell.words.items())
        return Told("string", f"case {told.sql} {whens} end")


def setting_column(code: str) -> str:
    """The column of a setting beside the base table."""
    return f'"_{code}"'
