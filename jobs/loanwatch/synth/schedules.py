"""Repayment schedules: equal instalments in whole fen, monthly, the last one takes the remainder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loanwatch.synth.contracts import Loans
from loanwatch.synth.plan import Ints, months_later

MONTHS_BP = 12 * 10_000  # a yearly rate in basis points, over a month


@dataclass(frozen=True)
class Schedule:
    """The instalments of one partner, a row each, by loan and number; `first[loan]` is a loan's first row."""

    first: Ints
    loan: Ints
    number: Ints
    due_on: Ints
    principal_minor: Ints
    interest_minor: Ints

    def __len__(self) -> int:
        return len(self.loan)

    def of(self, loans: slice) -> slice:
        """The rows of a range of loans."""
        return slice(int(self.first[loans.start]), int(self.first[loans.stop]))


def schedule(loans: Loans) -> Schedule:
    """The first schedule of every loan, agreed when it was opened."""
    first = np.concatenate([[0], np.cumsum(loans.term_months)])
    loan = np.repeat(np.arange(len(loans)), loans.term_months)
    number = np.arange(len(loan)) - first[loan] + 1
    due_on = months_later(loans.opened_on[loan], number)
    principal, interest = equal_instalments(loans, first)
    return Schedule(first, loan, number, due_on, principal, interest)


def equal_instalments(loans: Loans, first: Ints) -> tuple[Ints, Ints]:
    """Principal and interest of each instalment, minor units; the principal parts add up to the loan."""
    principal, interest = np.empty((2, int(first[-1])), np.int64)
    payment = annuity(loans)
    rate, open_minor, terms = loans.rate_bp, loans.principal_minor.copy(), loans.term_months
    for month in range(int(terms.max())):
        at = np.flatnonzero(terms > month)
        row = first[at] + month
        interest[row] = (open_minor[at] * rate[at] + MONTHS_BP // 2) // MONTHS_BP
        part = np.minimum(payment[at] - interest[row], open_minor[at])
        principal[row] = np.where(terms[at] == month + 1, open_minor[at], part)
        open_minor[at] -= principal[row]
    return principal, interest


def annuity(loans: Loans) -> Ints:
    """The equal instalment, minor units, rounded up: the last is then the smaller one."""
    rate = loans.rate_bp / MONTHS_BP
    return np.ceil(loans.principal_minor * rate / (1 - (1 + rate) ** -loans.term_months)).astype(np.int64)
