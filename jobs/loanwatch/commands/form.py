"""Regulatory forms: `form list`, `form show`, `form fill`, `form check`, `form layout`; `hand_in.py` has the rest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from loanwatch.commands.options import Date, Env, First, Lake, Release, Tenant, day, grid_of, out, resolved
from loanwatch.errors import DataError, UsageError
from loanwatch.extract import formats, layout, records, workbooks
from loanwatch.extract.edit_checks import Fault
from loanwatch.extract.relations import parsed
from loanwatch.forms import Form, Made, held
from loanwatch.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Forms of regulators, as data.", rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="<regulator>/<form>: a folder of conf/extracts.")]
Workbooks = Annotated[list[Path], typer.Option("--workbook", help="The regulator's workbook; once for each, where there are more.")]
File = Annotated[Path, typer.Argument(help="Records: CSV with a header of field codes, or Parquet.")]
Out = Annotated[Path, typer.Option("--out", help="The file of records that is written: CSV with a header of field codes.")]
Pool = Annotated[str | None, typer.Option("--pool", help="Only the loans of this pool.")]
Write = Annotated[bool, typer.Option("--write", help="Write the layout down.")]


@app.command("list")
def list_(env: Env = "local", tenant: Tenant = "demo") -> None:
    """The forms that there are."""
    grid = grid_of("form", "title", "edition", "sends", "fields")
    grid.columns[0].no_wrap = True
    for one in (form.layout for form in Form.all(resolved(env, tenant).conf)):
        grid.add_row(one.form, one.title, one.edition, one.sends, str(len(one.fields)))
    out.print(grid)


@app.command("show")
def show(form: Name, env: Env = "local", tenant: Tenant = "demo") -> None:
    """What a form asks for, field by field."""
    one = _form(form, env, tenant).layout
    out.print(f"{one.form}: {one.title} ({one.code}); {one.edition}, sent {one.sends}", highlight=False)
    grid = grid_of("field", "name", "format", "means", "codes", "instead of a value")
    for field in one.fields:
        codes = [*field.codes, *([f"{field.open}…"] if field.open else [])]
        marked = f"{field.code} (key)" if field.key else field.code
        grid.add_row(marked, field.name, field.format, formats.of(field).says, " ".join(codes), " ".join(field.instead))
    out.print(grid)
    for text in one.relations:
        found = parsed(text, one.code)
        forms = sorted({form for relation in found for form in relation.forms})
        kept = f"with {', '.join(forms)}" if forms else "held to" if found else "not checked: not understood"
        out.print(f"{text}  ({kept})", markup=False, highlight=False)


@app.command("fill")
def fill(
    form: Name, date: Date, file: Out, release: Release = None, first: First = False, pool: Pool = None, lake: Lake = None,
    env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """Fill a form from what was published for a month-end; nothing is written where it is not as the form asks."""
    made = filled(resolved(env, tenant, lake), form, date, release, first=first, pool=pool)
    records_, faults = made.filled.records, made.faults()
    show_faults(made.form, faults)
    held(made.form, faults, made.of)
    records.write(file, records_, made.form.layout)
    of = made.attempt
    out.print(f"{file}: {made.size} of release {of.release} of {of.as_of}", highlight=False)


def filled(
    settings: Settings, form: str, date: str, release: int | None, *, first: bool, pool: str | None = None,
    field: str | None = None,
) -> Made:  # fmt: skip
    """Fill a form; says which of its settings, or of those of a field, are not set."""
    made = Form.named(form, settings.conf).made(settings, day(date), release, first=first, pool=pool)
    for line in made.unset(field):
        out.print(line, highlight=False, markup=False)
    return made


@app.command("check")
def check(form: Name, file: File, env: Env = "local", tenant: Tenant = "demo") -> None:
    """Whether the records in a file are as the form asks: format, length, code list, key, nothing missing, between fields."""
    one = _form(form, env, tenant)
    found = records.read(file, one.layout)
    faults = one.faults(found)
    show_faults(one, faults)
    held(one, faults, file.name)
    out.print(f"{file.name}: {len(found.rows):,} records, all as {one.layout.form} asks", highlight=False)


def show_faults(form: Form, faults: Sequence[Fault]) -> None:
    """What is wrong with records, by field."""
    grid = grid_of("field", "name", "fault", "records", "the first", "")
    for fault in faults:
        name = form.layout.by_code[fault.field].name if fault.field in form.layout.by_code else ""
        mark = "critical" if fault.critical else ""
        grid.add_row(fault.field, name, fault.says, f"{fault.records:,}", ", ".join(map(str, fault.lines)), mark)
    if faults:
        out.print(grid)


@app.command("layout")
def make(form: Name, workbook: Workbooks, write: Write = False, env: Env = "local", tenant: Tenant = "demo") -> None:
    """What the regulator's workbook changes in the layout of a form; with --write, the layout is made from it."""
    path, after = _form(form, env, tenant).path, workbooks.layout(form, workbook)
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


def _form(name: str, env: str, tenant: str) -> Form:
    return Form.named(name, resolved(env, tenant).conf)
