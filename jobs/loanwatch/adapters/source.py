"""A sender's file as text: its rows, numbered as in the file, and those that cannot be read at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from loanwatch.adapters import cells
from loanwatch.adapters.mapping import BusinessOn, Files, Mapping
from loanwatch.errors import UsageError, near

BLOCK_BYTES = 16 * 1024 * 1024  # also the longest row
MOST_EXPANSION, SMALL = 200, 64 * 1024 * 1024  # of a compressed file, as text in memory


@dataclass(frozen=True)
class Source:
    """The wanted columns of a file as text, trimmed, nothing as null; `row` counts from 1, the header left out.

    `business_on` is null where the row does not say it. `broken` are rows with a wrong number of cells; they are not in `text`.
    """

    path: Path
    text: pa.Table
    row: npt.NDArray[np.int64]
    business_on: pa.Array
    broken: tuple[int, ...]


def sorted_out(paths: Sequence[Path], mapping: Mapping) -> dict[str, list[Path]]:
    """Which of the given files are of which layout, by name; UsageError for one that is of none or of several."""
    found: dict[str, list[Path]] = {name: [] for name in mapping.files}
    for path in sorted(paths, key=lambda path: path.name):
        of = [name for name, files in mapping.files.items() if any(fnmatchcase(path.name, like) for like in files.files)]
        if len(of) != 1:
            known = "; ".join(f"{name}: {', '.join(files.files)}" for name, files in mapping.files.items())
            raise UsageError(f"{path.name!r} is of {'several layouts' if of else 'no layout'} of this adapter; by name, {known}")
        found[of[0]].append(path)
    return found


def read(path: Path, files: Files, wanted: Iterable[str]) -> Source:
    """A file whole; UsageError where it is not of the layout."""
    on = files.business_on
    names = list(dict.fromkeys([*wanted, *([on.from_] if on.from_ else [])]))
    broken: list[int] = []
    text = _text(path, files, names, broken)
    rows = np.setdiff1d(np.arange(1, len(text) + len(broken) + 1), broken)
    return Source(path, text, rows, _business_on(on, path, text), tuple(broken))


def _text(path: Path, files: Files, names: Sequence[str], broken: list[int]) -> pa.Table:
    headers = 0 if files.columns else 1

    def skip(row: pa_csv.InvalidRow) -> str:
        broken.append(row.number - headers)
        return "skip"

    most = path.stat().st_size * MOST_EXPANSION + SMALL
    batches: list[pa.RecordBatch] = []
    try:
        reader = pa_csv.open_csv(
            path,
            pa_csv.ReadOptions(
                use_threads=False, block_size=BLOCK_BYTES, encoding=files.encoding, column_names=list(files.columns) or None,
            ),
            pa_csv.ParseOptions(delimiter="\t" if files.delimiter == "tab" else files.delimiter, invalid_row_handler=skip),
            pa_csv.ConvertOptions(
                include_columns=names, column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""],
            ),
        )  # fmt: skip
        for batch in reader:
            batches.append(batch)
            most -= batch.nbytes
            if most < 0:
                raise UsageError(f"{path.name}: swells to more than {MOST_EXPANSION} times its size; not read")
    except (pa.ArrowInvalid, KeyError, OSError, UnicodeDecodeError):
        raise UsageError(f"{path.name}: {_why(path, files, names)}") from None
    table = pa.Table.from_batches(batches, pa.schema([pa.field(name, pa.string()) for name in names]))
    return pa.table({name: _said(table[name], files.empty) for name in names})


def _why(path: Path, files: Files, names: Sequence[str]) -> str:
    """Why a file cannot be read, without quoting its cells: the reader's own words would."""
    if not files.columns:
        try:
            with pa.input_stream(str(path), compression="detect") as stream:
                line = stream.read(64 * 1024).split(b"\n")[0].decode(files.encoding, errors="replace")
        except OSError:
            return "not readable as gzip"
        there = [name.strip('\ufeff" \r') for name in line.split("\t" if files.delimiter == "tab" else files.delimiter)]
        if missing := [f"{name!r}{near(name, there)}" for name in names if name not in there]:
            return f"no column {', '.join(missing)}"
    else:
        names = files.columns
    return f"not readable as {files.encoding} text with {files.delimiter!r} between cells" + (
        f", {len(names)} to a row" if files.columns else ""
    )


def _said(column: pa.ChunkedArray, empty: Sequence[str]) -> pa.Array:
    return cells.without(cells.trimmed(cells.whole(column)), empty)


def _business_on(on: BusinessOn, path: Path, text: pa.Table) -> pa.Array:
    if on.from_:
        return cells.dates(cells.folded(cells.whole(text[on.from_])), on.parse, on.day)
    return pa.repeat(pa.scalar(told_date(path, on), pa.date32()), len(text))


def told_date(path: Path, on: BusinessOn) -> date | None:
    """The business date of a file as a whole: the mapping's, or the one date in its name; None where rows have their own."""
    if on.constant:
        return cells.a_date(on.constant, "iso", on.day)
    if on.name is None:
        return None
    runs = re.findall(r"[0-9]+(?:[-/.][0-9]+)*", path.name)
    texts = {text for run in runs for text in (run, *re.split(r"[-.]", run))}
    found = {day for text in texts if (day := cells.a_date(text, on.name, on.day))}
    if len(found) != 1:
        told = f"{len(found) or 'no'} dates of the kind {on.name}"
        raise UsageError(f"{path.name!r}: {told} in its name, which tells the business date")
    return found.pop()
