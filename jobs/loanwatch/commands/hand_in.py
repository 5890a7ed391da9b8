"""Forms that leave: `form hand-in`; `drill` from a field down to delivered rows, and `where` a loan went."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import typer

from loanwatch.commands.form import Form, Made, Pool, file_of, hold, made_of
from loanwatch.commands.options import Date, Env, First, Lake, Release, Tenant, Vault, grid_of, out, resolved
from loanwatch.commands.personal import opened_vault, permitted
from loanwatch.errors import DataError, MachineError, UsageError, near
from loanwatch.extract import checks, drill, files, filing, hand_in, mapping
from loanwatch.extract.filing import Filing
from loanwatch.extract.records import Records
from loanwatch.lake import Lake as LakeFolder
from loanwatch.seal import audit_log
from loanwatch.seal.acts import Act
from loanwatch.seal.approval import Approvals, release_of
from loanwatch.seal.canonical import line
from loanwatch.seal.publication import Attempt
from loanwatch.seal.sealed_tables import sealed_content
from loanwatch.seal.table_digest import sha256
from loanwatch.settings import Settings

Into = Annotated[Path, typer.Option("--out", help="The folder for the file; its name is the form's.")]
Field = Annotated[str, typer.Argument(help="Code of a field.")]
OfLoan = Annotated[str | None, typer.Option("--loan", help="Of this loan: from which values, and which delivered rows.")]
OfValue = Annotated[str | None, typer.Option("--value", help="Every loan in whose records this stands.")]
Show = Annotated[bool, typer.Option("--demonstration", help="A form that this institution does not file, or not for this date.")]


def hand_in_(
    form: Form, date: Date, into: Into, demonstration: Show = False, release: Release = None, first: First = False,
    pool: Pool = None, lake: Lake = None, vault: Vault = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """Fill a form, note what is handed in and in which records, and write the file as its receiver wants it."""
    settings, path = resolved(env, tenant, lake, vault), file_of(form, env, tenant)
    made = made_of(settings, path, date, release, first=first, pool=pool)
    how = filing.read(path.with_name(filing.FILE), made.layout, _names(made))
    of = f"{form} of {made.attempt.as_of}, release {made.attempt.release}"
    if (refused := [*filing.refusals(how, settings.business, made.attempt.as_of)]) and not demonstration:
        raise UsageError(f"{of} is not to be filed: {'; '.join(refused)}; --demonstration shows it")
    approved = _approved(settings, made.attempt)
    name = filing.file_name(how, made.layout, settings.business.filer, made.attempt.as_of, pool, demonstration=bool(refused))
    folder = LakeFolder(settings.lake)
    named = _named(settings, folder, how, made, of)
    faults = hold(made.layout, path, named, of)  # of what leaves, not of tokens
    content = files.content(made.layout, named, how.file, demonstration=bool(refused))
    facts = {
        "pool_id": pool, "base_digest": made.digest, "filing_digest": _digest(path, settings), "file": name,
        "file_digest": hashlib.sha256(content).hexdigest(), "demonstration": bool(refused), "handed_in_by": audit_log.user(),
        "approved_by": approved,
    }  # fmt: skip
    part = _written(into, name, content)
    try:
        entered = hand_in.enter(folder, made.layout, made.attempt, made.filled, made.table, facts=facts, faults=faults)
    except BaseException:
        part.unlink()
        raise
    part.replace(into / name)
    audit_log.record(folder)
    before = "; the same was handed in before" if entered.again else ""
    out.print(f"{into / name}: {len(named.rows):,} records, hand-in {entered.number}{before}", highlight=False, markup=False)


def drill_(
    form: Form, field: Field, date: Date, loan: OfLoan = None, value: OfValue = None, release: Release = None, first: First = False,
    lake: Lake = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """What stands in a field of a form and in which loans' records; of one loan, from which values and which delivered rows."""
    settings, path = resolved(env, tenant, lake), file_of(form, env, tenant)
    made = made_of(settings, path, date, release, first=first)
    if field not in made.layout.by_code:
        raise UsageError(f"{form} has no field {field!r}{near(field, made.layout.by_code)}; `loanwatch form show {form}`")
    if loan:
        _of_loan(LakeFolder(settings.lake), made, field, loan)
        return
    grid = grid_of("value", "records", "loans" if value is not None else "the first loans")
    for one in drill.values(made.filled, field, value=value):
        grid.add_row(one.given, f"{one.records:,}", ", ".join(one.loans))
    out.print(grid, markup=False)


