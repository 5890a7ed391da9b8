"""Collateral of the book of `night.py`: the steps of `cover`, warm, and a refresh of 1,000 assets between nights, cold.

CPU seconds are user + system of this process, the JVM and the Python workers; of a step with its reads, without writing.
The table is appended to tests/bench/README.md with date and machine.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pyarrow as pa
from night import README, Meter, machine
from steps import flags, last_release, measured

from loanwatch import calendars
from loanwatch.admit.delivery import DeliveryWriter, Place
from loanwatch.admit.feeds import VALUATION
from loanwatch.cover.tables import ASSET_VALUE, INTRADAY_VALUE
from loanwatch.flag.tables import INTRADAY_WARNING
from loanwatch.lake import Lake
from loanwatch.pipeline import STEPS

ASSETS, FALLEN = 1000, 0.6  # valued anew, at so much of what they were worth


def send(folder: Path, lake: Lake, day: date) -> None:
    """A valuer's delivery for assets from all over the book."""
    release = last_release(lake)
    rows = lake.rows(ASSET_VALUE, f"{release.partition} and value_minor is not null", ("asset_id", "value_minor", "currency"))
    found = rows.sort_by("asset_id").take(pa.array(range(0, len(rows), len(rows) // ASSETS)))[:ASSETS].to_pylist()
    new = [
        {"valuation_id": f"bench-{n}", "valued_on": day, "asset_id": row["asset_id"], "currency": row["currency"],
         "value_minor": int(FALLEN * row["value_minor"]), "method": "appraisal"} for n, row in enumerate(found)
    ]  # fmt: skip
    with DeliveryWriter(folder / "inbox", VALUATION, Place(VALUATION.name, "valuer", day, 9), day) as writer:
        writer.write(pa.Table.from_pylist(new, schema=writer.schema))


def refreshed(folder: Path) -> tuple[int, int, float, float]:
    """From the manifest to the warnings, by the command its user gives: assets, warnings, CPU seconds, seconds by the clock."""
    lake = Lake(folder / "lake")
    send(folder, lake, calendars.next_date("daily", last_release(lake).as_of))
    command = ["-m", "loanwatch", "refresh", *(f"--{name}={path}" for name, path in flags(folder).items())]
    meter, began = Meter(), time.monotonic()
    meter.start()
    subprocess.run([sys.executable, *command], check=True)
    spent, wall = meter.look(), time.monotonic() - began
    meter.done.set()
    return lake.rows(INTRADAY_VALUE).num_rows, lake.rows(INTRADAY_WARNING).num_rows, spent, wall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="Where `night.py` kept book and lake.")
    folder = parser.parse_args().folder
    assets, warnings, spent, wall = refreshed(folder)
    text = f"\n## Collateral\n\n{time.strftime('%Y-%m-%d')}, {machine()}\n\n"
    text += f"`loanwatch refresh`, cold: {assets:,} assets valued anew, {warnings:,} warnings looked at, "
    text += f"{wall:.0f} s from manifest to warning, {spent:.0f} CPU s\n\n| step | rows | CPU s warm |\n|---|---|---|\n"
    total = 0.0
    for one in measured(folder, [step for step in STEPS if step.stage == "cover"]):
        text += f"| {one.step} | {one.rows:,} | {one.all[-1]:.0f} |\n"
        total += one.all[-1]
    text += f"| **total** | | **{total:.0f}** |\n"
    print(text)
    README.write_text(README.read_text(encoding="utf-8") + text, encoding="utf-8")


if __name__ == "__main__":
    main()
