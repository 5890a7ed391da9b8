"""Regulatory forms: `form list`, `form show`, `form fill`, `form check`, `form layout`; `hand_in.py` has the rest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from loanwatch import catalogue
from loanwatch.calendars import month_end
from loanwatch.commands.options import Date, Env, First, Lake, Release, Tenant, day, grid_of, out, resolved
from loanwatch.errors import DataError, UsageError
from loanwatch.extract import checks, edit_checks, filling, formats, layout, mapping, records, workbooks
from loanwatch.lake import Lake as LakeFolder
from loanwatch.report.base_tables import BASE
from loanwatch.seal import publication, sealed_tables
from loanwatch.settings import Settings
from loanwatch.tables import Table

app = typer.Typer(no_args_is_help=True, help="Forms of regulators, as data.", rich_markup_mode=None)

Form = Annotated[str, typer.Argument(help="<regulator>/<form>: a folder of conf/extracts.")]
Workbooks = Annotated[list[Path], typer.Option("--workbook", help="The regulator's workbook; once for each, where there are more.")]
File = Annotated[Path, typer.Argument(help="Records: CSV with a header of field codes, or Parquet.")]
Out = Annotated[Path, typer.Option("--out", help="The file of records that is written: CSV with a header of field codes.")]
Pool = Annotated[str | None, typer.Option("--pool", help="Only the loans of this pool.")]
Write = Annotated[bool, typer.Option("--write", help="Write the layout down.")]

# The tables that forms are filled from.
_BASE = {table.name: table.by_name for table in BASE}


@app.command("list")
def list_(env: Env = "local", tenant: Tenant = "demo") -> None:
    """The forms that there are."""
    grid = grid_of("form", "title", "edition", "sends", "fields")
    for path in sorted(_folder(env, tenant).glob(f"*/*/{layout.FILE}")):
        one = layout.read(path)
        grid.add_row(one.form, one.title, one.edition, one.sends, str(len(one.fields)))
    out.print(grid)


@app.command("show")
def show(form: Form, env: Env = "local", tenant: Tenant = "demo") -> None:
    """What a form asks for, field by field."""
    one = layout.read(file_of(form, env, tenant))
    out.print(f"{one.form}: {one.title} ({one.code}); {one.edition}, sent {one.sends}", highlight=False)
    grid = grid_of("field", "name", "format", "means", "codes", "instead of a value")
    for field in one.fields:
        codes = [*field.codes, *([f"{field.open}…"] if field.open else [])]
        marked = f"{field.code} (key)" if field.key else field.code
        grid.add_row(marked, field.name, field.format, formats.of(field).says, " ".join(codes), " ".join(field.instead))
    out.print(grid)


@app.command("fill")
def fill(
    form: Form, date: Date, file: Out, release: Release = None, first: First = False, pool: Pool = None, lake: Lake = None,
    env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """Fill a form from what was published for a month-end; nothing is written where it is not as the form asks."""
    settings, path = resolved(env, tenant, lake), file_of(form, env, tenant)
    made = made_of(settings, path, date, release, first=first, pool=pool)
    hold(made.layout, path, made.filled.records, f"{form} of {made.attempt.as_of}, release {made.attempt.release}")
    records.write(file, made.filled.records, made.layout)
    count, of = len(made.filled.records.rows), made.attempt
    out.print(f"{file}: {count:,} records of release {of.release} of {of.as_of}", highlight=False)


@dataclass(frozen=True)
class Made:
    """A form as it was filled, from which table of which release, and the digest of that as it was sealed."""

    layout: layout.Layout
    mapping: mapping.Mapping
    attempt: publication.Attempt
    table: Table
    digest: str
    files: list[str]
    filled: filling.Filled


def made_of(settings: Settings, path: Path, date: str, release: int | None, *, first: bool, pool: str | None = None) -> Made:
    """Fill the form whose layout is at a path; says which of its settings are not set."""
    one = layout.read(path)
    how = mapping.read(path.with_name(mapping.FILE), one, _BASE)
    folder, table = LakeFolder(settings.lake), catalogue.table(how.table)
    attempt = publication.find(folder, day(date), release, first=first)
    if attempt.as_of != month_end(attempt.as_of):
        raise UsageError(f"{attempt.as_of} is no month-end: forms are filled for {month_end(attempt.as_of)}")
    digest, files = _sealed(folder, attempt, table)
    filled = filling.fill(one, how, table, files, settings.business.filer, pool)
    for code, name in filled.unset.items():
        out.print(f"{code} {one.by_code[code].name}: business.filer.{name} is not set", highlight=False, markup=False)
    return Made(one, how, attempt, table, digest, files, filled)


def _sealed(folder: LakeFolder, attempt: publication.Attempt, table: Table) -> tuple[str, list[str]]:
    """The digest and the files of a table of a release; DataError where they are not what was sealed, or it was not."""
    of = f"release {attempt.release} of {attempt.as_of}"
    found = sealed_tables.check(folder, attempt, catalogue.TABLES, {table.name})
    if not found:
        raise DataError(f"{table.name}: {of} was sealed without it, by a program that had none; restate from {attempt.as_of}")
    if not found[0].holds:
        which = f"`loanwatch audit tables --date {attempt.as_of}` says which rows"
        raise DataError(f"{table.name}: of {of} not what was sealed; {which}")
    return found[0].sealed.digest, folder.files(table, attempt.as_of, attempt.release)


@app.command("check")
def check(form: Form, file: File, env: Env = "local", tenant: Tenant = "demo") -> None:
    """Whether the records in a file are as the form asks: format, length, code list, key, nothing missing, between fields."""
    path = file_of(form, env, tenant)
    one = layout.read(path)
    found = records.read(file, one)
    hold(one, path, found, file.name)
    out.print(f"{file.name}: {len(found.rows):,} records, all as {one.form} asks", highlight=False)


def hold(one: layout.Layout, path: Path, found: records.Records, what: str) -> list[edit_checks.Fault]:
    """Show what is wrong with records, and give it; DataError where some of it is critical."""
    faults = edit_checks.faults(one, found, checks.read(path.with_name(checks.FILE), one))
    grid = grid_of("field", "name", "fault", "records", "the first", "")
    for fault in faults:
        name = one.by_code[fault.field].name if fault.field in one.by_code else ""
        mark = "critical" if fault.critical else ""
        grid.add_row(fault.field, name, fault.says, f"{fault.records:,}", ", ".join(map(str, fault.lines)), mark)
    if faults:
        out.print(grid)
    if critical := sum(fault.critical for fault in faults):
        raise DataError(f"{what}: not as {one.form} asks; faults: {critical}")
    return faults


@app.command("layout")
def make(form: Form, workbook: Workbooks, write: Write = False, env: Env = "local", tenant: Tenant = "demo") -> None:
    """What the regulator's workbook changes in the layout of a form; with --write, the layout is made from it."""
    path, after = file_of(form, env, tenant), workbooks.layout(form, workbook)
    faults = [f"{field.code} {field.name}: {fault}" for field in after.fields if (fault := _unknown(field))]
    if faults:
        raise DataError(f"{form}: " + "; ".join(faults))
    lines = list(layout.changes(layout.read(path), after)) if path.is_file() else [f"new, {len(after.fields)} fields"]
    for line in lines or ["as the workbook says"]:
        out.print(f"{form}: {line}", highlight=False, markup=False)
    if write:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(layout.written(after), encoding="utf-8")
        out.print(f"written: {path}", highlight=False)


def _unknown(field: layout.Field) -> str | None:
    try:
        formats.of(field)
    except UsageError as error:
        return str(error)
    return None


def _folder(env: str, tenant: str) -> Path:
    return resolved(env, tenant).conf / "extracts"


def file_of(form: str, env: str, tenant: str) -> Path:
    """The layout of a form."""
    regulator, _, name = form.partition("/")
    if not (regulator.isalnum() and name.isalnum()):
        raise UsageError(f"{form!r} is no form; they are named <regulator>/<form>, as east/503")
    return _folder(env, tenant) / regulator / name / layout.FILE
