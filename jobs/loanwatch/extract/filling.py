"""The records of a form, filled from its base table by DuckDB: what the lake published for a date, one row a record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Keyed
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import duckdb
import pyarrow as pa

from loanwatch.columns import SPARK, Column
from loanwatch.explanation.known import quoted
from loanwatch.extract.cells import NOBODY, NOTHING
from loanwatch.extract.layout import Layout
from loanwatch.extract.mapping import Mapping, setting_column
from loanwatch.extract.records import LINE, Records
from loanwatch.tables import Table

Filer = Keyed[str, str | Keyed[str, str]]
Figures = Keyed[str, int]  # by cell
NONE: Figures = {}
UNIT_CURRENCY, UNIT_MINOR = "CNY", 1_000_000  # of 万元: ten thousand yuan
SHOWN = 3


@dataclass(frozen=True)
class Untold:
    """Rows that a cell cannot count: why, how many, and the first loans."""

    cell: str
    says: str
    rows: int
    loans: tuple[str, ...]


@dataclass(frozen=True)
class Filled:
    """The records, in the order of their keys; the key of the base table's row that each was filled from, under its `line_no`;
    and the settings that were asked for and are not set, by field.

    Of a form of cells there is one record, of no row: `exact` are its cells in minor units or in borrowers, `untold` in words what
    could not be counted, or was counted twice, with the first loans.
    """

    records: Records
    keys: pa.Table
    unset: Keyed[str, str]
    exact: Keyed[str, int] = field(default_factory=dict)
    untold: tuple[Untold, ...] = ()


def fill(
    layout: Layout, mapping: Mapping, table: Table, files: Sequence[str], filer: Filer, pool: str | None = None,
    figures: Figures = NONE,
) -> Filled:  # fmt: skip
    """Fill a form from the files of its base table; `filer` is what only the institution knows, `pool` limits it to one,
    `figures` are the cells that other systems told."""
    return fill_rows(layout, mapping, table, rows_of(table, files), filer, pool, figures)


def fill_rows(
    layout: Layout, mapping: Mapping, table: Table, rows: str, filer: Filer, pool: str | None = None, figures: Figures = NONE
) -> Filled:
    """Fill a form from rows of its base table, a query of DuckDB."""
    if layout.cells:
        return _cells(layout, mapping, table, rows, pool, figures)
    key = ", ".join(_quoted(column.name) for column in table.key)
    only = "" if pool is None else f" and pool_id = {quoted(pool)}"
    cells = ", ".join(f"{sql} as {_quoted(code)}" for code, sql in mapping.fields.items())
    lines = f"row_number() over (order by {key}) as {LINE}"
    with duckdb.connect() as engine:
        engine.sql(f"create view base as select {wide_columns(table.columns)} from ({rows})")
        values = ", ".join(f"{_told(filer, *asked)} as {setting_column(code)}" for code, asked in mapping.settings.items())
        engine.sql(f"create view rows_ as select *{', ' if values else ''}{values} from base where ({mapping.records}){only}")
        filled = engine.sql(f"select {lines}, {key}, {cells} from rows_ order by {key}").to_arrow_table()
    wanted = [*layout.by_code, LINE]
    unset = {code: name for code, (name, _) in mapping.settings.items() if not filer.get(name)}
    return Filled(Records(filled.select(wanted)), filled.select([LINE, *(column.name for column in table.key)]), unset)


def _cells(layout: Layout, mapping: Mapping, table: Table, rows: str, pool: str | None, figures: Figures) -> Filled:
    """One record: each cell the sum of what its rows add, and each total the sum of its cells as they stand there."""
    only = "" if pool is None else f" and pool_id = {quoted(pool)}"
    measures = "".join(f", {sql} as {_quoted(code)}" for code, sql in mapping.measures.items())
    with duckdb.connect() as engine:
        engine.sql(f"create view base as select {wide_columns(table.columns)} from ({rows})")
        engine.sql(f"create view measured as select loan_id, currency{measures} from base where ({mapping.records}){only}")
        exact, untold = _summed(engine, mapping)
    exact |= {code: figures.get(code, 0) for code in mapping.told}
    whole = {code for code, field in layout.by_code.items() if field.format == "I"}
    shown = {code: Decimal(n) if code in whole else _in_units(n) for code, n in exact.items() if code not in mapping.totals}
    for code in layout.by_code:
        if code not in mapping.empty:
            _add_up(code, mapping.totals, exact, shown)
    lines = pa.array([1], pa.int64())
    record = pa.table({code: [str(shown.get(code, ""))] for code in layout.by_code}).append_column(LINE, lines)
    keys = {LINE: lines} | {column.name: pa.nulls(1) for column in table.key} | {table.subject: pa.array([""])}
    return Filled(Records(record), pa.table(keys), {}, exact, (*untold, *_not_told(mapping, figures)))


def _not_told(mapping: Mapping, figures: Figures) -> Iterator[Untold]:
    yield from (Untold(code, "not told by the feed form_figure", 1, ()) for code in mapping.told if code not in figures)


def _in_units(minor: int) -> Decimal:
    """In 万元 with two places, half away from nothing; nothing has no sign."""
    return (Decimal(minor) / UNIT_MINOR).quantize(Decimal("0.01"), ROUND_HALF_UP) + 0


def _add_up(code: str, totals: Keyed[str, tuple[str, ...]], exact: dict[str, int], shown: dict[str, Decimal]) -> None:
    """A total, by its parts: exact, and as they are shown."""
    if code in shown:
        return
    for part in totals[code]:
        _add_up(part, totals, exact, shown)
    exact[code] = sum(exact[part] for part in totals[code])
    shown[code] = sum((shown[part] for part in totals[code]), Decimal("0.00"))


def _summed(engine: duckdb.DuckDBPyConnection, mapping: Mapping) -> tuple[dict[str, int], list[Untold]]:
    """What the rows add to each cell, and the rows that some cell cannot count, in one reading, and of those that there are the
    first loans in another. Plain aggregates, without filters: so each measure is computed once a row."""
    asked, codes = list(_asked(mapping)), list(mapping.measures)
    sums = [f"count(distinct nullif({_quoted(code)}, {NOBODY}))" if code in mapping.counts else f"coalesce(sum({_quoted(code)}), 0)"
            for code in codes]  # fmt: skip
    counts = [f"coalesce(sum(({where})::int), 0)" for _, _, where in asked]
    found = engine.sql(f"select {', '.join([*sums, *counts])} from measured").fetchall()[0]
    broken = [(*of, int(count)) for of, count in zip(asked, found[len(codes) :], strict=True) if count]
    first = [f"(list(loan_id order by loan_id) filter (where {where}))[:{SHOWN}]" for _, _, where, _ in broken]
    loans = engine.sql(f"select {', '.join(first)} from measured").fetchall()[0] if first else ()
    untold = [Untold(code, says, count, tuple(of)) for (code, says, _, count), of in zip(broken, loans, strict=True)]
    return {code: int(minor) for code, minor in zip(codes, found, strict=False)}, untold


def _asked(mapping: Mapping) -> Iterator[tuple[str, str, str]]:
    """Cell, what is wrong, and of which rows: in another currency, of which a cell cannot be told, that two cells of a sum count,
    or that a total counts otherwise."""
    yield "", f"not in {UNIT_CURRENCY}, and no rate is known", f"currency is distinct from '{UNIT_CURRENCY}'"
    for code, sql in mapping.measures.items():
        if sql != NOTHING:
            yield code, "cannot be told", f"{_quoted(code)} is null"
    parts_of_others = {part for parts in mapping.totals.values() for part in parts}
    for code in mapping.totals:
        leaves = [leaf for leaf in _leaves(code, mapping.totals)
                  if mapping.measures.get(leaf, NOTHING) != NOTHING and leaf not in mapping.counts]  # fmt: skip
        if code not in parts_of_others and code not in mapping.measures and len(leaves) > 1:
            counted = " + ".join(f"({_quoted(leaf)} <> 0)::int" for leaf in leaves)
            yield code, f"counted in several of {_some(leaves, ', ')}", f"{counted} > 1"
        if code in mapping.measures and code not in mapping.counts:
            total = " + ".join(map(_quoted, leaves)) or NOTHING
            yield code, f"not what {_some(leaves, ' + ')} come to", f"{_quoted(code)} <> {total}"


def _some(cells: Sequence[str], between: str) -> str:
    return between.join(cells) if len(cells) <= SHOWN * 2 else f"its {len(cells)} cells"


def _leaves(code: str, totals: Keyed[str, tuple[str, ...]]) -> Iterator[str]:
    """The cells that a total comes from, that are no totals."""
    for part in totals.get(code, ()):
        yield from _leaves(part, totals) if part in totals else [part]


def told(table: Table, files: Sequence[str], form: str) -> dict[str, int]:
    """What other systems told of the cells of a form, from the files of `report.base_figure`."""
    with duckdb.connect() as engine:
        found = engine.sql(f"select cell, figure from ({rows_of(table, files)}) where form = {quoted(form)}").fetchall()
    return {cell: int(figure) for cell, figure in found}


def base_rows(table: Table, files: Sequence[str], subject: str) -> list[dict[str, Any]]:
    """The rows of a base table about a loan, or whatever its rows are of."""
    names = ", ".join(_quoted(column.name) for column in table.columns)
    with duckdb.connect() as engine:
        of = f"({rows_of(table, files)}) where {table.subject} = {quoted(subject)}"
        return list(engine.sql(f"select {names} from {of}").to_arrow_table().to_pylist())


def wide_columns(columns: Sequence[Column]) -> str:
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
