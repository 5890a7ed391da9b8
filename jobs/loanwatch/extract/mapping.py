"""How a form is filled: `mapping.yaml` beside its layout, a field an expression over one row of one base table, in the language
of the rules; no joins. All faults of a file are told together, with their lines."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Keyed
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from loanwatch.columns import Column
from loanwatch.errors import UsageError, near
from loanwatch.explanation.known import quoted
from loanwatch.expression import columns_of, parsed
from loanwatch.extract import mapping_text
from loanwatch.extract.formats import fault as format_fault
from loanwatch.extract.layout import Field, Layout
from loanwatch.extract.mapping_text import CellText, MappingText
from loanwatch.extract.rendering import Told, rendered
from loanwatch.kinds import checked, faults

FILE = "mapping.yaml"
UNITS = ("minor", "bp")
WIDE = 10**14


@dataclass(frozen=True)
class Mapping:
    """A mapping without faults: the base table, which rows of it are records, and each field as SQL of DuckDB, text.

    `settings` are what the fields ask of the institution, by field: the setting, and the column by whose value it is told.
    `reads` are the columns of the base table that each field is computed from, `texts` how, as the file says it; `amounts` are the
    fields that are money.
    """

    table: str
    records: str
    fields: Keyed[str, str]
    settings: Keyed[str, tuple[str, str | None]]
    reads: Keyed[str, tuple[str, ...]]
    texts: Keyed[str, str]
    amounts: tuple[str, ...]


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
    lines, written = mapping_text.read(path, text, found)
    mapping = None if written is None else _Compiler(path, lines, written, found).mapping(layout, columns)
    if found or mapping is None:
        raise UsageError("\n".join(dict.fromkeys(found)))
    return mapping


class _Compiler:
    """What a file says, made SQL; faults are added to the list with their lines."""

    def __init__(self, path: str, lines: Keyed[str, int], text: MappingText, found: list[str]) -> None:
        self.path, self.lines, self.text, self.faults = path, lines, text, found
        self.reads: dict[str, dict[str, None]] = {}
        self.amounts: list[str] = []

    def mapping(self, layout: Layout, columns: Keyed[str, Keyed[str, Column]]) -> Mapping | None:
        if self.text.table not in columns:
            self._fault("table", f"no base table {self.text.table!r}{near(self.text.table, columns)}")
            return None
        of_table, known = {name: _wide(column) for name, column in columns[self.text.table].items()}, layout.by_code
        self._covers(layout)
        cells = {code: CellText(value=cell) if isinstance(cell, str) else cell for code, cell in self.text.fields.items()}
        constants = {code: word for word, codes in self.text.constants.items() for code in codes if code in known}
        sql = {code: self._constant(known[code], word) for code, word in constants.items()}
        sql |= {code: self._cell(known[code], cell, of_table) for code, cell in cells.items() if code in known}
        settings = {code: (cell.setting, cell.of) for code, cell in cells.items() if cell.setting}
        records = self._condition("records", self.text.records, of_table)
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
                self._fault(code, f"{layout.form} has no field {code!r}{near(code, known)}")
            elif said.count(code) > 1:
                self._fault(code, f"{code} stands twice")
        if lacking := [f"{code} {field.name}" for code, field in known.items() if code not in said]:
            self._fault("fields", f"not said: {', '.join(lacking)}")

    def _constant(self, field: Field, word: str) -> str:
        if found := format_fault(field, word):
            self._fault("constants", f"{field.code} {field.name}: {word!r}: {found}")
        return quoted(word)

    def _cell(self, field: Field, cell: CellText, columns: Keyed[str, Column]) -> str:
        if cell.otherwise and cell.otherwise not in (*field.instead, *field.codes):
            self._fault(field.code, f"{field.code}: else {cell.otherwise!r} may not stand there")
        if cell.setting:
            return self._setting(field, cell, columns)
        told = self._cases(field, cell, columns) if cell.cases else self._value(field, cell.value or "", cell, columns)
        if told.kind == "null":
            return "null"
        if told.unit == "minor":
            self.amounts.append(field.code)
        try:
            shown = rendered(field, self._worded(field, cell, told, columns) if cell.words else told)
        except ValueError as error:
            self._fault(field.code, f"{field.code} {field.name}: {error}")
            return "null"
        return f"coalesce({shown}, {quoted(cell.otherwise)})"

    def _setting(self, field: Field, cell: CellText, columns: Keyed[str, Column]) -> str:
        """A column that is put beside the base table when it is filled."""
        if cell.of and cell.of not in columns:
            self._fault(field.code, f"{field.code}: the base table has no column {cell.of!r}{near(cell.of, columns)}")
        self._note(field.code, [cell.of] if cell.of else [])
        return f"coalesce({setting_column(field.code)}, {quoted(cell.otherwise)})"

    def _value(self, field: Field, sql: str, cell: CellText, columns: Keyed[str, Column]) -> Told:
        """The expression, its kind and unit; dates only as they stand, or the first of some."""
        try:
            tree = parsed(sql)
        except ValueError as error:
            self._fault(field.code, f"{field.code}: {error}")
            return Told("null", "null")
        read_ = [columns[name] for name in columns_of(tree) if name in columns]
        self._note(field.code, columns_of(tree))
        plain = all(isinstance(node, exp.Column | exp.Coalesce | exp.Identifier) for node in tree.walk())
        if plain and len(read_) == len(columns_of(tree)) and all(column.type == "date" for column in read_):
            return Told("date", duckdb_sql(tree))
        kind, found = checked(tree, columns, "the base table")
        for fault in found:
            self._fault(field.code, f"{field.code}: {fault}")
        if found:
            return Told("null", "null")
        units = {unit for unit in UNITS for column in read_ if column.name.endswith(f"_{unit}")}
        if len(units) > 1 and not cell.unit:
            self._fault(field.code, f"{field.code}: of two units, {' and '.join(sorted(units))}; say its unit")
        number = kind in ("int", "bigint")
        unit = cell.unit or next(iter(units), "count") if number else None
        return Told("number" if number else kind, duckdb_sql(tree), unit)

    def _cases(self, field: Field, cell: CellText, columns: Keyed[str, Column]) -> Told:
        """The first case that holds; where one before it cannot be told, none. The last holds always."""
        if cell.cases[-1].when != "true":
            self._fault(field.code, f"{field.code}: the last case has to be `when: true`: it stands where no other holds")
        given = [self._value(field, case.give, cell, columns) for case in cell.cases]
        kinds = {(told.kind, told.unit) for told in given if told.sql not in ("0", "NULL")}
        if len(kinds) > 1:
            given_ = " and ".join(sorted(f"{kind} in {unit}" if unit else kind for kind, unit in kinds))
            self._fault(field.code, f"{field.code}: cases give {given_}")
        parts = []
        for case, told in zip(cell.cases, given, strict=True):
            when = self._condition(field.code, case.when, columns)
            parts.append(f"when ({when}) is null then null when {when} then {told.sql}")
        kind, unit = next(iter(kinds), ("number", "count"))
        return Told(kind, f"case {' '.join(parts)} end", unit)

    def _worded(self, field: Field, cell: CellText, told: Told, columns: Keyed[str, Column]) -> Told:
        """The form's words for those of a column; every word that the column may hold has to have one."""
        column = columns.get(cell.value or "")
        if column is None or column.codes is None:
            self._fault(field.code, f"{field.code}: words go with a column that has a list of codes")
            return told
        if lacking := [word for word in column.codes.words if word not in cell.words]:
            self._fault(field.code, f"{field.code}: no word for {', '.join(lacking)} of {column.name}")
        for word, code in cell.words.items():
            if word not in column.codes:
                self._fault(field.code, f"{field.code}: {column.name} is never {word!r}{near(word, column.codes.words)}")
            if field.codes and code not in (*field.codes, *field.instead):
                self._fault(field.code, f"{field.code}: {code!r} is not in the code list{near(code, list(field.codes))}")
        whens = " ".join(f"when {quoted(word)} then {quoted(code)}" for word, code in cell.words.items())
        return Told("string", f"case {told.sql} {whens} end")

    def _condition(self, at: str, sql: str, columns: Keyed[str, Column]) -> str:
        try:
            tree = parsed(sql)
        except ValueError as error:
            self._fault(at, f"{at}: {error}")
            return "false"
        self._note(at, columns_of(tree))
        found = faults(tree, columns, "the base table")
        for fault in found:
            self._fault(at, f"{at}: {fault}")
        return "false" if found else duckdb_sql(tree)

    def _note(self, at: str, names: Iterable[str]) -> None:
        self.reads.setdefault(at, {}).update(dict.fromkeys(names))

    def _fault(self, at: str, says: str) -> None:
        self.faults.append(f"{self.path}:{self.lines.get(at, 1)}: {says}")


def _wide(column: Column) -> Column:
    """A column as it is computed with here, in 128 bits: no sum or product of amounts is too large."""
    return column.with_(at_least=-WIDE, at_most=WIDE) if column.type == "long" else column


def setting_column(code: str) -> str:
    """The column of a setting beside the base table."""
    return f'"_{code}"'


def duckdb_sql(tree: exp.Expr) -> str:
    """The expression as DuckDB is given it."""
    return tree.sql(dialect="duckdb", comments=False)
