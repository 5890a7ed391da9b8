"""How early real charge-offs were warned of: `make real`, and six months of it as a test.

Runs the month-ends of data set 02 (3,513 US vehicle loans) in one application, then asks of each charge-off
whether a red or amber warning was open one, two, three month-ends before.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from loanwatch import calendars, settings
from loanwatch.adapters.abs_ee.endings import charge_offs
from loanwatch.commands.progress import application
from loanwatch.lake import Lake
from loanwatch.report.tables import WATCH_LIST
from loanwatch.seal import publication

FIRST, LAST = date(2017, 5, 31), date(2020, 12, 31)
MONTHS = (1, 2, 3)


def perform(data: Path, out: Path, last: date = LAST, **flags: object) -> Lake:
    """Import the data set and run its month-ends up to `last`, in one application."""
    from loanwatch.adapters import perform as deliver

    deliver("abs-ee", sorted(data.glob("*.csv.gz")), out, lambda line: print(line, file=sys.stderr))
    given = {"inbox": str(out / "inbox"), "lake": str(out / "lake"), **flags}
    with application(settings.load("demo", "ally", given)) as running:
        day = FIRST
        while day <= last:
            print(f"{day}: release {running.night(day).release}", flush=True)
            day = calendars.next_date("month_end", day)
        return running.lake


def warned(lake: Lake, losses: Sequence[tuple[str, date]]) -> dict[int, tuple[int, int, int]]:
    """By months before: charge-offs that can be judged, with a red, and with a red or amber warning then."""
    current = publication.current(publication.attempts(lake))
    colours: dict[date, dict[str, str]] = {}
    found = {}
    for months in MONTHS:
        seen = [(loan, day) for loan, lost in losses if (day := _before(lost, months)) in current]
        for _, day in seen:
            if day not in colours:
                rows = lake.rows(WATCH_LIST, f"release = {current[day].release}", ("loan_id", "colour")).to_pylist()
                colours[day] = {row["loan_id"]: row["colour"] for row in rows}
        then = [colours[day].get(loan) for loan, day in seen]
        found[months] = (len(then), then.count("red"), then.count("red") + then.count("amber"))
    return found


def _before(day: date, months: int) -> date:
    for _ in range(months):
        day = calendars.month_end(day.replace(day=1) - calendars.ONE_DAY)
    return day


def main() -> None:
    """Run all months and print the lead times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("real"))
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        sys.exit(f"no fetched data at {arguments.data}; give --data, or make real DATA=folder of the data sets")
    shutil.rmtree(arguments.out, ignore_errors=True)
    lake = perform(arguments.data, arguments.out)
    print("reconcile: none (no ledger and no bank statement is published with this data)")
    for months, (known, red, any_colour) in warned(lake, charge_offs(sorted(arguments.data.glob("*.csv.gz")))).items():
        print(f"{months} month(s) before: {known} charge-offs on the book, {red} red, {any_colour} red or amber")


if __name__ == "__main__":
    main()
