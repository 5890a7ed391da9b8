"""Reading what was published: `read` a table of a date, `diff` two releases of a date."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import typer
from rich.table import Table as Grid
from rich.text import Text

from loanwatch import catalogue, difference, snapshot
from loanwatch.commands.options import Date, Env, First, Lake, Release, Tenant, day, out, resolved
from loanwatch.errors import UsageError
from loanwatch.lake import Lake as LakeFolder

Shown = Annotated[int, typer.Option("--rows", help="Rows shown on the terminal.")]
Columns = Annotated[str | None, typer.Option("--columns", help="Columns shown on the terminal, by comma.")]
File = Annotated[Path | None, typer.Option(help="Write to this file, with a manifest beside it.")]


def read(
    table: Annotated[str, typer.Argument(help="Such as report.watch_list.")], date: Date, release: Release = None,
    first: First = False, csv: File = None, parquet: File = None, xlsx: File = None, rows: Shown = 20,
    columns: Columns = None, lake: Lake = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """Read a table as published for a date: to the terminal, or to a file with its manifest."""
    settings = resolved(env, tenant, lake)
    wanted = [(kind, path) for kind, path in (("csv", csv), ("parquet", parquet), ("xlsx", xlsx)) if path]
    if len(wanted) > 1 or (release is not None and first):
        raise UsageError("one of --csv, --parquet, --xlsx, and one of --release, --first")
    taken = snapshot.take(LakeFolder(settings.lake), catalogue.table(table), day(date), release, first=first)
    for kind, path in wanted:
        manifest = snapshot.write(taken, path, kind)
        out.print(f"{len(taken.rows)} rows to {path}, manifest {manifest}")
    if not wanted:
        out.print(f"{table} of {date}, release {taken.attempt.release}: {len(taken.rows)} rows", highlight=False)
        names = columns.split(",") if columns else taken.rows.column_names
        if unknown := [name for name in names if name not in taken.rows.column_names]:
            raise UsageError(f"{table} has no column {', '.join(unknown)}; `loanwatch tables {table}` lists them")
        out.print(_grid(taken.rows.select(names).slice(0, rows)))


def diff(
    table: Annotated[str, typer.Argument(help="Such as balance.loan_day.")], date: Date,
    releases: Annotated[str, typer.Option("--releases", help="Two releases of the date, such as 4,9.")],
    csv: Annotated[Path | None, typer.Option(help="Write to this file.")] = None, rows: Shown = 20, lake: Lake = None,
    env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """What two releases of a date say differently: each differing value, and rows that only one of them has."""
    settings = resolved(env, tenant, lake)
    before, after = _two(releases)
    found = difference.difference(LakeFolder(settings.lake), catalogue.table(table), day(date), before, after)
    columns = found.columns()
    if csv:
        snapshot.write_csv(csv, columns)
    where = f" to {csv}" if csv else ""
    out.print(f"{table} of {date}, releases {before} and {after}: {found.rows} rows differ{where}", highlight=False)
    if found.rows and not csv:
        grid = Grid(*columns, box=None, pad_edge=False, header_style="bold")
        for *place, column, was, now in list(zip(*columns.values(), strict=True))[:rows]:
            grid.add_row(*map(Text, map(str, (*place, column))), cell(column, was), cell(column, now))
        out.print(grid)


def _two(releases: str) -> tuple[int, int]:
    numbers = [text.strip() for text in releases.split(",")]
    if len(numbers) != 2 or not all(text.isdigit() for text in numbers):
        raise UsageError(f"--releases {releases!r}: give two numbers, such as 4,9")
    return int(numbers[0]), int(numbers[1])


def _grid(rows: pa.Table) -> Grid:
    grid = Grid(box=None, pad_edge=False, header_style="bold")
    for name in rows.column_names:
        grid.add_column(name, overflow="fold")
    for row in rows.to_pylist():
        grid.add_row(*[cell(name, value) for name, value in row.items()])
    return grid


def cell(name: str, value: object) -> Text:
    """A value as people read it: money in units, lists by semicolon; never markup, cells come from outside."""
    if value is None:
        return Text("")
    if name.endswith("_minor"):
        return Text(f"{Decimal(str(value)) / 100:,.2f}")
    return Text("; ".join(map(str, value)) if isinstance(value, list) else str(value))
