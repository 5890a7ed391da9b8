"""From one epoch of a loan to the next: a new schedule, a holiday, an extension, an acceleration, re-ageing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from loanwatch.balance.clock.allocation import Epoch, covered, in_order
from loanwatch.balance.clock.book import MOVED, REPLACED, Claims, Events, Flags, Ints, Money
from loanwatch.convention import Convention


def epochs(
    claims: Claims, events: Events, money: Money, loans: int, convention: Convention, closed: Ints
) -> Iterator[Epoch]:
    """The epochs of a book, oldest first; the last one holds the claims of all loans as they stand.

    `events` are those that change claims, in order; `closed` the days that are not open, sorted.
    """
    first = np.full(loans, np.iinfo(np.int64).max)
    np.minimum.at(first, claims.loan[claims.schedule >= 0], claims.schedule[claims.schedule >= 0])
    binding = (claims.schedule < 0) | (claims.schedule == first[claims.loan])
    now = _epoch(claims.where(binding), np.full(loans, -1), np.zeros(loans, np.int64), convention, closed)
    yield now
    turn = _turns(events)
    for step in range(int(turn.max(initial=-1)) + 1):
        now = _next(now, claims, events.where(turn == step), money, convention, closed)
        yield now


def _next(now: Epoch, all_claims: Claims, events: Events, money: Money, convention: Convention, closed: Ints) -> Epoch:
    """One event a loan; loans without one stay as they are."""
    day = now.start.copy()
    day[events.loan] = events.day
    touched = np.zeros(len(day), bool)
    touched[events.loan] = True
    place = np.zeros(len(day), np.int64)
    place[events.loan] = np.arange(len(events))
    claims, here = now.claims, touched[now.claims.loan]
    paid = np.where(here & (claims.effective <= day[claims.loan]), covered(now, money, day, convention), 0)
    used = now.used.copy()
    np.add.at(used, claims.loan, paid)
    left = replace(claims, amount=claims.amount - paid)
    event = events.where(place[claims.loan]) if len(events) else events
    left = _moved(left, event, here & (event.kind == MOVED))
    replaced = here & (event.kind == REPLACED)
    whole = events.loan[events.kind == REPLACED]
    used[whole] = money.until(whole, day[whole])
    # Charges of later days stay; what was charged up to now is in the new schedule.
    stays = ~replaced | ((left.schedule < 0) & (left.asked_on > day[left.loan]))
    schedule = np.full(len(day), -1)
    schedule[whole] = events.schedule[events.kind == REPLACED]
    new = all_claims.where((all_claims.schedule >= 0) & (all_claims.schedule == schedule[all_claims.loan]))
    return _epoch(left.where(stays).and_(new), day, used, convention, closed)


def _moved(claims: Claims, event: Events, moves: Flags) -> Claims:
    """Instalments that the event of their loan concerns, at their new due date."""
    concerned = moves & (claims.number >= 0) & (claims.amount > 0) & (claims.due >= event.first) & (claims.due <= event.last)
    return replace(claims, due=np.where(concerned, event.target, claims.due))


def _epoch(claims: Claims, start: Ints, used: Ints, convention: Convention, closed: Ints) -> Epoch:
    effective = claims.due if convention.closed_days == "count" else open_day(claims.due, closed)
    return Epoch(in_order(replace(claims, effective=effective), convention), start, used)


def open_day(day: Ints, closed: Ints) -> Ints:
    """The day, or the next one that is not closed."""
    result = day.copy()
    while len(shut := np.flatnonzero(np.isin(result, closed))):
        result[shut] += 1
    return result


def _turns(events: Events) -> Ints:
    """0 for a loan's first event, 1 for its second …"""
    place = np.arange(len(events))
    first = np.r_[True, events.loan[1:] != events.loan[:-1]][: len(events)]
    return place - np.maximum.accumulate(np.where(first, place, 0)) if len(events) else place
