"""Handing in a form: filled, named from the vault, held to its checks, noted, written as its receiver wants it.

What the file holds is in the ledgers before the file has its name. Where approvals are required, two people have approved the
release.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from loanwatch.errors import DataError, MachineError, UsageError
from loanwatch.extract import files, filing, hand_in
from loanwatch.extract.edit_checks import Fault
from loanwatch.extract.filing import Masking
from loanwatch.extract.hand_in import HandedIn
from loanwatch.extract.records import Records
from loanwatch.forms import Form, Made, held
from loanwatch.lake import Lake
from loanwatch.person import opened_vault, permitted
from loanwatch.seal import audit_log
from loanwatch.seal.acts import Act
from loanwatch.seal.approval import Approvals, release_of
from loanwatch.seal.sealed_tables import sealed_content
from loanwatch.settings import Settings
from loanwatch.token_index import TOKEN

Show = Callable[[Form, Sequence[Fault]], None]


def filed(settings: Settings, as_of: date) -> list[tuple[Form, str | None]]:
    """The forms that the institution files for a date, each with its pool where a file is of one."""
    business = settings.business
    forms = [
        form for form in Form.all(settings.conf)
        if form.is_filed and not [*filing.refusals(form.filing, form.name, business, as_of)]
    ]  # fmt: skip
    return [(form, pool) for form in forms for pool in filing.pools(form.filing, business.filer)]


@dataclass(frozen=True)
class Left:
    """A file that left: where it is, how many records, and its row of the ledger."""

    file: Path
    records: int
    entered: HandedIn


def hand_in_(settings: Settings, made: Made, into: Path, show: Show, *, demonstration: bool = False) -> Left:
    """Hand a form in, as a file in a folder; its faults are shown.

    UsageError where the institution does not file it and it is no demonstration, the release is not approved, or another file is
    there; DataError where a critical check is broken.
    """
    form, how, lake = made.form, made.form.filing, Lake(settings.lake)
    business, as_of = settings.business, made.attempt.as_of
    refused = [*filing.refusals(how, form.name, business, as_of)]
    if refused and not demonstration:
        raise UsageError(f"{made.of} is not to be filed: {'; '.join(refused)}; --demonstration shows it")
    matter = release_of(made.attempt, sealed_content(lake, made.attempt))
    approved = [approval.by for approval in Approvals.of(settings).demand(matter)]
    name = filing.file_name(how, form.layout, business.filer, as_of, made.pool, demonstration=bool(refused))
    named = _named(settings, lake, made)
    faults = made.faults(named)  # of what leaves, not of tokens
    show(form, faults)
    held(form, faults, made.of)
    content = files.content(form.layout, named, how.file, demonstration=bool(refused))
    facts = {
        "pool_id": made.pool, "base_digest": made.digest, "filing_digest": form.digest(settings), "file": name,
        "file_digest": hashlib.sha256(content).hexdigest(), "demonstration": bool(refused), "handed_in_by": audit_log.user(),
        "approved_by": approved, "checks": made.results(faults),
    }  # fmt: skip
    part = _written(into, name, content)
    try:
        entered = hand_in.enter(lake, form.layout, made.attempt, made.filled, form.table, facts=facts, faults=faults)
    except BaseException:
        part.unlink()
        raise
    part.replace(into / name)
    audit_log.record(lake)
    return Left(into / name, len(named.rows), entered)


def _named(settings: Settings, lake: Lake, made: Made) -> Records:
    """The records with what names persons in the place of tokens; it is logged before."""
    found, persons = made.filled.records, made.form.filing.persons
    if not persons:
        return found
    permitted(settings)
    shown = {value for code in persons for value in found.rows[code].unique().to_pylist() if value}
    vault, tokens = opened_vault(settings), {value for value in shown if TOKEN.fullmatch(value)}  # a form may have numbers instead
    values = vault.reveal(sorted(tokens))
    audit_log.enter(lake, Act("reveal", made.of, purpose="hand-in", entries=len(values)))
    if lacking := len(tokens - set(values)):
        raise DataError(f"{made.of}: {lacking} persons are not in the vault {vault.path}: erased, or it is another lake's")
    rows = found.rows
    for code, how in persons.items():
        told = [_shown(values[value], how) if value in tokens else value for value in rows[code].to_pylist()]
        rows = rows.set_column(rows.column_names.index(code), code, pa.array(told, pa.string()))
    return Records(rows)


def _shown(value: str, how: Masking) -> str:
    number = value.partition(":")[2] or value  # of an identity document, told as kind and number
    masked: dict[Masking, str] = {
        "full": value, "initial": value[:1] + "*" * (len(value) - 1), "number": number,
        "digest": number[:6] + hashlib.sha256(number.encode()).hexdigest(),
    }  # fmt: skip
    return masked[how]


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
