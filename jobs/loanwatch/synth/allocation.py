"""What a sum paid covers: instalments in order of due date, interest before principal within each.

The convention of our ledger, computed on running sums. The pipeline computes it in its own way; the two must agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loanwatch.synth.payments import Payments
from loanwatch.synth.plan import NEVER, Ints
from loanwatch.synth.schedules import Schedule

MINOR_A_LOAN = 1 << 40  # more than any loan costs, so that loan and sum fit one sortable number


@dataclass(frozen=True)
class Allocation:
    """The running sums of one partner's schedules: what is due up to each instalment, and the principal in it."""

    schedule: Schedule
    due_minor: Ints
    principal_minor: Ints

    @property
    def loans(self) -> int:
        return len(self.schedule.first) - 1

    @property
    def key(self) -> Ints:
        return self.schedule.loan * MINOR_A_LOAN + self.due_minor

    def covered_on(self, payments: Payments) -> Ints:
        """Per instalment, the day on which these payments have covered it in full."""
        paid = payments.loan * MINOR_A_LOAN + running(payments.paid_minor, payments.loan)
        at = np.searchsorted(paid, self.key)
        found = at < len(payments)
        found[found] = payments.loan[at[found]] == self.schedule.loan[found]
        day = np.full(len(self.schedule), NEVER)
        day[found] = payments.paid_on[at[found]]
        return day

    def next_instalment(self, loan: Ints, paid_minor: Ints) -> Ints:
        """The row of the first instalment that the sum does not cover; the next loan's first row if it covers all."""
        return np.searchsorted(self.key, loan * MINOR_A_LOAN + paid_minor, side="right")

    def covered_principal(self, loan: Ints, paid_minor: Ints) -> Ints:
        """The principal that so much money covers."""
        row = self.next_instalment(loan, paid_minor)
        begins, ends = row == self.schedule.first[loan], row == self.schedule.first[loan + 1]
        whole = np.where(begins, 0, self.principal_minor[row - 1])
        at = np.where(ends, row - 1, row)
        beyond_interest = paid_minor - np.where(begins, 0, self.due_minor[row - 1]) - self.schedule.interest_minor[at]
        part = np.clip(beyond_interest, 0, self.schedule.principal_minor[at])
        return whole + np.where(ends, 0, part)

    def days_past_due(self, paid_minor: Ints, day: int) -> Ints:
        """Per loan, days since the oldest due date before the day that the sum does not cover."""
        loan = np.arange(self.loans)
        row = self.next_instalment(loan, paid_minor)
        ends = row == self.schedule.first[loan + 1]
        due_on = self.schedule.due_on[np.where(ends, 0, row)]
        return np.where(ends, 0, np.maximum(day - due_on, 0))


def allocation(schedule: Schedule) -> Allocation:
    """The running sums of these schedules."""
    due = schedule.principal_minor + schedule.interest_minor
    return Allocation(schedule, running(due, schedule.loan), running(schedule.principal_minor, schedule.loan))


def running(minor: Ints, loan: Ints) -> Ints:
    """Running sum within each loan; rows are in order of loan."""
    total = np.cumsum(minor)
    starts = np.flatnonzero(np.diff(loan, prepend=-1))
    before = (total - minor)[starts]
    return total - np.repeat(before, np.diff(starts, append=len(loan)))


def paid_before(payments: Payments, day: Ints) -> Ints:
    """Per loan, what was paid before that loan's day; the sums are far below 2**53, so the floats are exact."""
    early = payments.paid_on < day[payments.loan]
    return np.bincount(payments.loan[early], payments.paid_minor[early], len(day)).astype(np.int64)


def first_day(loan: Ints, day: Ints, loans: int) -> Ints:
    """Per loan, the first of its days; NEVER if it has none."""
    first = np.full(loans, NEVER)
    np.minimum.at(first, loan, day)
    return first


def first_past_due(schedule: Schedule, covered_on: Ints, days: int) -> Ints:
    """Per loan, the first day on which it is at least so many days past due, whenever that is."""
    reached = schedule.due_on + days
    late = covered_on > reached
    return first_day(schedule.loan[late], reached[late], len(schedule.first) - 1)
