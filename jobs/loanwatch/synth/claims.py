"""What a partner's loans ask for, a row per loan and due date: instalments at the dates they are moved to, and late fees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loanwatch.synth.plan import Flags, Ints
from loanwatch.synth.schedules import Schedule

DAYS_A_LOAN = 1 << 20  # more than there are days


@dataclass(frozen=True)
class Claims:
    """Claims by loan and due date; `first[loan]` is a loan's first row. What is `ahead` is paid before the principal.

    A fee has a row of its own, without principal; where an instalment falls due on the same day, the fee comes first.
    """

    first: Ints
    loan: Ints
    due_on: Ints
    ahead_minor: Ints
    principal_minor: Ints

    def __len__(self) -> int:
        return len(self.loan)

    @property
    def loans(self) -> int:
        return len(self.first) - 1

    @property
    def due_minor(self) -> Ints:
        return self.ahead_minor + self.principal_minor

    @property
    def instalments(self) -> Flags:
        """Which rows are no fees."""
        return self.principal_minor > 0

    def without(self, rows: Flags, loan: Ints, due_on: Ints, ahead_minor: Ints, principal_minor: Ints) -> Claims:
        """These claims without some rows, and with others, which are in order of loan and due date."""
        kept = np.flatnonzero(~rows)
        loans, days, ahead, principal = (
            np.concatenate([old[kept], new])
            for old, new in ((self.loan, loan), (self.due_on, due_on), (self.ahead_minor, ahead_minor),
                             (self.principal_minor, principal_minor))
        )  # fmt: skip
        # Two sorted runs: a stable sort merges them in one pass.
        order = np.argsort((loans * DAYS_A_LOAN + days) * 2 + (principal > 0), kind="stable")
        first = np.concatenate([[0], np.cumsum(np.bincount(loans, minlength=self.loans))])
        return Claims(first, loans[order], days[order], ahead[order], principal[order])


def claims(schedule: Schedule) -> Claims:
    """What the first schedules ask for."""
    return Claims(schedule.first, schedule.loan, schedule.due_on, schedule.interest_minor, schedule.principal_minor)
