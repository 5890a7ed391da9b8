"""What a class remembers of one loan from one night to the next, in plain Python: an independent reading of domain.md 1.1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta


def months_after(day: date, months: int) -> date:
    """The same day so many months on, or the last of that month where it has no such day."""
    place = day.year * 12 + day.month - 1 + months
    first_of_next = date((place + 1) // 12, (place + 1) % 12 + 1, 1)
    return date(place // 12, place % 12 + 1, min(day.day, (first_of_next - timedelta(1)).day))


@dataclass(frozen=True)
class Memory:
    """A row of `classify.observation` without its loan."""

    was_non_performing: bool = False
    observed: bool = False
    looked_on: date | None = None
    restructured_on: date | None = None
    restructurings: int = 0
    observed_from: date | None = None
    restarts: int = 0
    periods: int = 0
    clear_since: date | None = None
    clear_periods: int = 0
    due_on: date | None = None
    next_due_on: date | None = None
    changed: bool | None = None


@dataclass(frozen=True)
class Seen:
    """What a night sees of a loan; `changes` are days and kinds of events, `class_before` the class in the parent release."""

    as_of: date
    days_past_due: int | None
    own_days_past_due: int | None
    technical: bool | None
    unpaid_since: date | None
    next_due_on: date | None
    opened_on: date
    rolled_past_due: bool
    changes: Mapping[date, str]
    class_before: str | None

    @property
    def excused(self) -> bool:
        known = None not in (self.days_past_due, self.own_days_past_due)
        return bool(self.technical) and known and self.own_days_past_due <= self.days_past_due  # type: ignore[operator]

    @property
    def late(self) -> bool:
        return not self.excused and max(self.days_past_due or 0, self.own_days_past_due or 0) > 0

    @property
    def clear(self) -> bool:
        return self.excused or (self.days_past_due == 0 and self.own_days_past_due == 0)


def night(before: Memory | None, seen: Seen) -> Memory | None:
    """What is remembered after a night; None = nothing."""
    non_performing = seen.class_before in ("substandard", "doubtful", "loss")
    was, day = before or Memory(), seen.as_of
    fresh = new_days(was, seen)
    trouble = seen.late or seen.class_before not in (None, "normal")
    changes = sorted(day for day, counts in fresh.items() if counts or trouble)
    came = was.next_due_on is not None and was.next_due_on <= day
    due_on = was.next_due_on if came else was.due_on
    looked_on = max(fresh, default=was.looked_on)
    now = replace(was, was_non_performing=non_performing, looked_on=looked_on, next_due_on=seen.next_due_on, due_on=due_on)
    now = replace(now, changed=bool(changes))
    now = paid(now, seen, came=came, anew=bool(changes))
    if changes:
        now = begun(was, now, seen, changes)
    elif was.observed:
        now = observed(was, now, seen, came=came)
    else:
        now = replace(now, restructurings=0, observed_from=None, restarts=0, periods=0)
    recent = now.looked_on is not None and now.looked_on > months_after(day, -24)
    return now if non_performing or now.observed or recent else None


def new_days(was: Memory, seen: Seen) -> dict[date, bool]:
    """Days of changes that no night has looked at, and whether each counts whatever the debtor's state."""
    days = {day: kind == "restructuring" for day, kind in seen.changes.items()}
    days |= {seen.opened_on: True} if seen.rolled_past_due else {}
    known = max(months_after(seen.as_of, -24), was.looked_on or date.min)
    return {day: counts for day, counts in days.items() if day > known}


def paid(now: Memory, seen: Seen, *, came: bool, anew: bool) -> Memory:
    if not seen.clear:
        return replace(now, clear_since=None, clear_periods=0)
    if anew or now.clear_since is None:
        return replace(now, clear_since=seen.as_of, clear_periods=0 if anew else now.clear_periods + came)
    return replace(now, clear_periods=now.clear_periods + came)


def begun(was: Memory, now: Memory, seen: Seen, changes: list[date]) -> Memory:
    times = len([day for day in changes if day > months_after(changes[-1], -12)])
    return replace(
        now, observed=True, restructured_on=changes[-1],
        restructurings=was.restructurings + len(changes) if was.observed else times,
        restarts=was.restarts if was.observed else 0, periods=0, observed_from=seen.next_due_on or seen.as_of,
    )  # fmt: skip


def observed(was: Memory, now: Memory, seen: Seen, *, came: bool) -> Memory:
    day = seen.as_of
    assert was.observed_from is not None
    if day < was.observed_from:  # the first repayment date is ahead, and what the contract says of it today counts
        return replace(now, observed_from=seen.next_due_on or day, periods=0)
    misses = [was.observed_from]
    if seen.late:
        misses += [seen.unpaid_since] if seen.unpaid_since else []
        misses += [now.due_on] if now.due_on and now.due_on < day else []
        misses += [day - timedelta(seen.own_days_past_due)] if seen.own_days_past_due else []
    misses += [day] if now.was_non_performing and not was.was_non_performing else []
    if max(misses) > was.observed_from:
        now = replace(now, observed_from=max(misses), restarts=was.restarts + 1, periods=0)
    elif seen.late:
        now = replace(now, periods=0)
    elif came and seen.clear and now.due_on is not None and now.due_on >= was.observed_from:
        now = replace(now, periods=was.periods + 1)
    assert now.observed_from is not None
    if now.periods < 2 or day <= months_after(now.observed_from, 12):
        return now
    if seen.clear and not now.was_non_performing:
        return replace(now, observed=False, restructurings=0, observed_from=None, restarts=0, periods=0)
    return replace(now, observed_from=day, restarts=now.restarts + 1, periods=0)
