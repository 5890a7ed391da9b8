"""`housekeeping`: what a lake does not need any more goes, and its files are put together."""

from __future__ import annotations

from typing import Annotated

import typer

from loanwatch.commands.options import Env, Lake, Tenant, out, resolved
from loanwatch.housekeeping import NIGHTS, Housekeeping, described
from loanwatch.lake import Lake as LakeFolder

Show = Annotated[bool, typer.Option("--show", help="Only tell which releases are due.")]


def housekeeping(show: Show = False, lake: Lake = None, env: Env = "local", tenant: Tenant = "demo") -> None:
    """Take away working tables of old releases and what abandoned attempts wrote, and put small files together."""
    keeper = Housekeeping(LakeFolder(resolved(env, tenant, lake).lake))
    for line in described(keeper.due()):
        out.print(line, highlight=False)
    if show:
        out.print(f"working tables go {NIGHTS} nights after their release was published", highlight=False)
        return
    done = keeper.keep()
    out.print(f"taken away: {done.retired} tables of old releases, {done.abandoned} of abandoned attempts", highlight=False)
    out.print(f"files: {done.compacted} small ones put together, {done.removed} old ones removed", highlight=False)
