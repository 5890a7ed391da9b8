"""All scenarios as one book: deliveries into an inbox, nights over the days they speak of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa

from loanwatch.admit.delivery import DeliveryWriter, Place
from loanwatch.admit.feeds import FEEDS
from loanwatch.errors import UsageError
from loanwatch.nights import Application
from loanwatch.scenarios.story import DAILY, Rows, Story


def stories(root: Path, name: str | None = None) -> list[Story]:
    """The scenarios of a folder, or one of them."""
    found = [Story(path.parent) for path in sorted(root.glob("*/story.md")) if name in (None, path.parent.name)]
    if not found:
        raise UsageError(f"no scenario {name or ''} in {root}; `loanwatch scenario new NAME` makes one")
    return found


def span(told: Sequence[Story]) -> list[date]:
    """The business dates the scenarios speak of: from the first delivery to the last result."""
    days = [day for story in told for day, _, _ in story.given()]
    ends = [row["as_of"] for story in told for rows in story.then().values() for row in rows]
    first, last = min(days), max([*days, *ends])
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def deliver(told: Sequence[Story], inbox: Path, day: date) -> None:
    """Write the deliveries that arrive on a day."""
    for story in told:
        for place, rows, arrives in deliveries(story, span(told)):
            if arrives == day:
                with DeliveryWriter(inbox, FEEDS[place.feed], place, place.business_on) as writer:
                    writer.write(pa.Table.from_pylist(rows, schema=writer.schema))


def deliveries(story: Story, dates: Sequence[date]) -> Iterator[tuple[Place, Rows, date]]:
    """Every delivery of a story, daily feeds included, and the day on which it arrives."""
    given, late = story.given(), story.late()
    for day in dates:
        for feed in DAILY:
            given.setdefault((day, feed, 1), [])
    for (day, feed, sequence), rows in given.items():
        yield Place(feed, story.partner, day, sequence), rows, late.get((day, feed), day)


def perform(told: Sequence[Story], application: Application, say: Callable[[str], None]) -> None:
    """Deliver and run every night of the scenarios."""
    for day in span(told):
        deliver(told, application.settings.inbox, day)
        attempt = application.night(day)
        say(f"{day}: release {attempt.release}")
