"""What an auditor asks of a lake: `audit verify`, `audit tables`."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from loanwatch import catalogue
from loanwatch.commands.options import Date, Env, First, Lake, Release, Tenant, day, grid_of, out, resolved
from loanwatch.errors import DataError, UsageError
from loanwatch.housekeeping import may_go
from loanwatch.lake import Lake as LakeFolder
from loanwatch.seal import audit_log, log_proof, publication, sealed_tables
from loanwatch.seal.acts import acts
from loanwatch.seal.deposits import Deposits
from loanwatch.seal.publication import Attempt
from loanwatch.seal.sealed_tables import Check
from loanwatch.seal.tables import RETIRED

SHOWN = 20

app = typer.Typer(no_args_is_help=True, help="What has been sealed, and whether it is still as it was.")


@app.command()
def verify(lake: Lake = None, env: Env = "local", tenant: Tenant = "demo") -> None:
    """Whether the audit log is whole: its chain, heads in certificates and deposits, the ledgers; exit code 1 says what is not."""
    settings = resolved(env, tenant, lake)
    folder, deposits = LakeFolder(settings.lake), Deposits(settings.deposit_path)
    log = audit_log.entries(folder)
    if not log:
        raise UsageError(f"{folder.path}: no audit log yet; has a night been run on this lake?")
    if faults := list(log_proof.faults(folder, deposits, log)):
        raise DataError("\n".join(["the audit log is not whole", *faults]))
    kept = max((head.entry_no for head in deposits.heads()), default=0)
    out.print(f"the audit log is whole: {len(log):,} entries, the last is {audit_log.head(log)}", highlight=False)
    out.print(f"deposited in {deposits.folder}: up to entry {kept}" if kept else f"nothing is deposited in {deposits.folder}",
              highlight=False)  # fmt: skip
    if waiting := audit_log.outstanding(log, acts(folder)):
        named = ", ".join(f"{act.action} {act.subject}" for act in waiting[:SHOWN])
        out.print(f"not entered yet, the next run will: {named}", highlight=False)


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
        state = "retired" if check.found is None else "as sealed" if check.holds else "DIFFERS"
        grid.add_row(check.sealed.table, f"{check.sealed.rows:,}", check.sealed.digest, state)
    out.print(grid)
    if faults := [fault for check in checks for fault in _told(check, attempt)]:
        raise DataError("\n".join(faults))
    gone, of = [check for check in checks if check.found is None], f"release {attempt.release} of {attempt.as_of}"
    out.print(f"all {len(checks) - len(gone)} tables of {of} are as they were sealed", highlight=False)
    if gone:
        again = f"`loanwatch reperform --date {attempt.as_of} --release {attempt.release}` makes them again and compares"
        out.print(f"{len(gone)} were taken away by housekeeping; {again}", highlight=False)


def _told(check: Check, attempt: Attempt) -> Iterator[str]:
    if check.found is None:
        if not may_go(catalogue.TABLES[check.sealed.table], attempt):
            yield f"{check.sealed.table}: noted in {RETIRED.name}, and never to go; restore its files and that table from a backup"
        return
    if check.holds:
        return
    rows = f"{check.sealed.rows:,} rows were sealed, {check.found.rows:,} are there"
    yield f"{check.sealed.table}: not what was sealed; {rows}; restore its files from a backup of the lake"
    if check.keys:
        shown = ", ".join(key.replace("\t", " ") for key in check.keys[:SHOWN])
        more = f" and {len(check.keys) - SHOWN} more" if len(check.keys) > SHOWN else ""
        yield f"  what was changed or added is among {shown}{more}"
