"""From a field of a form to the loans behind it, and from a loan's record to the rows of the base table and of the feeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow.compute as pc

from loanwatch.admit import feeds
from loanwatch.admit.filing_feeds import LOAN_AGREEMENT, TRANSFER_LOAN
from loanwatch.columns import LOAN_ID
from loanwatch.explanation.known import known_rows, quoted
from loanwatch.explanation.sources import SourceRows, newest
from loanwatch.extract.cells import NOBODY, NOTHING
from loanwatch.extract.filling import Filled, base_rows, rows_of, wide_columns
from loanwatch.extract.mapping import Mapping
from loanwatch.lake import Lake
from loanwatch.pipeline import STEPS
from loanwatch.seal.publication import Attempt
from loanwatch.tables import Changes, Feed, Line, MonthEnds, Parent, Table

SHOWN = 3


@dataclass(frozen=True)
class Value:
    """What stands in a field of some records, how many, and the first of the loans, or whatever else, that they are of."""

    given: str
    records: int
    loans: tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """What stands in a field of one record, the row of the base table that it was filled from, and what of it the field reads."""

    line_no: int
    given: str
    key: dict[str, Any]
    read: dict[str, Any]


@dataclass(frozen=True)
class Added:
    """A loan, and what it adds to a cell, minor units or borrowers."""

    loan_id: str
    minor: int


def values(filled: Filled, code: str, *, value: str | None = None) -> list[Value]:
    """What stands in a field, the most frequent first; with `value`, that alone and every loan of it."""
    only, subject = "" if value is None else f"where given = {quoted(value)}", filled.keys.column_names[1]
    loans = f"list({subject} order by {subject})" + ("" if value is not None else f"[:{SHOWN}]")
    with duckdb.connect() as engine:
        engine.register("records", filled.records.rows)
        engine.register("keys", filled.keys)
        rows = f'select r."{code}" as given, k.{subject} from records r join keys k using (line_no)'
        told = f"select given, count(*), {loans} from ({rows}) {only} group by given order by 2 desc, 1"
        return [Value(given, count, tuple(dict.fromkeys(of))) for given, count, of in engine.sql(told).fetchall()]


def origins(filled: Filled, mapping: Mapping, table: Table, files: Sequence[str], code: str, subject: str) -> list[Origin]:
    """A field of each record of a loan, or of whatever the base table is of."""
    key = [column.name for column in table.key]
    keys = filled.keys.filter(pc.equal(filled.keys[table.subject], subject)).to_pylist()
    given = dict(zip(*(filled.records.rows[name].to_pylist() for name in ("line_no", code)), strict=True))
    rows = {tuple(row[name] for name in key): row for row in base_rows(table, files, subject)}
    found = []
    for of in keys:
        row = rows[tuple(of[name] for name in key)]
        read = {name: row[name] for name in mapping.reads.get(code, ()) if name not in key}
        found.append(Origin(of["line_no"], given[of["line_no"]], {name: row[name] for name in key}, read))
    return found


def adds(mapping: Mapping, table: Table, files: Sequence[str], cell: str, pool: str | None = None) -> list[Added]:
    """What each loan adds to a cell of a form, the most first."""
    measure = cell_measure(mapping, cell)
    only = "" if pool is None else f" and pool_id = {quoted(pool)}"
    with duckdb.connect() as engine:
        engine.sql(f"create view base as select {wide_columns(table.columns)} from ({rows_of(table, files)})")
        told = f"select loan_id, {measure} as minor from base where ({mapping.records}){only}"
        of_loans = f"select loan_id, sum(minor) as added from ({told}) where minor <> 0 group by loan_id"  # of all its assets
        rows = engine.sql(f"select loan_id, added from ({of_loans}) order by abs(added) desc, loan_id").fetchall()
    return [Added(loan, int(minor)) for loan, minor in rows]


def entered(
    mapping: Mapping, table: Table, files: Sequence[str], cells: Iterable[str], loan_id: str, pool: str | None
) -> dict[str, int | None]:
    """The cells that a loan entered, with what it adds, minor units; None where that cannot be told."""
    names, only = list(cells), "" if pool is None else f" and pool_id = {quoted(pool)}"
    with duckdb.connect() as engine:
        engine.sql(f"create view base as select {wide_columns(table.columns)} from ({rows_of(table, files)})")
        measures = ", ".join(f"{cell_measure(mapping, cell)} as c{n}" for n, cell in enumerate(names))
        told = f"select loan_id, {measures} from base where ({mapping.records}){only}"  # a number of borrowers counts among all
        found = engine.sql(f"select * exclude (loan_id) from ({told}) where loan_id = {quoted(loan_id)}").fetchall()
    columns = dict(zip(names, zip(*found, strict=True), strict=True)) if found else {}
    added = {cell: None if None in of else sum(of) for cell, of in columns.items()}
    return {cell: minor for cell, minor in added.items() if minor != 0}


def cell_measure(mapping: Mapping, cell: str) -> str:
    """What a row adds to a cell, or to the cells that it is the sum of, as SQL."""
    parts = mapping.totals.get(cell)
    if parts:
        return " + ".join(f"({cell_measure(mapping, part)})" for part in parts)
    measure = mapping.measures.get(cell, NOTHING)
    if cell not in mapping.counts:
        return measure
    # The first loan of a borrower adds the borrower.
    return f"(({measure}) <> {NOBODY} and row_number() over (partition by ({measure}) order by loan_id) = 1)::int"


def cell_reads(mapping: Mapping, cell: str) -> tuple[str, ...]:
    """The columns of the base table that a cell looks at."""
    parts = mapping.totals.get(cell, (cell,))
    names = [name for part in parts for name in (cell_reads(mapping, part) if part != cell else mapping.reads.get(part, ()))]
    return tuple(dict.fromkeys(names))


def sources(lake: Lake, attempt: Attempt, table: Table, subject: str) -> Iterator[SourceRows]:
    """The rows that a release knew about a loan, its customer, collateral and contracts, or about what else a table is of, of the
    feeds that it rests on."""
    whose = _of_loan(lake, attempt, subject) if table.subject == LOAN_ID.name else {table.subject: [subject]}
    for feed in behind(table):
        names = {column.name for column in feed.row}
        column = next((name for name in whose if name in names), None)
        if column and (rows := known_rows(lake, feed, attempt, column, whose[column])):
            yield newest(feed, rows)


def _of_loan(lake: Lake, attempt: Attempt, loan_id: str) -> dict[str, list[str]]:
    """What hangs on a loan, by the column that says so."""
    loans = known_rows(lake, feeds.LOAN, attempt, "loan_id", [loan_id])
    pledges = known_rows(lake, feeds.PLEDGE, attempt, "loan_id", [loan_id])
    customers = sorted({row["customer_id"] for row in loans})
    persons = {row["borrower_id"] for row in known_rows(lake, feeds.BORROWER, attempt, "customer_id", customers)}
    under, sold = (known_rows(lake, feed, attempt, "loan_id", [loan_id]) for feed in (LOAN_AGREEMENT, TRANSFER_LOAN))
    return {
        "loan_id": [loan_id], "asset_id": sorted({row["asset_id"] for row in pledges}), "customer_id": customers,
        "subject_id": sorted({loan_id, *persons}), "agreement_id": sorted({row["agreement_id"] for row in under}),
        "transfer_id": sorted({row["transfer_id"] for row in sold}),
    }  # fmt: skip


def behind(table: Table) -> list[Feed]:
    """The feeds that a table rests on, through all steps that lead to it."""
    steps = {step.writes.name: step for step in STEPS}
    found, seen, left = dict[str, Feed](), set[str](), [table.name]
    while left:
        name = left.pop()
        if name in seen or name not in steps:
            continue
        seen.add(name)
        for source in steps[name].reads:
            of = source.table if isinstance(source, Parent | Line | MonthEnds) else source
            of = of.feed if isinstance(of, Changes) else of
            if isinstance(of, Feed):
                found[of.name] = of
            else:
                left.append(of.name)
    return [found[name] for name in feeds.FEEDS if name in found]
