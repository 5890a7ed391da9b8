"""Personal values out, tokens in: the two passes of a worker over restricted columns.

The first pass seals the values of a delivery into a file of the vault's, where the driver gives each new
one its token; the second replaces every value by its token as the rows are staged.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loanwatch.admit.layout import Unreadable
from loanwatch.admit.reading import Source, blocks
from loanwatch.columns import Column
from loanwatch.tables import Feed
from loanwatch.vault import SEALED, Vault


def restricted(feed: Feed) -> tuple[Column, ...]:
    """The personal columns of a feed."""
    return tuple(column for column in feed.row if column.restricted)


def kind(column: Column) -> str:
    """The kind of personal value a column holds."""
    return column.restricted or ""


def collect(feed: Feed, folder: Path, files: list[str], vault: Vault, into: Path) -> int:
    """First pass: the distinct personal values of a delivery, sealed, in one file; returns how many."""
    wanted = tuple(part for column in restricted(feed) for part in (column.of or (column.name,)))
    seen: set[bytes] = set()
    tables = []
    for file in files:
        for rows in _readable(Source(folder / file, feed, False, wanted)):
            tables += list(_sealed(feed, rows, vault, seen))
    if tables:
        half = into.with_suffix(".half")
        pq.write_table(pa.concat_tables(tables), half)
        half.replace(into)
    return len(seen)


def tokenised(feed: Feed, table: pa.Table, vault: Vault) -> pa.Table:
    """Second pass: the table with a token in place of each personal value."""
    for column in restricted(feed):
        values = _values(column, table)
        distinct = pc.dictionary_encode(values).combine_chunks()
        tokens = vault.index.tokens(vault.digests(kind(column), distinct.dictionary.to_pylist()))
        replaced = pa.array(tokens, pa.string()).take(distinct.indices)
        if column.of:
            # A borrower without a document is known by the partner's own number only.
            replaced = pc.coalesce(replaced, table["customer_id"].combine_chunks())
            table = table.append_column(column.name, replaced)
        else:
            table = table.set_column(table.column_names.index(column.name), column.name, replaced)
    return table


def _readable(source: Source) -> Iterator[pa.Table]:
    try:
        for block in blocks(source):
            yield block.rows
    except Unreadable:
        return  # the second pass refuses the delivery and says why


def _sealed(feed: Feed, rows: pa.Table, vault: Vault, seen: set[bytes]) -> Iterator[pa.Table]:
    for column in restricted(feed):
        values = [v for v in pc.unique(_values(column, rows)).to_pylist() if v is not None]
        found = dict(zip(vault.digests(kind(column), values), values, strict=True))
        new = {digest: value for digest, value in found.items() if digest not in seen}
        seen.update(new)
        yield vault.seal(kind(column), list(new.values()), list(new)) if new else SEALED.empty_table()


def _values(column: Column, table: pa.Table) -> pa.ChunkedArray:
    """The personal values of a column, its parts joined; null where a part is missing."""
    parts = []
    for name in column.of or (column.name,):
        cells = table[name] if name in table.column_names else pa.chunked_array([pa.nulls(len(table), pa.string())])
        trimmed = pc.utf8_trim_whitespace(cells.cast(pa.string()))
        parts.append(pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed))
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, ":")
