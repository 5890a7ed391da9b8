"""Running nights: `run`, `catch-up`, `unlock`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loanwatch import calendars, locks
from loanwatch.commands.options import Date, Env, Inbox, Lake, Tenant, Vault, day, out, resolved, start_log
from loanwatch.commands.progress import application
from loanwatch.errors import UsageError
from loanwatch.lake import Lake as LakeFolder
from loanwatch.pipeline import STAGES
from loanwatch.seal import publication
from loanwatch.seal.front_page import page_path
from loanwatch.seal.publication import Attempt
from loanwatch.settings import Settings

From = Annotated[str, typer.Option("--from", help="First stage.")]
To = Annotated[str, typer.Option("--to", help="Last stage.")]


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


def unlock(lake: Lake = None, env: Env = "local", tenant: Tenant = "demo") -> None:
    """Abandon the open attempt of a lake, if nobody is at work on it."""
    settings = resolved(env, tenant, lake)
    folder = LakeFolder(settings.lake)
    with locks.lease(settings.lake, "night"):
        opened = [a for a in publication.attempts(folder) if a.state == "open"]
        for attempt in opened:
            publication.abandon(folder, attempt, "unlocked by a person")
            out.print(f"abandoned the attempt for {attempt.as_of}, release {attempt.release}")
    if not opened:
        out.print("no attempt is open")


def _told(settings: Settings, attempt: Attempt) -> None:
    if attempt.state != "published":
        out.print(f"{attempt.as_of}: release {attempt.release} is {attempt.state}; go on with the stages that are left")
        return
    out.print(f"{attempt.as_of}: release {attempt.release} is published, through delivery {attempt.known}")
    page: Path = page_path(settings.lake, attempt, settings.business.language)
    if page.exists():
        out.print(f"page: {page.resolve()}")
