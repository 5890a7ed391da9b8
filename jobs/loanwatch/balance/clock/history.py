"""What the clock has shown of each loan up to a day: periods missed in all, what was paid late of late, past month-ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from loanwatch.balance.clock.allocation import Epoch, covered
from loanwatch.balance.clock.book import NEVER, TECHNICAL, Claims, Events, Flags, Ints, Money, cumulated
from loanwatch.balance.clock.events import epochs
from loanwatch.balance.clock.readings import following, read
from loanwatch.balance.tables import LATE
from loanwatch.convention import Convention

DAYS_A_STATUS = 30


@dataclass(frozen=True)
class History:
    """Arrays by loan."""

    missed_ever: Ints  # instalments, each once, that were missed by the convention's months on some day
    due_lately: Flags  # an instalment of the schedule in force fell due since a day
    late_lately: Flags  # one of those was not paid by the end of its due date and grace, before the day


def history(
    claims: Claims, events: Events, money: Money, as_of: Ints, since: int, convention: Convention, closed: Ints
) -> History:
    """The history of loans, each up to the end of its day `as_of`; `lately` is from the day `since` on."""
    changing = events.where(events.kind != TECHNICAL)
    past = list(epochs(claims, changing, money, len(as_of), convention, closed))
    missed, late, until = [], np.zeros(len(as_of), bool), as_of
    for epoch in reversed(past):
        claims = epoch.claims
        in_time = claims.effective + convention.grace_days
        closes_on = np.maximum(following(claims) - (1 if convention.months == "mba" else 0), in_time + 1)
        missed.append(claims.where(_unpaid(epoch, money, closes_on, until, convention)))
        was_late = _unpaid(epoch, money, in_time, np.minimum(until, as_of - 1), convention) & (claims.due >= since)
        late[claims.loan[was_late]] = True
        until = np.where(epoch.start >= 0, np.minimum(until, epoch.start - 1), until)
    found = np.unique(np.stack([np.concatenate(part) for part in zip(*map(_names, missed), strict=True)]), axis=1)
    now = past[-1].claims
    due = now.where((now.number >= 0) & (now.due >= since) & (now.due <= as_of[now.loan]))
    lately = np.zeros(len(as_of), bool)
    lately[due.loan] = True
    return History(np.bincount(found[0], minlength=len(as_of)), lately, late)


def past_statuses(
    claims: Claims, events: Events, paid: Sequence[Ints], wanted: Ints, ends: Sequence[int], convention: Convention, closed: Ints
) -> list[str]:
    """How each loan stood at the first so many of some days, a letter each: `N`, `1` to `7`, `#` without a schedule yet.

    `paid` are loan, day and amount: what was taken back only later was there on the day.
    """
    letters = np.array([*"N", *LATE, "#"])
    texts = np.full(len(wanted), "")
    for place, end in enumerate(ends[: int(wanted.max(initial=0))]):
        asked = wanted > place
        of_then = claims.where(asked[claims.loan] & (claims.asked_on <= end))
        told = events.where(asked[events.loan] & (events.day <= end))
        came_in = asked[paid[0]] & (paid[1] <= end)
        money = Money.of(*[values[came_in] for values in paid])
        since = read(of_then, told, money, np.full(len(wanted), end), convention, closed).unpaid_since
        days = np.where(since == NEVER, 0, end - since)
        status = np.minimum(-(-days // DAYS_A_STATUS), len(LATE))
        status[~np.isin(np.arange(len(wanted)), of_then.loan[of_then.number >= 0])] = len(letters) - 1
        texts = np.char.add(texts, np.where(asked, letters[status], ""))
    return list(map(str, texts))


def _names(claims: Claims) -> tuple[Ints, Ints, Ints]:
    return claims.loan, claims.schedule, claims.number


def _unpaid(epoch: Epoch, money: Money, first: Ints, until: Ints, convention: Convention) -> Flags:
    """Instalments that are not covered at the end of some day from `first` on, within an epoch that ends with `until`.

    Within an epoch what is covered stays so: the first such day decides.
    """
    claims = epoch.claims
    day = np.maximum(first, epoch.start[claims.loan])
    asked = (claims.number >= 0) & (claims.amount > 0) & (day <= until[claims.loan])
    if convention.across == "due_date":
        through = cumulated(claims.loan, claims.amount)
        unpaid: Flags = asked & (epoch.money(money, claims.loan, day) < through)
        return unpaid
    result = np.zeros(len(claims), bool)
    for turn, rows in _turns(claims.loan, day, asked):
        on = until.copy()
        on[claims.loan[turn]] = day[turn]
        paid = covered(epoch, money, on, convention)
        result[rows] = paid[rows] < claims.amount[rows]
    return result


def _turns(loan: Ints, day: Ints, asked: Flags) -> Iterator[tuple[Ints, Ints]]:
    """One day a loan at a time: a row of each loan that has another day, and all rows with that day."""
    rows = np.flatnonzero(asked)
    rows = rows[np.lexsort((day[rows], loan[rows]))]
    new = np.r_[True, (loan[rows][1:] != loan[rows][:-1]) | (day[rows][1:] != day[rows][:-1])][: len(rows)]
    which = np.cumsum(new) - 1  # a number for each loan and day
    heads = rows[new]
    first = np.r_[True, loan[heads][1:] != loan[heads][:-1]][: len(heads)]
    place = np.arange(len(heads)) - np.maximum.accumulate(np.where(first, np.arange(len(heads)), 0))
    for turn in range(int(place.max(initial=-1)) + 1):
        chosen = place == turn
        yield heads[chosen], rows[chosen[which]]
