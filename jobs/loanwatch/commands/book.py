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
    adapter: Annotated[str, typer.Argument(help="Layout of the files, such as abs-ee.")],
    files: Annotated[list[Path], typer.Argument(help="Files of that layout.")],
    target: Out,
) -> None:
    """Turn somebody's own files into deliveries."""
    from loanwatch.adapters import ADAPTERS

    if adapter not in ADAPTERS:
        raise UsageError(f"no adapter {adapter!r}; there are {', '.join(sorted(ADAPTERS))}")
    if missing := [str(file) for file in files if not file.is_file()]:
        raise UsageError(f"no such file: {', '.join(missing)}")
    ADAPTERS[adapter](files, target, lambda line: err.print(line, highlight=False))
    out.print(f"inbox: {target / 'inbox'}")
