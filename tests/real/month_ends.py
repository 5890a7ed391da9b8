"""What every month-end of an imported book owed, as it was known then: admission and the stage `balance`, nothing published.

For measuring an adapter over a long history; a whole night costs five times as much. `python tests/real/month_ends.py
--inbox DIR/inbox --lake DIR/lake --tenant T --first D --last D` prints a line a month-end.
"""

from __future__ import annotations

import argparse
import resource
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from loanwatch import calendars, settings
from loanwatch.nights import Application
from loanwatch.seal import publication


def month_ends(tenant: str, inbox: Path, lake: Path, first: date, last: date, **flags: object) -> Iterator[tuple[date, int]]:
    """Each month-end and the release under which its `balance` tables lie; an attempt each, abandoned when it is done."""
    running = Application(settings.load("demo", tenant, {"inbox": str(inbox), "lake": str(lake), **flags}))
    try:
        for day in calendars.dates("month_end", first, last):
            attempt = running.night(day, "admit", "balance")
            publication.abandon(running.lake, attempt, "measured up to balance")
            yield day, attempt.release
    finally:
        running.stop()


def main() -> None:
    """Run all month-ends and print what they cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--inbox", "--lake"):
        parser.add_argument(name, type=Path, required=True)
    for name in ("--first", "--last"):
        parser.add_argument(name, type=date.fromisoformat, required=True)
    parser.add_argument("--tenant", required=True)
    given = parser.parse_args()
    for day, release in month_ends(given.tenant, given.inbox, given.lake, given.first, given.last):
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        print(f"{day} release={release} cpu_seconds={sum(each.ru_utime + each.ru_stime for each in used):.0f}", flush=True)


if __name__ == "__main__":
    main()
