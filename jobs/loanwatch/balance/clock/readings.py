"""What the clock shows at the end of a day: one reading a loan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loanwatch.balance.clock.allocation import covered
from loanwatch.balance.clock.book import (
    FEE,
    INTEREST,
    NEVER,
    PRINCIPAL,
    TECHNICAL,
    UNIX,
    Claims,
    Events,
    Flags,
    Ints,
    Money,
    day_of,
    key_of,
    loan_of,
)
from loanwatch.balance.clock.events import epochs
from loanwatch.balance.clock.material import material_since
from loanwatch.convention import Convention

RECENT_DAYS = 30


@dataclass(frozen=True)
class Readings:
    """Arrays by loan; amounts in minor units, days as ordinals, NEVER for none."""

    remaining_minor: Ints  # principal in force that is not covered
    fee_arrears_minor: Ints
    interest_arrears_minor: Ints
    principal_arrears_minor: Ints
    unpaid_since: Ints
    interest_unpaid_since: Ints
    principal_unpaid_since: Ints
    missed_instalments: Ints
    missed_periods: Ints  # by the convention's way of counting months
    material_since: Ints
    technical: Flags
    prepaid_minor: Ints
    next_due_on: Ints
    next_due_minor: Ints
    due_30d_minor: Ints


def read(
    claims: Claims, events: Events, money: Money, as_of: Ints, convention: Convention, closed: Ints
) -> Readings:
    """The readings of loans, each at the end of its day `as_of`; its claims, events and money are of that day or before."""
    loans = len(as_of)
    changing = events.where(events.kind != TECHNICAL)
    past = list(epochs(claims, changing, money, loans, convention, closed))
    now = past[-1]
    claims, day = now.claims, as_of[now.claims.loan]
    paid = covered(now, money, as_of, convention)
    unpaid = claims.amount - paid
    past_due = (claims.effective + convention.grace_days < day) & (unpaid > 0)
    arrears = [_sum(claims, unpaid, past_due & (claims.component == component), loans) for component in range(3)]
    total = arrears[FEE] + arrears[INTEREST] + arrears[PRINCIPAL]
    since = [_first(claims, claims.effective, past_due & (claims.component == component), loans) for component in range(3)]
    due = _sum(claims, claims.amount, claims.due <= day, loans)
    next_on, next_minor = _next(claims, unpaid, day, loans)
    recent = (claims.number >= 0) & (claims.due <= day) & (claims.due > day - RECENT_DAYS)
    return Readings(
        remaining_minor=_sum(claims, unpaid, claims.component == PRINCIPAL, loans),
        fee_arrears_minor=arrears[FEE],
        interest_arrears_minor=arrears[INTEREST],
        principal_arrears_minor=arrears[PRINCIPAL],
        unpaid_since=np.minimum(np.minimum(since[FEE], since[INTEREST]), since[PRINCIPAL]),
        interest_unpaid_since=since[INTEREST],
        principal_unpaid_since=since[PRINCIPAL],
        missed_instalments=_instalments(claims, past_due, loans),
        missed_periods=_instalments(claims, past_due & _missed(claims, day, convention), loans),
        material_since=material_since(past, money, as_of, total, convention),
        technical=_excused(claims, past_due, events.where(events.kind == TECHNICAL), total, as_of, convention),
        prepaid_minor=np.maximum(now.money(money, np.arange(loans), as_of) - due, 0),
        next_due_on=next_on,
        next_due_minor=next_minor,
        due_30d_minor=_sum(claims, claims.asked, recent, loans),
    )


def _sum(claims: Claims, amount: Ints, rows: Flags, loans: int) -> Ints:
    result = np.zeros(loans, np.int64)
    np.add.at(result, claims.loan[rows], amount[rows])
    return result


def _first(claims: Claims, day: Ints, rows: Flags, loans: int) -> Ints:
    result = np.full(loans, NEVER)
    np.minimum.at(result, claims.loan[rows], day[rows])
    return result


def _next(claims: Claims, unpaid: Ints, day: Ints, loans: int) -> tuple[Ints, Ints]:
    """The next due date of an instalment after the day, and what is to be paid on it."""
    ahead = (claims.number >= 0) & (claims.due > day)
    on = _first(claims, claims.due, ahead, loans)
    return on, _sum(claims, unpaid, ahead & (claims.due == on[claims.loan]), loans)


def _instalments(claims: Claims, rows: Flags, loans: int) -> Ints:
    """Instalments of which some component is among the rows."""
    rows = rows & (claims.number >= 0)
    found = np.unique(np.stack([claims.loan[rows], claims.number[rows]]), axis=1)
    return np.bincount(found[0], minlength=loans)


def _missed(claims: Claims, day: Ints, convention: Convention) -> Flags:
    """MBA: unpaid on the day before the next due date; OTS: unpaid at the close of the next due date (domain 3.3)."""
    return day >= following(claims) - (1 if convention.months == "mba" else 0)


def following(claims: Claims) -> Ints:
    """The due date of the instalment after each one; a month on, where it is the last."""
    plan = np.unique(key_of(claims.loan, claims.due)[claims.number >= 0])
    after = np.r_[plan, key_of(np.array([claims.loan.max(initial=0) + 1]), np.array([0]))][
        np.searchsorted(plan, key_of(claims.loan, claims.due), "right")
    ]
    return np.where(loan_of(after) == claims.loan, day_of(after), _month_on(claims.due))


def _month_on(day: Ints) -> Ints:
    """The same day of the next month, or its last."""
    date = (day - UNIX).astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    into = date - month.astype("datetime64[D]")
    last = (month + 2).astype("datetime64[D]") - np.timedelta64(1, "D")
    result: Ints = np.minimum((month + 1).astype("datetime64[D]") + into, last).astype(np.int64) + UNIX
    return result


def _excused(claims: Claims, past_due: Flags, causes: Events, arrears: Ints, as_of: Ints, convention: Convention) -> Flags:
    """Whether a recorded technical cause excuses all that is past due, within the tolerance of days and amount."""
    by_cause = np.zeros(len(claims), bool)
    first, last = np.searchsorted(claims.loan, causes.loan), np.searchsorted(claims.loan, causes.loan, "right")
    for cause in range(len(causes)):
        rows = slice(first[cause], last[cause])
        by_cause[rows] |= (claims.due[rows] >= causes.first[cause]) & (claims.due[rows] <= causes.last[cause])
    tolerated = by_cause & (as_of[claims.loan] - claims.effective <= convention.technical_days)
    unexcused = np.zeros(len(arrears), bool)
    unexcused[claims.loan[past_due & ~tolerated]] = True
    return (arrears > 0) & (arrears <= convention.technical_minor) & ~unexcused
