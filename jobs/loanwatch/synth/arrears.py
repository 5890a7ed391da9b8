"""How long what fell due was unpaid, and when loans were first so many days past due."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from loanwatch.synth.allocation import Allocation
from loanwatch.synth.payments import Payments
from loanwatch.synth.plan import NEVER, Flags, Ints


@dataclass(frozen=True)
class Unpaid:
    """Sums that fell due, a row each; `until` is the day on which they were paid, or moved to a later due date."""

    loan: Ints
    due_on: Ints
    until: Ints
    minor: Ints

    def __len__(self) -> int:
        return len(self.loan)

    def where(self, rows: Flags | Ints) -> Self:
        return replace(self, **{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def and_(self, other: Unpaid) -> Unpaid:
        return Unpaid(*(np.concatenate([getattr(self, each.name), getattr(other, each.name)]) for each in fields(self)))


def unpaid(allocation: Allocation, payments: Payments) -> Unpaid:
    """Every claim, given these payments."""
    claims = allocation.claims
    return Unpaid(claims.loan, claims.due_on, allocation.covered_on(payments), claims.due_minor)


def first_past_due(of: Unpaid, days: int, loans: int) -> Ints:
    """Per loan, the first day on which it is at least so many days past due, whenever that is; NEVER if it never is."""
    reached = of.due_on + days
    late = of.until > reached
    first = np.full(loans, NEVER)
    np.minimum.at(first, of.loan[late], reached[late])
    return first
