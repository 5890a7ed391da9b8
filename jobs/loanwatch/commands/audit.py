"""What an auditor asks of a lake: `audit tables`."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from loanwatch import catalogue
from loanwatch.commands.options import Date, Env, First, Lake, Release, Tenant, day, grid_of, out, resolved
from loanwatch.errors import DataError
from loanwatch.lake import Lake as LakeFolder
from loanwatch.seal import publication, sealed_tables
from loanwatch.seal.sealed_tables import Check

KEYS_SHOWN = 20

app = typer.Typer(no_args_is_help=True, help="What has been sealed, and whether it is still as it was.")


@app.command()
def tables(
    date: Date, release: Release = None, first: First = False, lake: Lake = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """Compare the tables of a release with the digests that were sealed with it; exit code 1 names what differs."""
    folder = LakeFolder(resolved(env, tenant, lake).lake)
    attempt = publication.find(folder, day(date), release, first=first)
    checks = sealed_tables.check(folder, attempt, catalogue.TABLES)
    grid = grid_of("table", "rows", "digest", "")
    for check in checks:
        grid.add_row(check.sealed.table, f"{check.sealed.rows:,}", check.sealed.digest, "as sealed" if check.holds else "DIFFERS")
    out.print(grid)
    if faults := [fault for check in checks if not check.holds for fault in _told(check)]:
        raise DataError("\n".join(faults))
    out.print(f"all {len(checks)} tables of release {attempt.release} of {attempt.as_of} are as they were sealed", highlight=False)


def _told(check: Check) -> Iterator[str]:
    rows = f"{check.sealed.rows:,} rows were sealed, {check.found.rows:,} are there"
    yield f"{check.sealed.table}: not what was sealed; {rows}; restore its files from a backup of the lake"
    if check.keys:
        shown = ", ".join(key.replace("\t", " ") for key in check.keys[:KEYS_SHOWN])
        more = f" and {len(check.keys) - KEYS_SHOWN} more" if len(check.keys) > KEYS_SHOWN else ""
        yield f"  what was changed or added is among {shown}{more}"
