"""Options that commands share, and how they become settings."""

from __future__ import annotations

import logging
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table as Grid

from loanwatch import settings as layers
from loanwatch.errors import UsageError
from loanwatch.settings import Settings

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)


def day(text: str) -> date:
    """A date as YYYY-MM-DD; UsageError otherwise."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no date; write it as 2025-04-01") from None


Date = Annotated[str, typer.Option("--date", help="Business date, YYYY-MM-DD.")]
Release = Annotated[int | None, typer.Option("--release", help="A numbered release of the date.")]
First = Annotated[bool, typer.Option("--first", help="As first published.")]
Lake = Annotated[Path | None, typer.Option("--lake", help="Folder of the lake.")]
Vault = Annotated[Path | None, typer.Option("--vault", help="Folder of the vault; default beside the lake.")]
Inbox = Annotated[Path | None, typer.Option("--inbox", help="Folder of deliveries.")]
Env = Annotated[str, typer.Option("--env", help="Where it runs: a file of conf/env.", envvar="LOANWATCH_ENV")]
Tenant = Annotated[
    str, typer.Option("--tenant", help="Whose book: a folder of conf/tenants.", envvar="LOANWATCH_TENANT")
]


def resolved(
    env: str, tenant: str, lake: Path | None = None, vault: Path | None = None, inbox: Path | None = None
) -> Settings:
    """The settings of a command."""
    flags = {name: str(path) for name, path in (("lake", lake), ("vault", vault), ("inbox", inbox)) if path}
    return layers.load(env, tenant, flags)


def grid_of(*headings: str) -> Grid:
    """An empty table for the terminal."""
    grid = Grid(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        grid.add_column(heading, overflow="fold")
    return grid


def start_log(settings: Settings) -> None:
    """Log to standard error, and print the resolved settings first."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("loanwatch").setLevel(logging.INFO)
    for line in settings.lines():
        err.print(line, style="dim", highlight=False, markup=False)
