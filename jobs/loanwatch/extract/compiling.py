"""Expressions of the rules' language over one row of a base table, made SQL of DuckDB; faults are told with file and line."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Keyed

from sqlglot import exp

from loanwatch.columns import Column
from loanwatch.expression import columns_of, parsed
from loanwatch.extract.rendering import Told
from loanwatch.kinds import checked, faults

UNITS = ("minor", "bp", "e9")
WIDE = 10**14


class Compiler:
    """What a file says, made SQL; `faults` are added to with their lines, `reads` are the columns that each field looks at."""

    def __init__(self, path: str, lines: Keyed[str, int], found: list[str]) -> None:
        self.path, self.lines, self.faults = path, lines, found
        self.reads: dict[str, dict[str, None]] = {}

    def value(self, code: str, sql: str, unit: str | None, columns: Keyed[str, Column]) -> Told:
        """The expression, its kind and unit; dates only as they stand, or the first of some."""
        try:
            tree = parsed(sql)
        except ValueError as error:
            self.fault(code, f"{code}: {error}")
            return Told("null", "null")
        read_ = [columns[name] for name in columns_of(tree) if name in columns]
        self.note(code, columns_of(tree))
        plain = all(isinstance(node, exp.Column | exp.Coalesce | exp.Identifier) for node in tree.walk())
        if plain and len(read_) == len(columns_of(tree)) and all(column.type == "date" for column in read_):
            return Told("date", duckdb_sql(tree))
        kind, found = checked(tree, columns, "the base table")
        for fault in found:
            self.fault(code, f"{code}: {fault}")
        if found:
            return Told("null", "null")
        units = {unit for unit in UNITS for column in read_ if column.name.endswith(f"_{unit}")}
        if len(units) > 1 and not unit:
            self.fault(code, f"{code}: of two units, {' and '.join(sorted(units))}; say its unit")
        number = kind in ("int", "bigint")
        unit = unit or next(iter(units), "count") if number else None
        return Told("number" if number else kind, duckdb_sql(tree), unit)

    def condition(self, at: str, sql: str, columns: Keyed[str, Column]) -> str:
        try:
            tree = parsed(sql)
        except ValueError as error:
            self.fault(at, f"{at}: {error}")
            return "false"
        self.note(at, columns_of(tree))
        found = faults(tree, columns, "the base table")
        for fault in found:
            self.fault(at, f"{at}: {fault}")
        return "false" if found else duckdb_sql(tree)

    def note(self, at: str, names: Iterable[str]) -> None:
        self.reads.setdefault(at, {}).update(dict.fromkeys(names))

    def fault(self, at: str, says: str) -> None:
        self.faults.append(f"{self.path}:{self.lines.get(at, 1)}: {says}")


def wide(column: Column) -> Column:
    """A column as it is computed with here, in 128 bits: no sum or product of amounts is too large."""
    return column.with_(at_least=-WIDE, at_most=WIDE) if column.type == "long" else column


def duckdb_sql(tree: exp.Expr) -> str:
    """The expression as DuckDB is given it."""
    return tree.sql(dialect="duckdb", comments=False)
