"""The records of a form, filled from its base table by DuckDB: what the lake published for a date, one row a record."""

from __future__ import annotations

from collections.abc import Mapping as Keyed
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from loanwatch.columns import SPARK, Column
from loanwatch.explanation.known import quoted
from loanwatch.extract.layout import Layout
from loanwatch.extract.mapping import Mapping, setting_column
from loanwatch.extract.records import LINE, Records
from loanwatch.tables import Table

Filer = Keyed[str, str | Keyed[str, str]]


@dataclass(frozen=True)
class Filled:
    """The records, in the order of their keys; the key of the base table's row that each was filled from, under its `line_no`;
    and the settings that were asked for and are not set, by field."""

    records: Records
    keys: pa.Table
    unset: Keyed[str, str]


def fill(layout: Layout, mapping: Mapping, table: Table, files: Sequence[str], filer: Filer, pool: str | None = None) -> Filled:
    """Fill a form from the files of its base table; `filer` is what only the institution knows, `pool` limits it to one."""
    return fill_rows(layout, mapping, table, rows_of(table, files), filer, pool)


def fill_rows(layout: Layout, mapping: Mapping, table: Table, rows: str, filer: Filer, pool: str | None = None) -> Filled:
    """Fill a form from rows of its base table, a query of DuckDB."""
    key = ", ".join(_quoted(column.name) for column in table.key)
    only = "" if pool is None else f" and pool_id = {quoted(pool)}"
    cells = ", ".join(f"{sql} as {_quoted(code)}" for code, sql in mapping.fields.items())
    lines = f"row_number() over (order by {key}) as {LINE}"
    with duckdb.connect() as engine:
        engine.sql(f"create view base as select {_columns(table.columns)} from ({rows})")
        values = ", ".join(f"{_told(filer, *asked)} as {setting_column(code)}" for code, asked in mapping.settings.items())
        engine.sql(f"create view rows_ as select *{', ' if values else ''}{values} from base where ({mapping.records}){only}")
        filled = engine.sql(f"select {lines}, {key}, {cells} from rows_ order by {key}").to_arrow_table()
    wanted = [*layout.by_code, LINE]
    unset = {code: name for code, (name, _) in mapping.settings.items() if not filer.get(name)}
    return Filled(Records(filled.select(wanted)), filled.select([LINE, *(column.name for column in table.key)]), unset)


def base_rows(table: Table, files: Sequence[str], loan_id: str) -> list[dict[str, Any]]:
    """The rows of a base table about a loan."""
    names = ", ".join(_quoted(column.name) for column in table.columns)
    with duckdb.connect() as engine:
        found = engine.sql(f"select {names} from ({rows_of(table, files)}) where loan_id = {quoted(loan_id)}").to_arrow_table()
    return list(found.to_pylist())


def _columns(columns: Sequence[Column]) -> str:
    """Amounts in 128 bits: no sum or product of them is too large."""
    return ", ".join(f"{_quoted(c.name)}::hugeint as {_quoted(c.name)}" if c.type == "long" else _quoted(c.name) for c in columns)


def rows_of(table: Table, files: Sequence[str]) -> str:
    """The rows of a base table as a query of DuckDB; null in columns that are newer than the files."""
    kinds = {"array<bigint>": "bigint[]", "array<string>": "varchar[]"}
    nulls = ", ".join(f"null::{kinds.get(SPARK[c.type], SPARK[c.type])} as {_quoted(c.name)}" for c in table.columns)
    none = f"select {nulls} where false"
    if not files:
        return none
    return f"{none} union all by name select * from read_parquet([{', '.join(map(quoted, files))}], hive_partitioning = false)"


def _told(filer: Filer, name: str, of: str | None) -> str:
    """A setting as SQL: one value, or one by the words of a column."""
    value = filer.get(name, "")
    if isinstance(value, str):
        return f"nullif({quoted(value)}, '')"
    whens = " ".join(f"when {quoted(word)} then {quoted(given)}" for word, given in value.items())
    return f"case {_quoted(of or 'pool_id')} {whens} end"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
