"""Nights on 1,000,000 loans with 30 days of events, each cold: CPU seconds a stage, memory, rows, bytes.

CPU seconds are user + system of this process, the JVM and the Python workers. The table is appended to
tests/bench/README.md with date and machine.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import psutil

from loanwatch import session, settings
from loanwatch.nights import Application
from loanwatch.pipeline import STAGES
from loanwatch.seal.step_result import StepResult

START = date(2025, 1, 1)
README = Path(__file__).with_name("README.md")


class Meter(threading.Thread):
    """What this process and everything it starts use: CPU seconds (user + system), and the highest resident memory.

    Workers that have ended stay counted, as last seen.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak, self.done = 0, threading.Event()
        self._seconds: dict[tuple[int, float], float] = {}
        self._looking = threading.Lock()

    def run(self) -> None:
        while not self.done.wait(0.2):
            self.look()

    def look(self) -> float:
        """CPU seconds up to now."""
        with self._looking:
            resident = 0
            for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    times = process.cpu_times()
                    self._seconds[process.pid, process.create_time()] = times.user + times.system
                    resident += process.memory_info().rss
            self.peak = max(self.peak, resident)
            return sum(self._seconds.values())


def night(folder: Path, day: date) -> tuple[dict[str, float], int, int]:
    """CPU seconds by stage, peak memory and rows written by the night of a date, from a cold start."""
    rows: list[int] = []
    meter, mark = Meter(), 0.0

    def say(result: StepResult) -> None:
        nonlocal mark
        before, mark = mark, meter.look()
        print(f"{result.step:<28} {result.rows:>12,} rows {result.wall_ms / 1000:>7.1f} s {mark - before:>7.1f} CPU s", flush=True)
        rows.append(result.rows)

    flags = {"inbox": str(folder / "inbox"), "lake": str(folder / "lake")}
    running = Application(settings.load("local", flags=flags), say=say)
    meter.start()
    spent: dict[str, float] = {}
    for stage in STAGES:
        before = mark = meter.look()
        running.night(day, stage, stage)
        spent[stage] = meter.look() - before
    meter.done.set()
    running.stop()
    session.end()  # the next one starts cold, too
    return spent, meter.peak, sum(rows)


def machine() -> str:
    """What the figures were measured on; its speed, too, for a shared one is not always as fast."""
    began, total = time.process_time(), 0
    for n in range(10_000_000):
        total += n
    memory = psutil.virtual_memory().total / 1024**3
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}; "
        f"ten million additions in Python take {time.process_time() - began:.2f} CPU s"
    )


def table(title: str, spent: Mapping[str, float], peak: int, rows: int, written: int) -> str:
    body = "\n".join(f"| {stage} | {seconds:.0f} |" for stage, seconds in spent.items())
    return (
        f"\n## {title}\n\n{time.strftime('%Y-%m-%d')}, {machine()}\n\n| stage | CPU s |\n|---|---|\n{body}\n"
        f"| **total** | **{sum(spent.values()):.0f}** |\n\n"
        f"peak memory {peak / 1024**3:.1f} GB, {rows:,} rows and {written / 1024**3:.2f} GB written\n"
    )


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def made(loans: int, days: int, folder: Path) -> str:
    """Make the book, by the command its user gives; what that took."""
    command = f"-m loanwatch synth --loans {loans} --days {days} --seed 1 --start {START} --out {folder}"
    meter, began = Meter(), time.monotonic()
    meter.start()
    subprocess.run([sys.executable, *command.split()], check=True)
    spent, wall = meter.look(), time.monotonic() - began
    meter.done.set()
    took = f"{spent:.0f} CPU s, {wall:.0f} s, {meter.peak / 1024**3:.1f} GB at most; {size(folder) / 1024**3:.2f} GB written"
    return f"\n## {loans:,} loans, {days} days\n\n{time.strftime('%Y-%m-%d')}, {machine()}\n\n`synth` took {took}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loans", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--folder", type=Path, required=True, help="Where book and lake are made.")
    arguments = parser.parse_args()
    folder = arguments.folder
    text = made(arguments.loans, arguments.days, folder)
    first = START + timedelta(arguments.days - 2)
    for title, day in (("first night: the book and its history", first), ("a usual night", first + timedelta(1))):
        before = size(folder / "lake") if (folder / "lake").is_dir() else 0
        spent, peak, rows = night(folder, day)
        text += table(f"{arguments.loans:,} loans, {title}", spent, peak, rows, size(folder / "lake") - before)
    print(text)
    if arguments.loans == parser.get_default("loans"):
        README.write_text(README.read_text(encoding="utf-8") + text, encoding="utf-8")


if __name__ == "__main__":
    main()
