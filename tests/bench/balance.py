"""Balance on the book of `night.py` at the end of a month, cold and warm, with 1 % of the instalments superseded.

CPU seconds are user + system of this process, the JVM and the Python workers. The table is appended to
tests/bench/README.md with date and machine.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from night import README, START, Meter, machine
from pyarrow import csv

from loanwatch import calendars, session, settings
from loanwatch.admit.delivery import DeliveryWriter, Place
from loanwatch.admit.feeds import INSTALMENT
from loanwatch.nights import Application
from loanwatch.seal.step_result import StepResult

ONE_IN = 100


def send_again(inbox: Path, day: date) -> None:
    """Of each partner's first delivery one instalment in a hundred once more."""
    for folder in sorted((inbox / INSTALMENT.name).iterdir()):
        (file,) = (folder / START.isoformat() / "001").glob(f"{INSTALMENT.name}.*")
        rows = pq.read_table(file) if file.suffix == ".parquet" else csv.read_csv(file)
        chosen = rows.take(pa.array(range(0, len(rows), ONE_IN)))
        with DeliveryWriter(inbox, INSTALMENT, Place(INSTALMENT.name, folder.name, day, 1), day) as writer:
            writer.write(chosen)


def measured(folder: Path, day: date) -> Iterator[tuple[str, int, float, float]]:
    """Steps of the stage as performed twice by one application: name, rows, CPU seconds cold, and warm."""
    flags = {"inbox": str(folder / "inbox"), "lake": str(folder / "lake")}
    meter, turns = Meter(), list[list[tuple[StepResult, float]]]()
    mark = 0.0

    def say(result: StepResult) -> None:
        nonlocal mark
        before, mark = mark, meter.look()
        turns[-1].append((result, mark - before))

    running = Application(settings.load("local", flags=flags), say=say)
    meter.start()
    attempt = running.night(day, "admit", "admit")
    for turn in range(2):
        turns.append([])
        mark = meter.look()
        running.build(replace(attempt, release=attempt.release + turn), running.configuration, ("balance",))
    meter.done.set()
    running.stop()
    session.end()
    for (cold, before), (_, after) in zip(*turns, strict=True):
        yield cold.step, cold.rows, before, after


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="Where `night.py` kept book and lake.")
    folder = parser.parse_args().folder
    day = calendars.month_end(START)
    send_again(folder / "inbox", day)
    text = f"\n## Balance at the end of {day}\n\n{time.strftime('%Y-%m-%d')}, {machine()}\n\n"
    text += "| step | rows | CPU s cold | warm |\n|---|---|---|---|\n"
    for step, rows, cold, warm in measured(folder, day):
        print(f"{step:<28} {rows:>12,} rows {cold:>7.1f} CPU s cold {warm:>7.1f} warm", flush=True)
        text += f"| {step} | {rows:,} | {cold:.0f} | {warm:.0f} |\n"
    README.write_text(README.read_text(encoding="utf-8") + text, encoding="utf-8")


if __name__ == "__main__":
    main()
