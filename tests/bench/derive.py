"""Indicators on the book of `night.py` with a year of behaviour behind it: the first build of monthly sums, and a usual night.

CPU seconds are user + system of this process, the JVM and the Python workers. The table is appended to
tests/bench/README.md with date and machine.
"""

from __future__ import annotations

import argparse
import time
from datetime import date, timedelta
from pathlib import Path

from night import README, START, Meter, machine
from pyspark.sql import functions as F

from loanwatch import session, settings
from loanwatch.admit.feeds import BEHAVIOUR
from loanwatch.nights import Application
from loanwatch.seal.step_result import StepResult

MONTHS, DAYS_A_MONTH = 12, 30
FAR = 100_000_000  # lines apart: a row is known by delivery and line


def lengthen(running: Application) -> int:
    """Tell of a year more: each row again in each of the twelve months before, as if its delivery had had it. Rows in all."""
    table, lake = BEHAVIOUR.table, running.lake
    rows = running.spark.read.schema(table.spark).parquet(*lake.files(table))
    count = rows.count()
    for month in range(1, MONTHS + 1):
        earlier = rows.withColumns({
            "event_id": F.concat("event_id", F.lit(f"-{month}")), "line_no": F.col("line_no") + month * FAR,
            "happened_on": F.date_sub("happened_on", month * DAYS_A_MONTH),
        })  # fmt: skip
        earlier.write.format("delta").mode("append").save(str(lake.at(table)))
    return count * (MONTHS + 1)


def measured(folder: Path, first: date) -> tuple[int, list[dict[str, tuple[int, float]]]]:
    """Rows of behaviour, and of two nights by step what it wrote and its CPU seconds."""
    flags = {"inbox": str(folder / "inbox"), "lake": str(folder / "year")}
    meter, nights, mark = Meter(), list[dict[str, tuple[int, float]]](), 0.0

    def say(result: StepResult) -> None:
        nonlocal mark
        before, mark = mark, meter.look()
        print(f"{result.step:<28} {result.rows:>12,} rows {mark - before:>7.1f} CPU s", flush=True)
        if nights and result.step.startswith("derive."):
            nights[-1][result.step] = (result.rows, mark - before)

    running = Application(settings.load("local", flags=flags), say=say)
    meter.start()
    running.night(first, "admit", "admit")
    rows = lengthen(running)
    for day in (first, first + timedelta(1)):
        nights.append({})
        mark = meter.look()
        running.night(day)
    meter.done.set()
    running.stop()
    session.end()
    return rows, nights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="Where `night.py` kept the book.")
    parser.add_argument("--days", type=int, default=30, help="Of the book.")
    given = parser.parse_args()
    rows, (first, usual) = measured(given.folder, START + timedelta(given.days - 2))
    text = f"\n## Indicators, a year of behaviour: {rows:,} rows\n\n{time.strftime('%Y-%m-%d')}, {machine()}\n\n"
    text += "| step | rows | CPU s, first build | rows | a usual night, warm |\n|---|---|---|---|---|\n"
    for step, (wrote, spent) in first.items():
        text += f"| {step} | {wrote:,} | {spent:.0f} | {usual[step][0]:,} | {usual[step][1]:.0f} |\n"
    total = [sum(spent for _, spent in night.values()) for night in (first, usual)]
    text += f"| **total** | | **{total[0]:.0f}** | | **{total[1]:.0f}** |\n"
    print(text)
    README.write_text(README.read_text(encoding="utf-8") + text, encoding="utf-8")


if __name__ == "__main__":
    main()
