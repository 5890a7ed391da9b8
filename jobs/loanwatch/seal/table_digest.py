"""The digest of a table's rows: a tree of SHA-256 that does not depend on their order, partitions, files or engine, and that
finds the rows in which two tables differ.

Said so that anybody can compute it, digests in lower-case hexadecimal, texts in UTF-8, lines as in `canonical`:

- Columns are taken in the order of their names, without `as_of` and `release`, which say where the rows stand, and without
  `delivery_no`, `line_no`, `known_on`, which say how they came about (runs.md 19).
- A row's digest is that of its line. Its bucket is the first three digits of the digest of the line of its key's columns.
- A bucket's digest is that of the digests of its rows, one after the other, in the order of the bytes of their keys' lines,
  rows of the same key in that of their digests.
- The table's digest is that of these lines, each ended by a newline, cells joined by tabs: the table's name; `key` and the
  names of the key's columns; `columns` and the names of all; for each bucket that has rows, in order, its three digits, how
  many rows it has, and its digest.

Two tables agree where their digests do; if not, the buckets that differ hold the rows that do: of a million, 244 each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from loanwatch.columns import DELIVERY_NO, LINE_NO, RELEASE, Column
from loanwatch.errors import DataError
from loanwatch.seal import canonical
from loanwatch.tables import Table

LEFT_OUT = frozenset({RELEASE.name, DELIVERY_NO.name, LINE_NO.name, "known_on"})
DIGITS = 3


@dataclass(frozen=True)
class TableDigest:
    """The digest of a table's rows; `buckets` are rows and digest, by the bucket's three digits."""

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    buckets: Mapping[str, tuple[int, str]]

    @property
    def rows(self) -> int:
        return sum(rows for rows, _ in self.buckets.values())

    @property
    def digest(self) -> str:
        buckets = [(bucket, rows, digest) for bucket, (rows, digest) in sorted(self.buckets.items())]
        lines = [(self.table,), ("key", *self.key), ("columns", *self.columns), *buckets]
        return sha256("".join(canonical.line(line) + "\n" for line in lines))

    def unlike(self, other: TableDigest) -> list[str]:
        """The buckets that differ, in order; all of them where the two are not made of the same columns."""
        every = sorted({*self.buckets, *other.buckets})
        same = (self.table, self.key, self.columns) == (other.table, other.key, other.columns)
        return [bucket for bucket in every if not same or self.buckets.get(bucket) != other.buckets.get(bucket)]


@dataclass(frozen=True)
class Content:
    """Rows of a table as they lie in Parquet files; `columns` are what its digest is made of."""

    table: Table
    files: Sequence[str]
    columns: tuple[str, ...]

    @classmethod
    def of(cls, table: Table, files: Sequence[str]) -> Content:
        """Of all columns that the table has by now."""
        return cls(table, files, tuple(sorted(set(table.names) - LEFT_OUT)))

    def digest(self) -> TableDigest:
        """DataError where the files cannot be read."""
        grouped = f"select bucket, count(*), string_agg(row, '' order by key, row) from {self._rows} group by bucket"
        buckets = {bucket: (rows, sha256(digests)) for bucket, rows, digests in self._asked(grouped)}
        return TableDigest(self.table.name, tuple(column.name for column in self._key), self.columns, buckets)

    def rows(self, buckets: Collection[str]) -> dict[str, str]:
        """The digests of the rows of some buckets, by the line of the key."""
        wanted = ", ".join(f"'{bucket}'" for bucket in buckets) or "''"
        return dict(self._asked(f"select key, row from {self._rows} where bucket in ({wanted}) order by key, row"))

    @property
    def _key(self) -> list[Column]:
        return [self.table.by_name[column.name] for column in self.table.key if column.name in self.columns]

    @property
    def _rows(self) -> str:
        key, row = canonical.sql(self._key), canonical.sql(self.table.by_name[name] for name in self.columns)
        return f"(select sha256({key})[:{DIGITS}] as bucket, {key} as key, sha256({row}) as row from read_parquet($files))"

    def _asked(self, query: str) -> list[Any]:
        if not self.files:
            return []
        try:
            with duckdb.connect() as engine:
                return engine.execute(query, {"files": list(self.files)}).fetchall()
        except duckdb.Error as error:
            raise DataError(f"{self.table.name}: its files cannot be read: {str(error).splitlines()[0]}") from None


def unlike(one: Content, other: Content) -> Iterator[tuple[str, str]]:
    """The keys, as lines, of rows that differ, and how: `changed`, `missing` in the other, or `added` there."""
    buckets = one.digest().unlike(other.digest())
    before, after = one.rows(buckets), other.rows(buckets)
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            yield key, "added" if key not in before else "changed" if key in after else "missing"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