def _of_loan(lake: LakeFolder, made: Made, field: str, loan: str) -> None:
    name = made.layout.by_code[field].name
    found = drill.origins(made.filled, made.mapping, made.table, made.files, field, loan)
    if not found:
        raise UsageError(f"loan {loan!r} is in no record of {made.layout.form} of {made.attempt.as_of}")
    for origin in found:
        said = {**origin.key, **origin.read}
        read = ", ".join(f"{column} {'not known' if value is None else value}" for column, value in said.items())
        out.print(f"record {origin.line_no}: {field} {name} = {origin.given or 'empty'}", markup=False, highlight=False)
        out.print(f"  by {made.mapping.texts[field]}", markup=False, highlight=False, soft_wrap=True)
        out.print(f"  from {made.table.name}: {read}", markup=False, highlight=False, soft_wrap=True)
    for rows in drill.sources(lake, made.attempt, made.table, loan):
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


def _approved(settings: Settings, attempt: Attempt) -> list[str]:
    """Who approved the release, as it was sealed."""
    matter = release_of(attempt, sealed_content(LakeFolder(settings.lake), attempt))
    return [approval.by for approval in Approvals.of(settings).demand(matter)]


def _digest(path: Path, settings: Settings) -> str:
    """Of all that says how the form is made: its files, and what the institution says of itself."""
    names = (path.name, mapping.FILE, checks.FILE, filing.FILE)
    texts = [path.with_name(name).read_text(encoding="utf-8") for name in names if path.with_name(name).is_file()]
    return sha256(line([*texts, str(sorted(settings.business.filer.items()))]))


def _names(made: Made) -> list[str]:
    """The fields that are filled with tokens of what names a person."""
    restricted = {column.name for column in made.table.columns if column.restricted}
    return [code for code, names in made.mapping.reads.items() if restricted.intersection(names)]


def _named(settings: Settings, lake: LakeFolder, how: Filing, made: Made, of: str) -> Records:
    """The records with what names persons in the place of tokens; it is logged before."""
    found = made.filled.records
    if not how.persons:
        return found
    permitted(settings)
    vault, tokens = opened_vault(settings), {t for code in how.persons for t in found.rows[code].unique().to_pylist() if t}
    values = vault.reveal(sorted(tokens))
    audit_log.enter(lake, Act("reveal", of, purpose="hand-in", entries=len(values)))
    if lacking := len(tokens - set(values)):
        raise DataError(f"{of}: {lacking} persons are not in the vault {vault.path}: erased, or it is another lake's")
    rows = found.rows
    for code, shown in how.persons.items():
        told = [_shown(values[token], shown) if token else token for token in rows[code].to_pylist()]
        rows = rows.set_column(rows.column_names.index(code), code, pa.array(told, pa.string()))
    return Records(rows)


def _shown(value: str, how: str) -> str:
    return value if how == "full" else value[:1] + "*" * (len(value) - 1)


def _written(folder: Path, name: str, content: bytes) -> Path:
    """The file before it has its name, for its owner alone: it names persons. What another hand-in left is not written over."""
    if (there := folder / name).is_file() and there.read_bytes() != content:
        raise UsageError(f"{there}: there already, with other content: move it away, or give another --out")
    part = folder / f".{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.touch(mode=0o600)
        part.write_bytes(content)
    except OSError as error:
        raise MachineError(f"{part}: cannot be written: {error.strerror}; nothing was handed in") from None
    return part
