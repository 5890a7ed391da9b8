"""Forms that leave: `form hand-in`; `drill` from a field down to delivered rows, and `where` a loan went."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from loanwatch import forms, handing_in
from loanwatch.commands.form import Name, Pool, filled, show_faults
from loanwatch.commands.options import Date, Env, First, Lake, Release, Tenant, Vault, grid_of, out, resolved
from loanwatch.errors import UsageError, near
from loanwatch.extract import drill, hand_in
from loanwatch.extract.delta import PARTS, RECORDS
from loanwatch.forms import Made
from loanwatch.lake import Lake as LakeFolder

Into = Annotated[Path, typer.Option("--out", help="The folder for the file; its name is the form's.")]
Field = Annotated[str, typer.Argument(help="Code of a field.")]
OfLoan = Annotated[str | None, typer.Option("--loan", help="Of this loan: from which values, and which delivered rows.")]
OfValue = Annotated[str | None, typer.Option("--value", help="Every loan in whose records this stands.")]
Show = Annotated[bool, typer.Option("--demonstration", help="A form that this institution does not file, or not for this date.")]


def hand_in_(
    form: Name, date: Date, into: Into, demonstration: Show = False, release: Release = None, first: First = False,
    pool: Pool = None, lake: Lake = None, vault: Vault = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """Fill a form, note what is handed in and in which records, and write the file as its receiver wants it."""
    settings = resolved(env, tenant, lake, vault)
    made = filled(settings, form, date, release, first=first, pool=pool)
    left = handing_in.hand_in_(settings, made, into, show_faults, demonstration=demonstration)
    before = "; the same was handed in before" if left.entered.again else ""
    out.print(f"{left.file}: {left.records:,} records, hand-in {left.entered.number}{before}", highlight=False, markup=False)


def delta(
    form: Name, date: Date, release: Release = None, first: First = False, pool: Pool = None, lake: Lake = None, env: Env = "local",
    tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """What became of a form since it was last handed in for an earlier date: every amount's difference, in parts by cause."""
    settings = resolved(env, tenant, lake)
    made = filled(settings, form, date, release, first=first, pool=pool)
    found = forms.delta(settings, made)
    if found is None:
        raise UsageError(f"{form} was handed in for no date before {date}")
    last, deltas = found
    out.print(f"{made.of}, since hand-in {last['hand_in_no']} of {last['as_of']}, release {last['release']}", highlight=False)
    grid = grid_of("field", "name", "before", "after", *(part.replace("_", " ") for part in PARTS))
    for one in deltas:
        name = f"{made.form.layout.by_code[one.field].name} {one.currency}".strip() if one.field != RECORDS else "records"
        grid.add_row(one.field, name, *(_figure(one.field, n) for n in (one.before, one.after, *one.parts.values())))
    out.print(grid, markup=False)


def _figure(field: str, n: int) -> str:
    return f"{n:,}" if field == RECORDS else f"{Decimal(n) / 100:,.2f}"


def drill_(
    form: Name, field: Field, date: Date, loan: OfLoan = None, value: OfValue = None, release: Release = None, first: First = False,
    lake: Lake = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """What stands in a field of a form and in which loans' records; of one loan, from which values and which delivered rows."""
    settings = resolved(env, tenant, lake)
    made = filled(settings, form, date, release, first=first)
    if field not in made.form.layout.by_code:
        raise UsageError(f"{form} has no field {field!r}{near(field, made.form.layout.by_code)}; `loanwatch form show {form}`")
    if loan:
        _of_loan(LakeFolder(settings.lake), made, field, loan)
        return
    grid = grid_of("value", "records", "loans" if value is not None else "the first loans")
    for one in drill.values(made.filled, field, value=value):
        grid.add_row(one.given, f"{one.records:,}", ", ".join(one.loans))
    out.print(grid, markup=False)


def _of_loan(lake: LakeFolder, made: Made, field: str, loan: str) -> None:
    form, name = made.form, made.form.layout.by_code[field].name
    found = drill.origins(made.filled, form.mapping, form.table, made.files, field, loan)
    if not found:
        raise UsageError(f"loan {loan!r} is in no record of {form.layout.form} of {made.attempt.as_of}")
    for origin in found:
        said = {**origin.key, **origin.read}
        read = ", ".join(f"{column} {'not known' if value is None else value}" for column, value in said.items())
        out.print(f"record {origin.line_no}: {field} {name} = {origin.given or 'empty'}", markup=False, highlight=False)
        out.print(f"  by {form.mapping.texts[field]}", markup=False, highlight=False, soft_wrap=True)
        out.print(f"  from {form.table.name}: {read}", markup=False, highlight=False, soft_wrap=True)
    for rows in drill.sources(lake, made.attempt, form.table, loan):
        places = "; ".join(f"delivery {at.delivery_no} line {at.line_no} of {at.on}" for at in rows.newest)
        more = f" and {rows.count - len(rows.newest)} older" if rows.count > len(rows.newest) else ""
        out.print(f"  rests on {rows.feed}: {places}{more}", markup=False, highlight=False, soft_wrap=True)


def where(
    loan: Annotated[str, typer.Argument(help="The loan.")], lake: Lake = None, env: Env = "local", tenant: Tenant = "demo"
) -> None:
    """Every record of a form that a loan entered, over time."""
    found = hand_in.of_loan(LakeFolder(resolved(env, tenant, lake).lake), loan)
    if not found:
        raise UsageError(f"loan {loan!r} is in no record that was handed in")
    grid = grid_of("date", "release", "form", "hand-in", "file", "record", "fields")
    for row in found:
        given = "  ".join(f"{code}={value}" for code, value in zip(row["fields"], row["given"], strict=True) if value)
        numbers = (str(row[name]) for name in ("hand_in_no", "file", "line_no"))
        grid.add_row(str(row["as_of"]), str(row["release"]), row["form"], *numbers, given)
    out.print(grid, markup=False)
