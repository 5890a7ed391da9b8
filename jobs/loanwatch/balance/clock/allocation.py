"""How much of each claim the money covers at the end of a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loanwatch.balance.clock.book import Claims, Ints, Money, cumulated, day_of, key_of, latest, loan_of
from loanwatch.convention import COMPONENTS, Convention


@dataclass(frozen=True)
class Epoch:
    """A time in which claims do not change: from the end of day `start` (by loan) on; -1 = from the beginning.

    Of all money that came in, `used` (by loan) paid what is no longer among the claims.
    """

    claims: Claims
    start: Ints
    used: Ints

    def money(self, money: Money, loan: Ints, day: Ints) -> Ints:
        """What there is to allocate."""
        left: Ints = np.maximum(money.until(loan, day) - self.used[loan], 0)
        return left


def in_order(claims: Claims, convention: Convention) -> Claims:
    """Claims as money takes them: by due date, then by component, then by number."""
    return claims.where(np.lexsort((claims.number, _rank(claims, convention), claims.effective, claims.loan)))


def covered(epoch: Epoch, money: Money, day: Ints, convention: Convention) -> Ints:
    """What is covered of each claim (they are in order) on the loan's `day`; credit covers what falls due next."""
    claims = epoch.claims
    loans = np.arange(len(day))
    there = epoch.money(money, loans, day)
    if convention.across == "due_date" or not len(claims):
        return _filled(claims, there)
    due = claims.effective <= day[claims.loan]
    taken = _taken(epoch, money, day, convention)
    result = np.zeros(len(claims), np.int64)
    for component in range(len(COMPONENTS)):
        rows = np.flatnonzero(due & (claims.component == component))
        result[rows] = _filled(claims.where(rows), taken[component])
    later = np.flatnonzero(~due)
    result[later] = _filled(claims.where(later), there - sum(taken))
    return result


def _filled(claims: Claims, money: Ints) -> Ints:
    """Claims filled one after the other; money by loan."""
    before = cumulated(claims.loan, claims.amount) - claims.amount
    return np.clip(money[claims.loan] - before, 0, claims.amount)


def _taken(epoch: Epoch, money: Money, day: Ints, convention: Convention) -> list[Ints]:
    """By component, what has been allocated to it by the loan's `day`: followed from one change to the next."""
    claims = epoch.claims
    moments = _moments(epoch, money, day)
    loan, at = loan_of(moments), day_of(moments)
    there = epoch.money(money, loan, at)
    due = [_due(claims, component, moments) for component in range(len(COMPONENTS))]
    taken = [np.zeros(len(day), np.int64) for _ in COMPONENTS]
    first = np.searchsorted(loan, np.arange(len(day)))
    many = np.diff(np.r_[first, len(loan)])
    for step in range(int(many.max(initial=0))):
        who = np.flatnonzero(many > step)
        now = first[who] + step
        left = there[now] - sum(part[who] for part in taken)
        for component in (COMPONENTS.index(name) for name in convention.order):
            more = np.minimum(due[component][now] - taken[component][who], left)
            taken[component][who] += more
            left -= more
    return taken


def _moments(epoch: Epoch, money: Money, day: Ints) -> Ints:
    """The days on which something falls due or money comes in, up to the loan's `day`, as sorted keys."""
    claims = epoch.claims
    keys = np.r_[key_of(claims.loan, claims.effective), money.key]
    loan, at = loan_of(keys), day_of(keys)
    known = loan < len(day)
    loan, at = loan[known], at[known]
    at = np.maximum(at, epoch.start[loan])
    return np.unique(key_of(loan, at)[at <= day[loan]])


def _due(claims: Claims, component: int, moments: Ints) -> Ints:
    """What of a component has fallen due by each moment."""
    rows = claims.where(claims.component == component)
    return latest(key_of(rows.loan, rows.effective), cumulated(rows.loan, rows.amount), moments)


def _rank(claims: Claims, convention: Convention) -> Ints:
    return np.array([convention.order.index(name) for name in COMPONENTS])[claims.component]
