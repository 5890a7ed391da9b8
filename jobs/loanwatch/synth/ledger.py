"""Our own ledger: what each loan owes on the last day, and the totals of every pool on every day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loanwatch.synth.allocation import Allocation, paid_before, running
from loanwatch.synth.arrears import Unpaid, first_past_due, unpaid
from loanwatch.synth.contracts import Loans
from loanwatch.synth.endings import Endings
from loanwatch.synth.plan import NEVER, Flags, Ints, Plan

DEFAULT_DAYS = 90
STATES = ("open", "repaid", "settled", "written_off")
OPEN, REPAID, SETTLED, WRITTEN_OFF = range(len(STATES))


@dataclass(frozen=True)
class Accounts:
    """Per loan, its state, balance and days past due at the end of the last day, and the days that mattered.

    `own_` counts the borrower's payments only. `closed_on` is the day on which the loan left the ledger. The
    default date is the first day 90 days past due on the own clock, with the first day of the arrears behind it.
    """

    state: Ints
    balance_minor: Ints
    days_past_due: Ints
    own_days_past_due: Ints
    closed_on: Ints
    first_arrears_on: Ints
    default_arrears_on: Ints
    default_on: Ints


@dataclass(frozen=True)
class Totals:
    """Per pool of the partner (row) and business date (column): loans with a balance, and the sum of balances."""

    loans: Ints
    balance_minor: Ints


def accounts(plan: Plan, loans: Loans, allocation: Allocation, endings: Endings, moved: Unpaid) -> Accounts:
    """The state of every loan at the end of the last day; `moved` is what was past due when it was moved."""
    tomorrow = np.full(len(loans), plan.last + 1)
    paid, own = paid_before(endings.payments, tomorrow), paid_before(endings.payments.own, tomorrow)
    balance = loans.principal_minor - allocation.covered_principal(np.arange(len(loans)), paid)
    state = states(endings, balance)
    gone = (state == SETTLED) | (state == REPAID)
    closed_on = closing_days(loans, allocation, endings)
    arrears = unpaid(allocation, endings.payments.own).and_(moved)
    default_on = before(first_past_due(arrears, DEFAULT_DAYS, len(loans)), plan.last + 1, closed_on)
    arrears_on = first_past_due(arrears, 1, len(loans))
    return Accounts(
        state=state,
        balance_minor=np.where(gone, 0, balance),
        days_past_due=np.where(gone, 0, allocation.days_past_due(paid, plan.last)),
        own_days_past_due=np.where(gone, 0, allocation.days_past_due(own, plan.last)),
        closed_on=closed_on,
        first_arrears_on=before(arrears_on, plan.last + 1, closed_on),
        default_arrears_on=np.where(default_on < NEVER, default_on - DEFAULT_DAYS + 1, NEVER),
        default_on=default_on,
    )


def states(endings: Endings, balance: Ints) -> Ints:
    """Index into STATES of each loan."""
    state = np.where(balance > 0, OPEN, REPAID)
    state[endings.written_off_on < NEVER] = WRITTEN_OFF
    state[endings.settled_on < NEVER] = SETTLED
    return state


def before(day: Ints, *limits: Ints | int) -> Ints:
    """The days that come before all limits; NEVER for the others."""
    kept: Flags = np.logical_and.reduce([day < limit for limit in limits])
    return np.where(kept, day, NEVER)


def closing_days(loans: Loans, allocation: Allocation, endings: Endings) -> Ints:
    """The day on which each loan was repaid, settled or written off; NEVER while it is on the ledger."""
    covered_on = allocation.covered_on(endings.payments)
    repaid_on = covered_on[allocation.claims.first[1:] - 1]
    return np.minimum(np.minimum(endings.settled_on, endings.written_off_on), repaid_on)


def totals(board: Board, loans: Loans, allocation: Allocation, endings: Endings, closed_on: Ints, pool: Ints) -> Totals:
    """The control totals of the ledger, as running sums of openings, repayments of principal, and closings."""
    payments = endings.payments
    covered = allocation.covered_principal(payments.loan, running(payments.paid_minor, payments.loan))
    repaid = np.diff(covered, prepend=0)
    starts = np.flatnonzero(np.diff(payments.loan, prepend=-1))
    repaid[starts] = covered[starts]
    left = loans.principal_minor - np.bincount(payments.loan, repaid, len(loans)).astype(np.int64)
    closed = np.flatnonzero(closed_on < NEVER)
    one = np.ones(len(loans), np.int64)
    return Totals(
        loans=board.add(pool, loans.opened_on, one) - board.add(pool[closed], closed_on[closed], one[closed]),
        balance_minor=board.add(pool, loans.opened_on, loans.principal_minor)
        - board.add(pool[payments.loan], payments.paid_on, repaid)
        - board.add(pool[closed], closed_on[closed], left[closed]),
    )


@dataclass(frozen=True)
class Board:
    """Pools (rows) by business dates (columns)."""

    plan: Plan
    pools: int

    def add(self, pool: Ints, day: Ints, minor: Ints) -> Ints:
        """The sums up to the end of each business date, history included."""
        column = np.maximum(day - self.plan.first, 0)
        size = self.pools * self.plan.days
        daily = np.bincount(pool * self.plan.days + column, minor, size).astype(np.int64)
        return np.cumsum(daily.reshape(self.pools, self.plan.days), axis=1)
