"""Rows of a data file, block by block: typed where the whole file is clean, as text where it is not.

CSV is read with its types first; only a file that does not convert is read again as text, so that each
fault can be named. No error text of the reader leaves this module: it would quote cells.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from loanwatch.admit.layout import Layout, Unreadable, layout
from loanwatch.columns import ARROW, WITHDRAWN
from loanwatch.tables import Feed

BLOCK_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Block:
    """Consecutive rows of a file and their numbers within it, from 1, the header not counted."""

    rows: pa.Table
    lines: npt.NDArray[np.int64]


@dataclass
class Source:
    """A data file to be read: as text or with its types, whole or some columns.

    `broken` fills with the numbers of rows that have the wrong number of cells; they are in no block.
    """

    path: Path
    feed: Feed
    typed: bool
    columns: tuple[str, ...] = ()
    broken: list[int] = field(default_factory=list)


def blocks(source: Source) -> Iterator[Block]:
    """The rows of a file; Unreadable where it cannot be read (typed: or does not convert)."""
    path = source.path
    try:
        yield from _parquet(source) if path.suffix == ".parquet" else _csv(source)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError, *_broken(path)):
        raise Unreadable(f"{path.name}: not readable as {path.suffix.removeprefix('.') or 'CSV'}") from None


def _broken(path: Path) -> tuple[type[Exception], ...]:
    """What Arrow also raises for a Parquet file that is damaged inside."""
    return (OSError,) if path.suffix == ".parquet" else ()


def column_names(path: Path, feed: Feed) -> list[str]:
    """The columns of a file as it names them; Unreadable where it cannot be read."""
    if path.suffix != ".parquet":
        return list(layout(path, [column.name for column in feed.file_columns]).names)
    try:
        return list(pq.read_schema(path).names)
    except (pa.ArrowInvalid, OSError):
        raise Unreadable(f"{path.name}: not readable as parquet") from None


def check_columns(names: list[str], feed: Feed, file: str) -> None:
    """Unreadable names unknown, repeated and missing columns, with the nearest known name."""
    known = [column.name for column in feed.file_columns]
    faults = []
    for name in names:
        if name not in (*known, WITHDRAWN.name):
            near = difflib.get_close_matches(name[:60], known, n=1)
            # A file without a header has a person's name there: only what is nearly a column's name is shown.
            shown = f"{name!r} (did you mean {near[0]}?)" if near else f"of {len(name)} characters; is there a header?"
            faults.append(f"unknown column {shown}")
    faults += [f"column {name} twice" for name in known if names.count(name) > 1]
    needed = [c.name for c in feed.file_columns if c.required and not (feed.state and c.name == feed.on.name)]
    faults += [f"no column {name}" for name in needed if name not in names]
    if faults:
        more = f" and {len(faults) - 5} more" if len(faults) > 5 else ""
        raise Unreadable(f"{file}: {'; '.join(faults[:5])}{more}")


def _parquet(source: Source) -> Iterator[Block]:
    with pq.ParquetFile(source.path) as file:
        names = file.schema_arrow.names
        check_columns(names, source.feed, source.path.name)
        wanted = [name for name in source.columns if name in names] or None
        first = 1
        for batch in file.iter_batches(batch_size=250_000, columns=wanted):
            yield Block(pa.Table.from_batches([batch]), np.arange(first, first + len(batch)))
            first += len(batch)


def _csv(source: Source) -> Iterator[Block]:
    written = layout(source.path, [column.name for column in source.feed.file_columns])
    check_columns(list(written.names), source.feed, source.path.name)
    if source.typed and written.hexadecimal:
        raise Unreadable(f"{source.path.name}: to be read as text")

    def skip(row: pa_csv.InvalidRow) -> str:
        if not source.typed:
            source.broken.append(row.number - 1)
        return "error" if source.typed else "skip"

    reader = pa_csv.open_csv(
        source.path,
        pa_csv.ReadOptions(
            use_threads=False, block_size=BLOCK_BYTES, encoding=written.encoding,
            column_names=list(written.names), skip_rows=1,
        ),
        pa_csv.ParseOptions(delimiter=written.delimiter, invalid_row_handler=skip),
        _conversion(source, written),
    )
    first = 1
    for batch in reader:
        lines = _numbers(first, len(batch), source.broken)
        yield Block(pa.Table.from_batches([batch]), lines)
        first = int(lines[-1]) + 1 if len(lines) else first


def _conversion(source: Source, written: Layout) -> pa_csv.ConvertOptions:
    columns = (*source.feed.file_columns, WITHDRAWN)
    return pa_csv.ConvertOptions(
        column_types={c.name: ARROW[c.type] if source.typed else pa.string() for c in columns},
        include_columns=[name for name in source.columns if name in written.names],
        strings_can_be_null=True,
        null_values=[""],
        true_values=["true", "1"],
        false_values=["false", "0"],
    )


def _numbers(first: int, rows: int, broken: list[int]) -> npt.NDArray[np.int64]:
    """The numbers of the next rows, stepping over broken ones."""
    holes = [number for number in broken if number >= first]
    numbers = np.arange(first, first + rows + len(holes))
    return numbers[~np.isin(numbers, holes)][:rows]
