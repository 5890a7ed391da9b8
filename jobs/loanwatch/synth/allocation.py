"""What a sum paid covers: claims in order of due date, fees before interest and interest before principal within each.

The convention of our ledger, computed on running sums. The pipeline computes it in its own way; the two must agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loanwatch.synth.claims import Claims
from loanwatch.synth.payments import Payments
from loanwatch.synth.plan import NEVER, Flags, Ints

MINOR_A_LOAN = 1 << 40  # more than any loan costs, so that loan and sum fit one sortable number


@dataclass(frozen=True)
class Allocation:
    """The running sums of one partner's claims: what is due up to each, and the principal in it."""

    claims: Claims
    due_minor: Ints
    principal_minor: Ints

    @property
    def key(self) -> Ints:
        return self.claims.loan * MINOR_A_LOAN + self.due_minor

    def covered_by(self, payments: Payments, rows: Ints | slice) -> tuple[Flags, Ints]:
        """Of some claims, whether these payments have covered them in full, and the payment that did."""
        paid = payments.loan * MINOR_A_LOAN + running(payments.paid_minor, payments.loan)
        loan = self.claims.loan[rows]
        at = np.searchsorted(paid, loan * MINOR_A_LOAN + self.due_minor[rows])
        found = at < len(payments)
        found[found] = payments.loan[at[found]] == loan[found]
        return found, at

    def covered_on(self, payments: Payments) -> Ints:
        """Per claim, the day on which these payments have covered it in full."""
        found, at = self.covered_by(payments, slice(None))
        day = np.full(len(self.claims), NEVER)
        day[found] = payments.paid_on[at[found]]
        return day

    def next_claim(self, loan: Ints, paid_minor: Ints) -> Ints:
        """The row of the first claim that the sum does not cover; the next loan's first row if it covers all."""
        return np.searchsorted(self.key, loan * MINOR_A_LOAN + paid_minor, side="right")

    def covered_principal(self, loan: Ints, paid_minor: Ints) -> Ints:
        """The principal that so much money covers."""
        row = self.next_claim(loan, paid_minor)
        begins, ends = row == self.claims.first[loan], row == self.claims.first[loan + 1]
        whole = np.where(begins, 0, self.principal_minor[row - 1])
        at = np.where(ends, row - 1, row)
        beyond = paid_minor - np.where(begins, 0, self.due_minor[row - 1]) - self.claims.ahead_minor[at]
        part = np.clip(beyond, 0, self.claims.principal_minor[at])
        return whole + np.where(ends, 0, part)

    def unpaid_since(self, paid_minor: Ints) -> Ints:
        """Per loan, the oldest due date that the sum does not cover; NEVER if it covers all."""
        row = self.next_claim(np.arange(self.claims.loans), paid_minor)
        ends = row == self.claims.first[1:]
        return np.where(ends, NEVER, self.claims.due_on[np.where(ends, 0, row)])

    def days_past_due(self, paid_minor: Ints, day: int) -> Ints:
        """Per loan, days since the oldest due date before the day that the sum does not cover."""
        return np.maximum(day - self.unpaid_since(paid_minor), 0)


def allocation(claims: Claims) -> Allocation:
    """The running sums of these claims."""
    return Allocation(claims, running(claims.due_minor, claims.loan), running(claims.principal_minor, claims.loan))


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
