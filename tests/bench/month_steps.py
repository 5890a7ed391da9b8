"""Some steps of the flow at every month-end of an imported book, each upon the one before: what a measure needs, and no more.

A whole night costs three times as much. The attempts are published without a certificate: such a lake is for measuring only.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from loanwatch import calendars, settings
from loanwatch.flag.rules import in_force
from loanwatch.gates import Gate
from loanwatch.lake import Lake
from loanwatch.nights import Application, checked
from loanwatch.pipeline import STEPS
from loanwatch.runner import Runner
from loanwatch.seal import publication
from loanwatch.seal.publication import Attempt
from loanwatch.tables import Table

RULES_OF = date(2026, 1, 1)  # what is measured are these rules, on books that are older than some


def month_steps(tenant: str, folder: Path, first: date, last: date, tables: tuple[Table, ...]) -> Iterator[Attempt]:
    """Perform the steps that write some tables at each month-end from `folder/inbox` to `folder/lake`.

    What the other steps would have written is read as empty: whoever asks answers for what rests on it.
    """
    running = Application(settings.load("demo", tenant, {"inbox": str(folder / "inbox"), "lake": str(folder / "lake")}))
    values = checked(running.configuration)
    try:
        done = publication.current(publication.attempts(Lake(folder / "lake"))) if (folder / "lake").exists() else {}
        for day in calendars.dates("month_end", first, last):
            yield done[day] if day in done else _perform(running, day, values, tables)
    finally:
        running.stop()


def _perform(running: Application, day: date, values: dict[str, object], tables: tuple[Table, ...]) -> Attempt:
    """One month-end."""
    attempt = running.night(day, "admit", "admit")
    parent = publication.parent_of(publication.attempts(running.lake), attempt)
    known = {**values, "rules": in_force(values["rules"], RULES_OF), "as_of": day, "champions": {}}
    gate = Gate(running.lake, attempt, parent)
    runner = Runner(lambda: running.spark, running.lake, attempt, parent, known, gate, lambda _: None)
    for step in STEPS:
        if step.writes in tables:
            runner.run(step)
    return publication.publish(running.lake, attempt)
