"""Nights on 1,000,000 loans with 30 days of events, each cold: CPU seconds a stage, memory, rows, bytes. `make bench`.

CPU seconds are user + system of this process, the JVM and the Python workers. The table is appended to
tests/bench/README.md with date and machine.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
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
from loanwatch.synth import synth

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
    return f"{os.cpu_count()} cores, {psutil.virtual_memory().total / 1024**3:.0f} GB, Python {platform.python_version()}"


def table(title: str, spent: Mapping[str, float], peak: int, rows: int, written: int) -> str:
    body = "\n".join(f"| {stage} | {seconds:.0f} |" for stage, seconds in spent.items())
    return (
        f"\n## {title}\n\n{time.strftime('%Y-%m-%d')}, {machine()}\n\n| stage | CPU s |\n|---|---|\n{body}\n"
        f"| **total** | **{sum(spent.values()):.0f}** |\n\n"
        f"peak memory {peak / 1024**3:.1f} GB, {rows:,} rows and {written / 1024**3:.2f} GB written\n"
    )


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loans", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--folder", type=Path, help="Keep book and lake here.")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = arguments.folder or Path(made)
        if not (folder / "inbox").is_dir():
            synth(arguments.loans, arguments.days, 1, START, folder)
        first = START + timedelta(arguments.days - 2)
        text = ""
        for title, day in (("first night: the book and its history", first), ("a usual night", first + timedelta(1))):
            before = size(folder / "lake") if (folder / "lake").is_dir() else 0
            spent, peak, rows = night(folder, day)
            text += table(f"{arguments.loans:,} loans, {title}", spent, peak, rows, size(folder / "lake") - before)
        print(text)
        if arguments.loans == parser.get_default("loans"):
            README.write_text(README.read_text(encoding="utf-8") + text, encoding="utf-8")


if __name__ == "__main__":
    main()
