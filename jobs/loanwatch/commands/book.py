"""Making deliveries: `synth` invents a book, `import` turns somebody's files into one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loanwatch.commands.options import day, err, out
from loanwatch.errors import UsageError

Out = Annotated[Path, typer.Option("--out", help="Folder that gets inbox/.")]


def synth(
    loans: Annotated[int, typer.Option("--loans", help="Loans of the book on the first day.")] = 10_000,
    days: Annotated[int, typer.Option("--days", help="Business dates.")] = 96,
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same bytes.")] = 1,
    start: Annotated[str, typer.Option("--start", help="First business date, YYYY-MM-DD.")] = "2024-12-29",
    faults: Annotated[bool, typer.Option("--faults", help="Plant duplicates, broken rows, late deliveries.")] = False,
    target: Out = Path("demo"),
) -> None:
    """Invent a book: deliveries as their senders would send them, and the truth beside them."""
    from loanwatch import synth as generator

    generator.synth(
        loans, days, seed, day(start), target, faults=faults, say=lambda line: err.print(line, highlight=False)
    )
    out.print(f"inbox: {target / 'inbox'}\ntruth: {target / 'truth'} (never read by the pipeline)")


def import_(
    adapter: Annotated[str, typer.Argument(help="Layout of the files: a mapping of conf/adapters, or abs-ee.")] = "",
    files: Annotated[list[Path] | None, typer.Argument(help="Files of that layout.")] = None,
    target: Annotated[Path | None, typer.Option("--out", help="Folder that gets inbox/.")] = None,
) -> None:
    """Turn somebody's own files into deliveries."""
    from loanwatch import adapters

    if not adapter:
        raise UsageError(f"name an adapter; there are {', '.join(adapters.names())}")
    if not files or not target:
        raise UsageError(f"loanwatch import {adapter} FILE… --out DIR: name files and a folder")
    adapters.perform(adapter, files, target, lambda line: err.print(line, highlight=False, markup=False))
    out.print(f"inbox: {target / 'inbox'}")
