"""Running nights, and what lies between them: `run`, `refresh`, `catch-up`, `restate`, `unlock`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loanwatch import calendars, intraday, locks
from loanwatch.commands.options import Date, Env, Inbox, Lake, Tenant, Vault, day, out, resolved, start_log
from loanwatch.commands.progress import application
from loanwatch.errors import UsageError
from loanwatch.lake import Lake as LakeFolder
from loanwatch.pipeline import STAGES
from loanwatch.restatement import Restatement, known_by
from loanwatch.seal import publication
from loanwatch.seal.certificate import to_restate_from
from loanwatch.seal.front_page import page_path
from loanwatch.seal.publication import Attempt
from loanwatch.settings import Settings

From = Annotated[str, typer.Option("--from", help="First stage.")]
To = Annotated[str, typer.Option("--to", help="Last stage.")]
Known = Annotated[
    str | None,
    typer.Option("--known", help="The last delivery it knows, or a date: what its first release knew. Default: all."),
]
Conf = Annotated[str | None, typer.Option("--conf", help="`now`: with the configuration of now. Default: each date keeps its own.")]


def run(
    date: Date, first: From = STAGES[0], last: To = STAGES[-1], inbox: Inbox = None, lake: Lake = None,
    vault: Vault = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """Run the night of a business date, or some of its stages."""
    settings = resolved(env, tenant, lake, vault, inbox)
    for stage in (first, last):
        if stage not in STAGES:
            raise UsageError(f"no stage {stage!r}; stages are {', '.join(STAGES)}")
    start_log(settings)
    with application(settings) as night:
        _told(settings, night.night(day(date), first, last))


def refresh(
    inbox: Inbox = None, lake: Lake = None, vault: Vault = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:
    """Between nights: take in what arrived about collateral, value what it touches, and flag the loans that depend on it."""
    settings = resolved(env, tenant, lake, vault, inbox)
    start_log(settings)
    with application(settings) as running:
        found = intraday.refresh(running)
    out.print(
        f"for {found.as_of}, by deliveries up to {found.known}, beside release {found.release}: {found.assets:,} assets valued, "
        f"{found.warnings:,} warnings; not published", highlight=False,
    )  # fmt: skip


def catch_up(
    to: Annotated[str, typer.Option("--to", help="Last business date to run.")], inbox: Inbox = None,
    lake: Lake = None, vault: Vault = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """Run every business date that is missing up to a date, in one application."""
    settings = resolved(env, tenant, lake, vault, inbox)
    end, calendar = day(to), settings.business.calendar
    start_log(settings)
    with application(settings) as night:
        newest = publication.latest(publication.attempts(night.lake))
        if newest is None:
            raise UsageError(f"{settings.lake}: nothing is published; begin with `loanwatch run --date D`")
        due = calendars.next_date(calendar, newest.as_of)
        while due <= end:
            _told(settings, night.night(due))
            due = calendars.next_date(calendar, due)


def restate(
    date: Date, known: Known = None, conf: Conf = None, lake: Lake = None, env: Env = "local", tenant: Tenant = "demo",
) -> None:  # fmt: skip
    """Build the dates from one to the latest anew, with what is known by now, and publish them together; admits nothing."""
    settings = resolved(env, tenant, lake)
    if conf not in (None, "now"):
        raise UsageError(f"--conf {conf!r}: leave it out to keep each date's own, or say `now`")
    start_log(settings)
    with application(settings) as running:
        asked = Restatement(day(date), known_by(running.lake, known), conf_now=conf == "now")
        for attempt in asked.perform(running):
            _told(settings, attempt)


def unlock(lake: Lake = None, env: Env = "local", tenant: Tenant = "demo") -> None:
    """Abandon the open attempt of a lake, and what a restatement left unfinished, if nobody is at work on it."""
    settings = resolved(env, tenant, lake)
    folder = LakeFolder(settings.lake)
    held = {"open": "night", "building": "restatement"}
    running = {a.release: a for a in reversed(publication.attempts(folder)) if a.state in held}
    for release, attempt in sorted(running.items()):
        with locks.lease(settings.lake, held[attempt.state]):
            publication.abandon(folder, attempt, "unlocked by a person")
        out.print(f"abandoned the attempt for {attempt.as_of}, release {release}")
    if not running:
        out.print("no attempt is open")


def _told(settings: Settings, attempt: Attempt) -> None:
    if attempt.state != "published":
        out.print(f"{attempt.as_of}: release {attempt.release} is {attempt.state}; go on with the stages that are left")
        return
    out.print(f"{attempt.as_of}: release {attempt.release} is published, through delivery {attempt.known}")
    if touched := to_restate_from(LakeFolder(settings.lake), attempt):
        out.print(f"what came late concerns {touched} and later: `loanwatch restate --date {touched}` takes it into account there")
    page: Path = page_path(settings.lake, attempt, settings.business.language)
    if page.exists():
        out.print(f"page: {page.resolve()}")
