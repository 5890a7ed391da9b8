"""Due dates that some partners move for borrowers in trouble: a payment holiday before arrears begin, an extension in them.

What is unpaid and due from `from_on` to `until_on` falls due on `until_on`. Only of loans of which no part of the next
instalment is paid, and nothing by a guarantor: then the borrower's own clock and the loan's move the same claims whole. The
partner that compensates takes loans over instead, and moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loanwatch.synth.allocation import Allocation, paid_before
from loanwatch.synth.arrears import Unpaid
from loanwatch.synth.claims import Claims
from loanwatch.synth.contracts import Loans
from loanwatch.synth.paths import Paths
from loanwatch.synth.payments import EARLY_DAYS, Payments, joined, paid
from loanwatch.synth.plan import NEVER, Flags, Ints, Plan

GIVEN, HOLIDAYS = 0.25, 0.4  # of the loans of those who will miss instalments; of those, payment holidays
BEFORE_DAYS, AFTER_DAYS = (1, 25), (10, 60)  # of a holiday before instalments are missed, of an extension after
MOVED_BY_DAYS = (35, 100)
LATEST_DAYS = 60  # past due, to be extended


@dataclass(frozen=True)
class MovedDates:
    """A row per loan whose due dates were moved; `past` are the sums that had fallen due before and were moved away."""

    loan: Ints
    holiday: Flags
    happened_on: Ints
    from_on: Ints
    until_on: Ints
    past: Unpaid

    def per_loan(self, day: Ints, loans: int, otherwise: int = NEVER) -> Ints:
        """The row's day of each loan."""
        days = np.full(loans, otherwise)
        days[self.loan] = day
        return days


def moves_dates(partner: int, compensates: bool) -> bool:
    """Whether a partner moves due dates: two of three that do not compensate."""
    return partner % 3 != 0 and not compensates


def moved_dates(
    plan: Plan, loans: Loans, allocation: Allocation, payments: Payments, path: Paths, leaves_on: Ints, compensates: bool
) -> MovedDates:
    """Whose due dates are moved, given what would be paid otherwise; `leaves_on`: when each loan is to be settled."""
    draw, claims = plan.stream("moved dates", loans.partner), allocation.claims
    misses_from = path.misses_from[loans.customer]
    given = moves_dates(loans.partner, compensates) & (draw.random(len(loans)) < GIVEN)
    loan = np.flatnonzero(given & (misses_from <= plan.last + BEFORE_DAYS[1]))
    holiday = draw.random(len(loan)) < HOLIDAYS
    day = misses_from[loan] + np.where(holiday, -draw.integers(*BEFORE_DAYS, len(loan)), draw.integers(*AFTER_DAYS, len(loan)))
    until_on = day + draw.integers(*MOVED_BY_DAYS, len(loan))
    ends_on = np.zeros(len(loans), np.int64)
    ends_on[loan] = day + 1
    money = paid_before(payments, ends_on)[loan]
    by_borrower = paid_before(payments.own, ends_on)[loan] == money
    row = allocation.next_claim(loan, money)
    owes = row < claims.first[loan + 1]
    row = np.where(owes, row, claims.first[loan])
    whole = money == np.where(row == claims.first[loan], 0, allocation.due_minor[row - 1])
    from_on = claims.due_on[row]
    fits = np.where(holiday, (from_on > day) & (from_on < until_on), (from_on < day) & (from_on >= day - LATEST_DAYS))
    there = (loans.opened_on[loan] < day) & (day <= plan.last) & (day < leaves_on[loan])
    kept = np.flatnonzero(owes & whole & by_borrower & fits & there)
    loan, day, from_on, until_on = (days[kept] for days in (loan, day, from_on, until_on))
    return MovedDates(loan, holiday[kept], day, from_on, until_on, past(claims, loan, day, from_on))


def past(claims: Claims, loan: Ints, day: Ints, from_on: Ints) -> Unpaid:
    """What of these loans fell due from `from_on` on and before the day, on which it was moved."""
    since, until = np.full((2, claims.loans), NEVER)
    since[loan], until[loan] = from_on, day
    rows = np.flatnonzero((claims.due_on >= since[claims.loan]) & (claims.due_on < until[claims.loan]))
    of = claims.loan[rows]
    return Unpaid(of, claims.due_on[rows], until[of], claims.due_minor[rows])


def claims_moved(claims: Claims, moves: MovedDates) -> Claims:
    """The claims at the dates they were moved to; what is moved to one day falls due as one."""
    if not len(moves.loan):
        return claims
    since, until = moves.per_loan(moves.from_on, claims.loans), moves.per_loan(moves.until_on, claims.loans, -1)
    moved = (claims.due_on >= since[claims.loan]) & (claims.due_on <= until[claims.loan])
    sums = [np.bincount(claims.loan[moved], minor[moved], claims.loans).astype(np.int64)[moves.loan]
            for minor in (claims.ahead_minor, claims.principal_minor)]  # fmt: skip
    return claims.without(moved, moves.loan, moves.until_on, *sums)


def payments_moved(
    plan: Plan, loans: Loans, claims: Claims, payments: Payments, careless: Flags, path: Paths, moves: MovedDates
) -> Payments:
    """The payments, of which those after a move go by the new due dates; `claims` are as moved."""
    if not len(moves.loan):
        return payments
    draw = plan.stream("payments after moves", loans.partner)
    day, until = moves.per_loan(moves.happened_on, len(loans)), moves.per_loan(moves.until_on, len(loans))
    due = np.flatnonzero((claims.due_on >= until[claims.loan]) & (claims.due_on <= plan.last + int(EARLY_DAYS.max())))
    before = payments.where(payments.paid_on <= day[payments.loan])
    return joined(before, paid(draw, plan, loans, claims, due, careless, path))
