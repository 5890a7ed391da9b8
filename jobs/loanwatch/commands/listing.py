"""What there is: `tables`, `feeds`."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table as Grid

from loanwatch import catalogue
from loanwatch.admit.feed_version import changes
from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.json_schema import json_schema
from loanwatch.codes import DATA_SUBJECTS, LAWFUL_BASES
from loanwatch.columns import Column
from loanwatch.commands.options import grid_of, out
from loanwatch.errors import UsageError
from loanwatch.tables import Feed

Versions = Annotated[
    list[str] | None, typer.Argument(help="FEED or FEED@VERSION, or: diff A B.", metavar="[FEED | diff A B]")
]
Name = Annotated[str | None, typer.Argument(help="One of them, in full.")]


def tables(name: Name = None) -> None:
    """The tables of the lake: grain, key, columns."""
    if name is None:
        grid = grid_of("table", "grain", "key")
        for table in catalogue.TABLES.values():
            grid.add_row(table.name, table.grain, ", ".join(column.name for column in table.key))
        out.print(grid)
        return
    table = catalogue.table(name)
    out.print(f"{table.name}: {table.grain}", highlight=False)
    out.print(_columns(table.all_columns))


def feeds(
    asked: Versions = None,
    schema: Annotated[bool, typer.Option("--json-schema", help="All feeds and the manifest as JSON Schema.")] = False,
) -> None:
    """The feeds: what senders deliver, and what has changed from one version to another."""
    match asked or []:
        case _ if schema:
            typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
        case []:
            grid = grid_of("feed", "version", "sent by", "kind", "contents")
            for feed in FEEDS.values():
                grid.add_row(feed.name, str(feed.version), feed.sent_by, "state" if feed.state else "event", feed.doc)
            out.print(grid)
        case [name]:
            _show(_feed(name))
        case ["diff", before, after]:
            _diff(_feed(before), _feed(after))
        case _:
            raise UsageError("feeds: name one feed, or two versions: feeds diff contact_attempt@1 contact_attempt@2")


def _feed(name: str) -> Feed:
    """The feed of a name, at the version after an `@`, else the newest."""
    short, at, version = name.partition("@")
    if short not in FEEDS:
        raise UsageError(f"no feed {short!r}; there are {', '.join(FEEDS)}")
    newest = FEEDS[short]
    if at and not (version.isdecimal() and 1 <= int(version) <= newest.version):
        raise UsageError(f"no version {version!r} of {short}; there are 1 to {newest.version}")
    return newest.at(int(version)) if at else newest


def _show(feed: Feed) -> None:
    out.print(f"{feed.name}, sent by the {feed.sent_by}: {feed.doc}", highlight=False)
    whose, basis = (of.label(word, "en") if word else "none needed" for of, word in
                    ((DATA_SUBJECTS, feed.whose), (LAWFUL_BASES, feed.basis)))  # fmt: skip
    out.print(f"whose data: {whose}; lawful basis: {basis}", highlight=False)
    newest = FEEDS[feed.name]
    older = [f"{version} is taken up to {newest.until(version)}" for version in range(1, newest.version)]
    out.print(f"version: {'; '.join([f'{feed.version} of {newest.version}', *older])}", highlight=False)
    out.print(
        f"business key: {', '.join(feed.identity)}; control sums: {', '.join(c.name for c in feed.sums) or 'none'}"
    )
    if feed.past:
        out.print(f"{feed.on.name}: not after the delivery's business date and the day it was sent")
    out.print(_columns(feed.file_columns))


def _diff(before: Feed, after: Feed) -> None:
    if before.name != after.name:
        raise UsageError(f"feeds diff: {before.name} and {after.name} are two feeds; name two versions of one")
    grid = grid_of("column", f"from {before.name}@{before.version} to {after.name}@{after.version}")
    for column, what in changes(before, after):
        grid.add_row(column, what)
    out.print(grid if grid.row_count else "no difference")


def _columns(columns: tuple[Column, ...]) -> Grid:
    grid = grid_of("column", "type", "required", "facts", "meaning")
    for column in columns:
        other, words = column.required_where or ("", ())
        kind, bounds = column.between_where or ("", ())
        facts = [
            column.check or "",
            f"required where {other} is {' or '.join(words)}" if other else "",
            *(f"{least} to {most} where {kind} is {word}" for word, least, most in bounds),
            f"at most {column.years_ahead} years after the row's own date" if column.years_ahead is not None else "",
            f"{column.restricted}: kept in the vault" if column.restricted else "",
            f"of the {column.whose}, by {column.basis}" if column.whose else "",
            *(f"= {field}" for field in column.standards),
        ]
        grid.add_row(
            column.name, column.type, "yes" if column.required else "", "; ".join(filter(None, facts)), column.doc
        )
    return grid
