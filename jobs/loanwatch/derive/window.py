"""Windows of measures: the last days, or whole calendar months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

RECENT_DAYS = 31  # hold every monthly payday once


class Span(NamedTuple):
    """From one day to another, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Window:
    """The last `days` that end `before` days ago; or `months` whole months: `closed` ones are those that ended before the last
    31 days began, others this month to date and so many before it.

    Whole months, not so many days: then sums of closed months do for all that is farther away, and of events only the
    last 31 days are read (domain.md 4: "3m", "6m"; cost follows the work).
    """

    days: int = 0
    before: int = 0
    months: int = 0
    closed: bool = False

    @property
    def name(self) -> str:
        if self == EVER:
            return "ever"
        if self.days:
            return f"{self.days}d" + (f"_{self.before}d_ago" if self.before else "")
        return f"{self.months}m" + ("_before" if self.closed else "")

    @property
    def told(self) -> str:
        """The window in words."""
        if self == EVER:
            return "ever"
        if self.days:
            return f"{self.days} days" + (f", up to {self.before} days ago" if self.before else "")
        if self.closed:
            return f"{self.months} whole months that ended before the last {RECENT_DAYS} days"
        return f"this month and the {self.months} before"

    def daily(self, as_of: date) -> Span | None:
        """The part whose rows are read one by one."""
        if self.days:
            last = as_of - timedelta(self.before)
            return Span(last - timedelta(self.days - 1), last)
        return None if self.closed else Span(as_of.replace(day=1), as_of)

    def monthly(self, as_of: date) -> Span | None:
        """The part of whole months, from the first of one to the last of another."""
        if self.days:
            return None
        end = as_of - timedelta(RECENT_DAYS - 1) if self.closed else as_of
        return Span(_month(end, -self.months), _month(end, 0) - timedelta(1))

    def span(self, as_of: date) -> Span:
        """All of it."""
        parts = [part for part in (self.monthly(as_of), self.daily(as_of)) if part]
        return Span(parts[0].first, parts[-1].last)

    def length(self, as_of: date) -> int:
        """How many days it has."""
        first, last = self.span(as_of)
        return (last - first).days + 1


EVER = Window(days=36_500)


def _month(day: date, later: int) -> date:
    """The first of the month of a day, or of one so many months later."""
    months = day.year * 12 + day.month - 1 + later
    return date(months // 12, months % 12 + 1, 1)
