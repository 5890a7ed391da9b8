"""`snapshot`: a release as a folder that an auditor can verify without this program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loanwatch.commands.options import Date, Env, First, Lake, Release, Tenant, day, out, resolved
from loanwatch.handover import folder
from loanwatch.lake import Lake as LakeFolder
from loanwatch.seal import publication, retired
from loanwatch.seal.sealed_tables import sealed_content


def snapshot(
    date: Date, into: Annotated[Path, typer.Option("--out", help="A new folder.")], release: Release = None, first: First = False,
    lake: Lake = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """Write what was published for a date, what it was computed from, and a program that verifies it, to a folder."""
    from_lake = LakeFolder(resolved(env, tenant, lake).lake)
    attempt = publication.find(from_lake, day(date), release, first=first)
    retired.refuse(from_lake, attempt)
    digest = folder.write(from_lake, attempt, sealed_content(from_lake, attempt), into)
    out.print(f"release {attempt.release} of {attempt.as_of} in {into}; its manifest: sha256 {digest}", highlight=False)
    out.print(f"an auditor runs: python {into / folder.VERIFIER.name}", highlight=False, markup=False)
