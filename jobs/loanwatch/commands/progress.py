"""Progress: one line a step; on a terminal with a spinner, elsewhere plain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from loanwatch.commands.options import err
from loanwatch.nights import Application
from loanwatch.seal.step_result import StepResult
from loanwatch.settings import Settings


@contextmanager
def application(settings: Settings) -> Iterator[Application]:
    """An application whose steps are shown as they are done, and whose session ends with it."""
    running = Application(settings, say=_line)
    try:
        if err.is_terminal:
            with err.status("working"):
                yield running
        else:
            yield running
    finally:
        running.stop()


def _line(result: StepResult) -> None:
    stage, table = result.step.split(".")
    seconds = result.wall_ms / 1000
    if err.is_terminal:
        err.print(f"[bold]{stage:<9}[/] {table:<20} {result.rows:>12,} rows {seconds:>7.1f} s", highlight=False)
    else:
        err.print(f"stage={stage} step={table} rows={result.rows} seconds={seconds:.1f}", highlight=False)
