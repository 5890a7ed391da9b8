"""The records of a form in a file, as text: CSV in UTF-8 or GB18030 with a header of field codes, or Parquet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from loanwatch.admit.layout import Unreadable
from loanwatch.admit.layout import layout as written
from loanwatch.errors import DataError, near
from loanwatch.extract.layout import Layout

LINE = "line_no"


@dataclass(frozen=True)
class Records:
    """Rows of a form: a column of text a field, and `line_no`, the number of the record in its file, from 1.

    `broken` are the numbers of records that have the wrong number of cells; they are among no rows.
    """

    rows: pa.Table
    broken: tuple[int, ...] = ()


def read(path: Path, layout: Layout) -> Records:
    """DataError where the file cannot be read, or its columns are not the form's."""
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    try:
        found = _parquet(path) if path.suffix == ".parquet" else _csv(path, layout)
    except (Unreadable, pa.ArrowException, UnicodeDecodeError) as error:
        said = error if isinstance(error, Unreadable) else f"{path.name}: not readable as {path.suffix[1:] or 'CSV'}"
        raise DataError(str(said)) from None
    if faults := list(_columns(found.rows.column_names, layout)):
        raise DataError(f"{path.name}: {'; '.join(faults[:5])}{f' and {len(faults) - 5} more' if len(faults) > 5 else ''}")
    broken = set(found.broken)
    numbers = [n for n in range(1, len(found.rows) + len(broken) + 1) if n not in broken] if broken else None
    lines = pa.array(numbers or np.arange(1, len(found.rows) + 1), pa.int64())
    return Records(found.rows.select(list(layout.by_code)).append_column(LINE, lines), found.broken)


def write(path: Path, records: Records, layout: Layout) -> None:
    """As CSV in UTF-8 with a header of field codes, whole or not at all; no cell is changed."""
    part = path.with_name(f".{path.name}.part")
    pa_csv.write_csv(records.rows.select(list(layout.by_code)), part)
    part.replace(path)


def _columns(names: list[str], layout: Layout) -> list[str]:
    known = layout.by_code
    faults = [f"unknown column {name[:60]!r}{near(name[:60], known)}" for name in names if name not in known]
    faults += [f"column {code} twice" for code in known if names.count(code) > 1]
    return faults + [f"no column {code} ({field.name})" for code, field in known.items() if code not in names]


def _parquet(path: Path) -> Records:
    rows = pq.read_table(path)
    return Records(pa.table([column.cast(pa.string()) for column in rows.columns], rows.column_names))


def _csv(path: Path, layout: Layout) -> Records:
    file, broken = written(path, layout.by_code), list[int]()

    def skip(row: pa_csv.InvalidRow) -> str:
        broken.append(row.number - 1)
        return "skip"

    rows = pa_csv.read_csv(
        path,
        pa_csv.ReadOptions(use_threads=False, encoding=file.encoding, column_names=list(file.names), skip_rows=1),
        pa_csv.ParseOptions(delimiter=file.delimiter, invalid_row_handler=skip),
        pa_csv.ConvertOptions(column_types=dict.fromkeys(file.names, pa.string()), strings_can_be_null=False),
    )
    return Records(rows, tuple(broken))
