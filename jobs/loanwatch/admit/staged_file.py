"""A Parquet file that lies in a feed table's folder and waits for the commit that makes it part of the table."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import BaseModel

GROUP_ROWS = 500_000


class StagedFile(BaseModel):
    """A Parquet file that waits for its commit."""

    name: str
    bytes: int
    stats: str


class StagedFileWriter:
    """One Parquet file of a task, opened when the first row comes; small deliveries share a row group."""

    def __init__(self, folder: Path, name: str, schema: pa.Schema, stats: tuple[str, ...]) -> None:
        self.path, self.schema, self.stats = folder / f"{name}.parquet", schema, stats
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []

    def write(self, table: pa.Table) -> None:
        self._waiting.append(table)
        if sum(map(len, self._waiting)) >= GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        rows = pa.concat_tables(self._waiting) if self._waiting else self.schema.empty_table()
        self._waiting = []
        if not len(rows):
            return
        if self._writer is None:
            # Amounts, hashes and line numbers hardly repeat: a dictionary of them is built in vain.
            repeating = [f.name for f in self.schema if f.type in (pa.string(), pa.date32(), pa.bool_())]
            self._writer = pq.ParquetWriter(
                self.path, self.schema, compression="zstd", compression_level=1, use_dictionary=repeating
            )
        self._writer.write_table(rows)

    def close(self) -> StagedFile | None:
        self._flush()
        if self._writer is None:
            return None
        self._writer.close()
        return StagedFile(name=self.path.name, bytes=self.path.stat().st_size, stats=_stats(self.path, self.stats))


def without(path: Path, deliveries: set[int], stats: tuple[str, ...]) -> StagedFile | None:
    """A staged file once more, without the rows of some deliveries; None, and gone, where nothing is left of it."""
    with pq.ParquetFile(path) as file:
        writer = StagedFileWriter(path.parent, f"{path.stem}-kept", file.schema_arrow, stats)
        unwanted = pa.array(sorted(deliveries), pa.int32())
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group)
            writer.write(rows.filter(pc.invert(pc.is_in(rows["delivery_no"], unwanted))))
    path.unlink()
    return writer.close()


def _stats(path: Path, columns: tuple[str, ...]) -> str:
    """Delta's file statistics: row count, and least and greatest value of the columns that readers skip by."""
    meta = pq.read_metadata(path)
    least: dict[str, object] = {}
    most: dict[str, object] = {}
    for group in range(meta.num_row_groups):
        for i in range(meta.num_columns):
            column = meta.row_group(group).column(i)
            found = column.statistics if column.path_in_schema in columns else None
            if found is not None and found.has_min_max:
                name = column.path_in_schema
                least[name] = min(least.get(name, found.min), found.min)
                most[name] = max(most.get(name, found.max), found.max)
    body = {"numRecords": meta.num_rows, "minValues": least, "maxValues": most, "nullCount": dict.fromkeys(least, 0)}
    return json.dumps(body, default=str)
