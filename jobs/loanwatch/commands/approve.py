"""Approvals by two people: `approve configuration`, `release`, `model`, `delivery`, and `approve list`.

Without `--signature` the statement to sign goes to standard output, to the byte, and what it stands for to standard error.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from loanwatch import configuration as confs
from loanwatch.admit.monitoring_feeds import REVIEW
from loanwatch.admit.tables import CONF, DELIVERY
from loanwatch.approval_sheet import Sheet
from loanwatch.commands.options import Date, Env, First, Lake, Release, Tenant, day, err, grid_of, out, resolved
from loanwatch.configuration import Configuration
from loanwatch.cover.model.champions import Models
from loanwatch.errors import UsageError
from loanwatch.lake import Lake as LakeFolder
from loanwatch.nights import landed
from loanwatch.seal import approval, audit_log, publication
from loanwatch.seal.acts import DECISION
from loanwatch.seal.approval import PEOPLE, Approvals, Matter
from loanwatch.seal.sealed_tables import sealed_content
from loanwatch.seal.signature import NAMESPACE

app = typer.Typer(no_args_is_help=True, help="What two people have to approve before it runs or leaves.", rich_markup_mode=None)

Signature = Annotated[Path | None, typer.Option("--signature", help="File with a signature of the statement: enter it.")]
Conf = Annotated[str | None, typer.Argument(help="Digest of a configuration in the lake, or how it begins; default: that on disk.")]
Model = Annotated[str, typer.Argument(help="Digest of a model, or how it begins.")]
Delivery = Annotated[int, typer.Argument(help="Number of the delivery.")]


@app.command()
def configuration(
    digest: Conf = None, signature: Signature = None, lake: Lake = None, env: Env = "local", tenant: Tenant = "demo"
) -> None:
    """Rules, limits, classes, waivers and settings, all that can change a result: what differs from what ran last is shown."""
    settings = resolved(env, tenant, lake)
    folder = LakeFolder(settings.lake)
    there = confs.load(settings)
    if digest and not there.digest.startswith(digest):
        there = landed(folder, _landed(folder, digest))
    last = publication.latest(publication.attempts(folder))
    shown = _changes(landed(folder, str(last.conf_digest)), there) if last else sorted(there.texts)
    _take(Approvals.of(settings), approval.configuration_of(there.digest), signature, shown)


@app.command()
def release(
    date: Date, number: Release = None, first: First = False, signature: Signature = None, lake: Lake = None, env: Env = "local",
    tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """What was published for a date, so that it may be handed in: its certificate and the forms filed from it are shown."""
    settings = resolved(env, tenant, lake)
    folder = LakeFolder(settings.lake)
    attempt = publication.find(folder, day(date), number, first=first)
    matter = approval.release_of(attempt, sealed_content(folder, attempt))
    shown = [] if signature else [Sheet.of(settings, attempt).text()]
    _take(Approvals.of(settings), matter, signature, shown)


@app.command()
def model(digest: Model, signature: Signature = None, lake: Lake = None, env: Env = "local", tenant: Tenant = "demo") -> None:
    """A model, so that it may be promoted."""
    settings = resolved(env, tenant, lake)
    folder = LakeFolder(settings.lake)
    name = _one(digest, (row["model"] for row in Models(folder).rows()), "model", "`loanwatch model list` shows them")
    shown = [f"what it knows, and how far off it was: loanwatch model card {name[:12]}"]
    _take(Approvals.of(settings), approval.model_of(name), signature, shown)


@app.command()
def delivery(
    number: Delivery, signature: Signature = None, lake: Lake = None, env: Env = "local", tenant: Tenant = "demo"
) -> None:
    """A delivery of decisions that make warnings milder than they were computed."""
    settings = resolved(env, tenant, lake)
    folder = LakeFolder(settings.lake)
    found = folder.rows(DELIVERY, f"delivery_no = {number} and outcome = 'admitted'").to_pylist()
    if not found:
        raise UsageError(f"no delivery {number} was admitted")
    rows = folder.rows(REVIEW.table, f"delivery_no = {number} order by line_no", ("line_no", "decision", *DECISION)).to_pylist()
    shown = [", ".join(f"{name} {value}" for name, value in row.items() if value is not None) for row in rows]
    _take(Approvals.of(settings), approval.delivery_of(found[0]), signature, shown)


@app.command("list")
def list_(lake: Lake = None, env: Env = "local", tenant: Tenant = "demo") -> None:
    """What was approved, and by whom, in order."""
    settings = resolved(env, tenant, lake)
    grid = grid_of("no", "what", "digest", "by", "key", "on")
    for row in Approvals.of(settings).rows():
        grid.add_row(str(row.approval_no), row.subject, row.digest[:12], row.person, row.fingerprint or "", str(row.signed_on))
    out.print(grid, markup=False)
    out.print(f"approvals: {settings.seal.approvals}", highlight=False)


def _take(approvals: Approvals, matter: Matter, signature: Path | None, shown: Iterable[str]) -> None:
    """Enter a signature; or print the statement, and what it stands for."""
    if signature:
        approvals.lake.open(approvals.tenant)
        entered = approvals.enter(matter, signature.read_bytes(), _today())
        audit_log.record(approvals.lake)
        more = PEOPLE - len(approvals.good(matter))
        left = f"; {more} more to come" if more > 0 else ""
        out.print(f"{matter.subject} {matter.digest[:12]} is approved by {entered.by}{left}", markup=False, highlight=False)
        return
    for line in shown:
        err.print(line, markup=False, highlight=False)
    for good in approvals.good(matter):
        err.print(f"approved by {good.by} on {good.signed_on}", markup=False, highlight=False)
    err.print(f"to approve it, sign what follows: … | ssh-keygen -Y sign -n {NAMESPACE} -f KEY > FILE; then the same command with "
              "--signature FILE", markup=False, highlight=False, style="dim")  # fmt: skip
    sys.stdout.write(approvals.statement(matter))


def _today() -> date:
    return datetime.now(UTC).date()


def _changes(before: Configuration, there: Configuration) -> Iterable[str]:
    """What a configuration says otherwise than the one before, line by line."""
    for path in sorted({*before.texts, *there.texts}):
        old, new = (of.texts.get(path, "").splitlines() for of in (before, there))
        yield from difflib.unified_diff(old, new, f"before/{path}", f"now/{path}", n=1, lineterm="")


def _landed(lake: LakeFolder, begins: str) -> str:
    rows = lake.rows(CONF, columns=("distinct conf_digest",))["conf_digest"].to_pylist()
    return _one(begins, rows, "configuration", "the page of each release names its own")


def _one(begins: str, digests: Iterable[str], what: str, look: str) -> str:
    names = sorted({name for name in digests if name.startswith(begins)})
    if len(names) != 1:
        raise UsageError(f"{len(names)} {what}s begin with {begins!r}; {look}")
    return names[0]
