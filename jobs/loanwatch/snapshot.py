"""A table as published for a date, and as a file with a manifest that says what it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from loanwatch.admit.tables import CLEARED, REJECTED
from loanwatch.columns import Column
from loanwatch.errors import UsageError
from loanwatch.lake import Lake
from loanwatch.seal import publication, retired
from loanwatch.seal.publication import Attempt
from loanwatch.tables import Table

STATE = Column("state", doc="open, or cleared: a later row of the sender has the row's business key.")
CLEARED_BY = Column("cleared_by", "int", "The delivery that put it right; empty = open.")
XLSX_ROWS_AT_MOST = 1_048_575
# A cell that starts so is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Snapshot:
    """Rows of a table under one release; of a ledger, what that release knew."""

    table: Table
    attempt: Attempt
    rows: pa.Table


def take(lake: Lake, table: Table, as_of: date, release: int | None = None, *, first: bool = False) -> Snapshot:
    """The snapshot of a date, in the order of the key."""
    attempt = publication.find(lake, as_of, release, first=first)
    retired.refuse(lake, attempt, table)
    order = ["place"] if "place" in table.names else [column.name for column in table.key if column.name in table.names]
    rows = lake.rows(table, f"{_of(table, attempt)} order by {', '.join(order)}", table.names)
    return _with_outcome(lake, Snapshot(table, attempt, rows)) if table is REJECTED else Snapshot(table, attempt, rows)


def _with_outcome(lake: Lake, rejected: Snapshot) -> Snapshot:
    """Rejected rows with what has become of them, as far as the release knows."""
    cleared = lake.rows(CLEARED, f"by <= {rejected.attempt.known}").to_pylist()
    by = {(row["delivery_no"], row["line_no"]): row["by"] for row in cleared}
    places = zip(*(rejected.rows[name].to_pylist() for name in ("delivery_no", "line_no")), strict=True)
    put_right = [by.get(place) for place in places]
    states = ["cleared" if number else "open" for number in put_right]
    rows = rejected.rows.append_column(STATE.name, pa.array(states, pa.string()))
    rows = rows.append_column(CLEARED_BY.name, pa.array(put_right, pa.int32()))
    return replace(rejected, table=replace(rejected.table, columns=(*rejected.table.columns, STATE, CLEARED_BY)), rows=rows)


def write(snapshot: Snapshot, path: Path, kind: str) -> Path:
    """Write a snapshot as csv, parquet or xlsx; returns the path of its manifest."""
    {"csv": _csv, "parquet": pq.write_table, "xlsx": _xlsx}[kind](snapshot.rows, path)
    attempt = snapshot.attempt
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    said = {
        "table": snapshot.table.name, "grain": snapshot.table.grain, "as_of": attempt.as_of.isoformat(),
        "release": attempt.release, "publication_no": attempt.publication_no, "parent": attempt.parent,
        "through_delivery_no": attempt.through_delivery_no, "conf_digest": attempt.conf_digest,
        "code_digest": attempt.code_digest, "rows": len(snapshot.rows), "file": path.name, "sha256": digest,
        "columns": {column.name: column.doc for column in snapshot.table.columns},
    }  # fmt: skip
    manifest = path.with_name(f"{path.name}.manifest.json")
    manifest.write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return manifest


def _of(table: Table, attempt: Attempt) -> str:
    if not table.ledger:
        return attempt.partition
    bounds = [("delivery_no", attempt.known), ("release", attempt.release)]
    return " and ".join(f"coalesce({name}, 0) <= {most}" for name, most in bounds if name in table.names) or "true"


def _csv(rows: pa.Table, path: Path) -> None:
    write_csv(path, {name: rows[name].to_pylist() for name in rows.column_names})


def write_csv(path: Path, columns: Mapping[str, Iterable[Any]]) -> None:
    """Write columns of plain values as a file that spreadsheets read as it is meant."""
    cells = [pa.array([cell(value) for value in values], pa.string()) for values in columns.values()]
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")  # spreadsheets take a file without it for the local code page
        pa_csv.write_csv(pa.table(cells, names=list(columns)), file)


def cell(value: Any) -> str | None:
    """A value as text that no spreadsheet takes for a formula."""
    if value is None:
        return None
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    is_number = isinstance(value, int) and not isinstance(value, bool)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not is_number else text


def _xlsx(rows: pa.Table, path: Path) -> None:
    if len(rows) > XLSX_ROWS_AT_MOST:
        raise UsageError(f"{len(rows)} rows do not fit into a sheet; use --csv or --parquet")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("rows")
    sheet.append(rows.column_names)
    for row in rows.to_pylist():
        sheet.append(list(_sheet_cells(row.values())))
    book.save(path)


def _sheet_cells(values: Iterable[Any]) -> Iterable[Any]:
    for value in values:
        yield cell(value) if isinstance(value, str | list) else value
