"""Forms that leave: `form hand-in`; `drill` from a field down to delivered rows, and `where` a loan went."""

from __future__ import annotations

from collections.abc import Mapping as Row
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from loanwatch import form_history, handing_in
from loanwatch.commands.form import Name, Pool, filled, show_faults
from loanwatch.commands.options import Date, Env, First, Lake, Release, Tenant, Vault, grid_of, out, resolved
from loanwatch.errors import UsageError, near
from loanwatch.extract import drill, filling, hand_in
from loanwatch.extract.delta import PARTS, RECORDS
from loanwatch.extract.mapping import Mapping
from loanwatch.forms import Form, Made
from loanwatch.lake import Lake as LakeFolder

LOANS_SHOWN = 20

Into = Annotated[Path, typer.Option("--out", help="The folder for the file; its name is the form's.")]
Field = Annotated[str, typer.Argument(help="Code of a field.")]
OfLoan = Annotated[str | None, typer.Option("--loan", help="Of this loan, agreement or transfer: from which values and rows.")]
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
    out.print(f"{left.file}: {made.size}, hand-in {left.entered.number}{before}", highlight=False, markup=False)


def delta(
    form: Name, date: Date, release: Release = None, first: First = False, pool: Pool = None, lake: Lake = None, env: Env = "local",
    tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """What became of a form since it was last handed in for an earlier date: every amount's difference, in parts by cause."""
    settings = resolved(env, tenant, lake)
    made = filled(settings, form, date, release, first=first, pool=pool)
    found = form_history.delta(settings, made)
    if found is None:
        changes = made.form.layout.sends == "changed"
        raise UsageError(f"{form} tells what has changed: its records are that" if changes else
                         f"{form} was handed in for no date before {date}")  # fmt: skip
    last, deltas = found
    out.print(f"{made.of}, since hand-in {last['hand_in_no']} of {last['as_of']}, release {last['release']}", highlight=False)
    grid = grid_of("field", "name", "before", "after", *(part.replace("_", " ") for part in PARTS))
    for one in deltas:
        name = f"{made.form.layout.by_code[one.field].name} {one.currency}".strip() if one.field != RECORDS else "records"
        grid.add_row(one.field, name, *(one.figure(n) for n in (one.before, one.after, *one.parts.values())))
    out.print(grid, markup=False)


def drill_(
    form: Name, field: Field, date: Date, loan: OfLoan = None, value: OfValue = None, release: Release = None, first: First = False,
    lake: Lake = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """What stands in a field of a form and in which loans' records; of one loan, from which values and which delivered rows."""
    settings = resolved(env, tenant, lake)
    made = filled(settings, form, date, release, first=first, field=field)
    if field not in made.form.layout.by_code:
        raise UsageError(f"{form} has no field {field!r}{near(field, made.form.layout.by_code)}; `loanwatch form show {form}`")
    if loan:
        show = _of_cell if made.form.layout.cells else _of_loan
        show(LakeFolder(settings.lake), made, field, loan)
        return
    if made.form.layout.cells:
        _cell(made, field)
        return
    grid = grid_of("value", "records", *_of_records(made, value))
    for one in drill.values(made.filled, field, value=value):
        grid.add_row(one.given, f"{one.records:,}", ", ".join(one.loans))
    out.print(grid, markup=False)


def _of_records(made: Made, value: str | None) -> list[str]:
    of = made.form.table.subject.removesuffix("_id") + "s"
    return [of if value is not None else f"the first {of}"]


def _cell(made: Made, cell: str) -> None:
    """What stands in a cell, and the loans that add the most to it."""
    form, added = made.form, drill.adds(made.form.mapping, made.form.table, made.files, cell, made.pool)
    given, name = made.filled.records.rows[cell][0].as_py(), form.layout.by_code[cell].name
    unit = "" if cell in form.mapping.counts else f" {form.layout.unit}"
    out.print(f"{cell} {name} = {given}{unit}", markup=False, highlight=False)
    out.print(f"  by {form.mapping.texts[cell]}", markup=False, highlight=False, soft_wrap=True)
    first = f", the first {LOANS_SHOWN}" if len(added) > LOANS_SHOWN else ""
    out.print(f"  of {len(added):,} loans{first}:", highlight=False)
    grid = grid_of("loan", "adds")
    for one in added[:LOANS_SHOWN]:
        grid.add_row(one.loan_id, _told(form.mapping, cell, one.minor))
    out.print(grid, markup=False)


def _of_cell(lake: LakeFolder, made: Made, cell: str, loan: str) -> None:
    """What a loan adds to a cell, from which values, and the delivered rows behind them."""
    form = made.form
    rows = filling.base_rows(form.table, made.files, loan)
    if not rows:
        raise UsageError(f"loan {loan!r} is not in {form.table.name} of {made.attempt.as_of}")
    added = drill.entered(form.mapping, form.table, made.files, [cell], loan, made.pool).get(cell, 0)
    told = "not known what it adds" if added is None else f"adds {_told(form.mapping, cell, added)}"
    out.print(f"{cell} {form.layout.by_code[cell].name}: {loan} {told}", markup=False, highlight=False)
    out.print(f"  by {form.mapping.texts[cell]}", markup=False, highlight=False, soft_wrap=True)
    read = ", ".join(f"{name} {_known(row[name])}" for row in rows for name in drill.cell_reads(form.mapping, cell))
    out.print(f"  from {form.table.name}: {read}", markup=False, highlight=False, soft_wrap=True)
    _sources(lake, made, loan)


def _known(value: object) -> str:
    return "not known" if value is None else str(value)


def _told(mapping: Mapping, cell: str, adds: int) -> str:
    """An amount in units, or a number of borrowers."""
    return f"{adds:,}" if cell in mapping.counts else f"{Decimal(adds) / 100:,.2f}"


def _of_loan(lake: LakeFolder, made: Made, field: str, loan: str) -> None:
    form, name = made.form, made.form.layout.by_code[field].name
    found = drill.origins(made.filled, form.mapping, form.table, made.files, field, loan)
    if not found:
        of = form.table.subject.removesuffix("_id").replace("_", " ")
        raise UsageError(f"{of} {loan!r} is in no record of {form.layout.form} of {made.attempt.as_of}")
    for origin in found:
        said = {**origin.key, **origin.read}
        read = ", ".join(f"{column} {_known(value)}" for column, value in said.items())
        out.print(f"record {origin.line_no}: {field} {name} = {origin.given or 'empty'}", markup=False, highlight=False)
        out.print(f"  by {form.mapping.texts[field]}", markup=False, highlight=False, soft_wrap=True)
        out.print(f"  from {form.table.name}: {read}", markup=False, highlight=False, soft_wrap=True)
    _sources(lake, made, loan)


def _sources(lake: LakeFolder, made: Made, loan: str) -> None:
    for rows in drill.sources(lake, made.attempt, made.form.table, loan):
        places = "; ".join(f"delivery {at.delivery_no} line {at.line_no} of {at.on}" for at in rows.newest)
        more = f" and {rows.count - len(rows.newest)} older" if rows.count > len(rows.newest) else ""
        out.print(f"  rests on {rows.feed}: {places}{more}", markup=False, highlight=False, soft_wrap=True)


def where(
    loan: Annotated[str, typer.Argument(help="The loan.")], lake: Lake = None, env: Env = "local", tenant: Tenant = "demo"
) -> None:
    """Every record and cell of a form that a loan entered, over time; to cells with what it adds."""
    settings = resolved(env, tenant, lake)
    found, cells = hand_in.of_loan(LakeFolder(settings.lake), loan), [*form_history.entered(settings, loan)]
    if not found and not cells:
        raise UsageError(f"loan {loan!r} is in no record that was handed in")
    for row in found:
        given = "  ".join(f"{code}={value}" for code, value in zip(row["fields"], row["given"], strict=True) if value)
        _entered(row, f", record {row['line_no']}", given)
    for row, added in cells:
        told = "filled otherwise by now"
        if added is not None:
            of = Form.named(row["form"], settings.conf).mapping
            told = "  ".join(f"{cell}={'?' if adds is None else _told(of, cell, adds)}" for cell, adds in added.items())
        _entered(row, "", told)


def _entered(row: Row[str, Any], record: str, told: str) -> None:
    """What of a loan stands in a file that was handed in."""
    said = f"{row['form']} of {row['as_of']}, release {row['release']}, hand-in {row['hand_in_no']}: {row['file']}{record}"
    out.print(said, markup=False, highlight=False, soft_wrap=True)
    out.print(f"  {told}", markup=False, highlight=False, soft_wrap=True)
