"""`reperform`: a release performed again in an empty lake, and compared with what was published."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from loanwatch.commands.options import Date, Env, First, Lake, Release, Tenant, day, out, resolved
from loanwatch.commands.progress import application
from loanwatch.configuration import code_digest
from loanwatch.difference import Differing
from loanwatch.errors import DataError
from loanwatch.lake import Lake as LakeFolder
from loanwatch.reperformance import Compared, Reperformance
from loanwatch.seal import publication
from loanwatch.seal.publication import Attempt

SHOWN = 20

Scratch = Annotated[Path | None, typer.Option("--scratch", help="A new folder for its lake. Default: one that is removed.")]
FromOrigin = Annotated[bool, typer.Option("--from-origin", help="Perform the whole line of parents, from the first release on.")]
OtherCode = Annotated[bool, typer.Option("--other-code", help="Go on though this program is not the one that made the release.")]


def reperform(
    date: Date, release: Release = None, first: First = False, from_origin: FromOrigin = False, other_code: OtherCode = False,
    scratch: Scratch = None, lake: Lake = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """Perform a release again from the admitted rows that it knew, and compare; exit code 1 names what differs."""
    settings = resolved(env, tenant, lake)
    folder = LakeFolder(settings.lake)
    asked = Reperformance(folder, publication.find(folder, day(date), release, first=first), from_origin, other_code)
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        into = settings.model_copy(update={"lake": scratch or Path(temporary) / "lake"})
        line = asked.prepare(LakeFolder(into.lake), into.tenant, code_digest())
        with application(into) as running:
            for attempt, compared in asked.perform(running, line):
                found = [line for table in compared for line in _told(table)]
                if attempt.code_digest != running.code_digest:
                    out.print(f"by code {running.code_digest}, not its own {attempt.code_digest}", highlight=False)
                out.print(_result(attempt, compared, found), highlight=False)
                faults += [f"release {attempt.release} of {attempt.as_of}:", *found] if found else []
    if faults:
        raise DataError("\n".join(faults))


def _result(attempt: Attempt, compared: Sequence[Compared], found: Sequence[str]) -> str:
    unlike = sum(not table.holds for table in compared)
    said = f"{unlike} of {len(compared)} tables differ" if found else f"all {len(compared)} tables are what was sealed"
    return f"release {attempt.release} of {attempt.as_of}, performed again through delivery {attempt.known}: {said}"


def _told(of: Compared) -> Iterator[str]:
    if of.holds:
        return
    table = of.check.sealed.table
    if not of.check.holds:
        yield f"{table}: what is published is not what was sealed; restore its files from a backup of the lake"
    if of.performed != of.check.sealed.digest:
        yield f"{table}: performed again, it is not what was sealed"
    yield from (f"  {_difference(one)}" for one in of.differing[:SHOWN])
    if len(of.differing) > SHOWN:
        yield f"  and {len(of.differing) - SHOWN} more"


def _difference(one: Differing) -> str:
    key = " ".join(map(str, one.key))
    if one.column is None:
        return f"{key}: {'published only' if one.after is None else 'performed only'}"
    return f"{key}: {one.column}: published {one.before}, performed {one.after}"
