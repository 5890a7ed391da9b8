"""A Delta table that an older version of the program made becomes what is declared now; its rows stay what they are.

New columns are added, null in the rows that are there; new words are let in, bounds that are gone are let go; a whole
number that has become wider has the table rewritten, once. A column that is new and required cannot be had:
old rows have no value for it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder, Schema, write_deltalake
from deltalake.schema import PrimitiveType

from loanwatch.columns import SPARK, Column
from loanwatch.errors import UsageError
from loanwatch.tables import Table

INTEGER = PrimitiveType("integer")


def evolved(delta: DeltaTable, table: Table) -> DeltaTable:
    """The table with all declared columns, of the declared types; UsageError where that is not possible."""
    new = missing(delta, table)
    if needed := [column.name for column in new if column.required]:
        raise UsageError(
            f"{table.name}: this lake's rows have no {', '.join(needed)}; declare a new column as not required, "
            "or begin a new lake"
        )
    if _narrower(delta, table):
        _rewrite(delta, table)
    elif new:
        delta.alter.add_columns(Schema.from_arrow(pa.schema([table.arrow.field(c.name) for c in new])).fields)
    if not table.ledger:
        _let_words_in(delta, table)
    return DeltaTable(delta.table_uri)


def missing(delta: DeltaTable, table: Table) -> list[Column]:
    """The declared columns that the table does not have yet."""
    there = {field.name for field in delta.schema().fields}
    return [column for column in table.all_columns if column.name not in there]


def nulls(columns: list[Column]) -> str:
    """These columns, empty, as an SQL list."""
    return ", ".join(f"cast(null as {SPARK[column.type]}) as {column.name}" for column in columns)


def _narrower(delta: DeltaTable, table: Table) -> bool:
    """Whether a column that is long by now is an integer there, or one that may be empty has to be told."""
    there = {field.name: field for field in delta.schema().fields}
    kept = [(column, there[column.name]) for column in table.all_columns if column.name in there]
    return any((c.type == "long" and f.type == INTEGER) or (not c.required and not f.nullable) for c, f in kept)


def _rewrite(delta: DeltaTable, table: Table) -> None:
    """The same rows in the declared types; what is in no column yet is null."""
    fields = list(table.arrow)
    absent = missing(delta, table)
    names = ", ".join(field.name for field in delta.schema().fields) + (f", {nulls(absent)}" if absent else "")
    rows = pa.RecordBatchReader.from_stream(QueryBuilder().register("t", delta).execute(f"select {names} from t"))

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in rows:
            yield pa.RecordBatch.from_arrays([batch[f.name].cast(f.type) for f in fields], schema=table.arrow)

    source = pa.RecordBatchReader.from_batches(table.arrow, batches())
    write_deltalake(delta, source, mode="overwrite", schema_mode="overwrite")


def _let_words_in(delta: DeltaTable, table: Table) -> None:
    """CHECKs of columns that are new, may be empty now, have a longer code list, or of which nothing is demanded any more."""
    stored = {k.removeprefix("delta.constraints."): v for k, v in delta.metadata().configuration.items() if v}
    for column in table.columns:
        known = stored.get(column.name)
        words = column.codes.words if column.codes else ()
        holds = known is not None and column.check and all(f"'{word}'" in known for word in words)
        holds = holds and (column.required or "IS NULL" in str(known).upper())
        if known is not None and not holds:
            delta.alter.drop_constraint(column.name)
        if column.check and not holds:
            delta.alter.add_constraint({column.name: column.check})
