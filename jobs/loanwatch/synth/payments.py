"""What borrowers pay: mostly on the day, some late, some in two parts, nothing while they miss."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from loanwatch import codes
from loanwatch.synth.claims import DAYS_A_LOAN, Claims
from loanwatch.synth.contracts import BUSINESS, Loans
from loanwatch.synth.paths import Paths
from loanwatch.synth.plan import Flags, Floats, Ints, Plan

PAYERS, CHANNELS = codes.PAYERS.words, codes.CHANNELS.words
BORROWER, PARTNER, GUARANTOR = (PAYERS.index(word) for word in ("borrower", "partner", "guarantor"))
CHANNEL_SHARES = (0.6, 0.15, 0.2, 0.05)

EARLY_DAYS = np.array([0, 0, 0, 0, 1, 2])
A_LITTLE_LATE, QUITE_LATE, IN_PARTS = 0.030, 0.010, 0.012  # shares of instalments
CARELESS_FACTOR = 4
PART_WHILE_MISSING = 0.2
GUARANTOR_PAYS, GUARANTOR_AFTER_DAYS = 0.04, 10
PARTNERS_BP, GUARANTORS_BP = 200, 100  # shares of what is split


@dataclass(frozen=True)
class Payments:
    """Payments of one partner's loans, a row each, by loan and day."""

    loan: Ints
    paid_on: Ints
    paid_minor: Ints
    payer: Ints

    def __len__(self) -> int:
        return len(self.loan)

    def where(self, rows: Flags | Ints) -> Self:
        return replace(self, **{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    @property
    def own(self) -> Self:
        """The borrower's own payments."""
        return self.where(self.payer == BORROWER)


def joined(*parts: Payments) -> Payments:
    """All these payments, by loan and day."""
    columns = (np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Payments))
    together = Payments(*columns)
    return together.where(np.argsort(together.loan * DAYS_A_LOAN + together.paid_on, kind="stable"))


def new_payments(loan: Ints, paid_on: Ints, paid_minor: Ints, payer: int) -> Payments:
    """Payments of one kind of payer."""
    return Payments(loan, paid_on, paid_minor, np.full(len(loan), payer))


def borrowers_payments(plan: Plan, loans: Loans, claims: Claims, careless: Flags, path: Paths) -> Payments:
    """All payments up to the last day, as if no loan ended early; `careless` and `path` have a row per customer."""
    due = np.flatnonzero(claims.due_on <= plan.last + int(EARLY_DAYS.max()))
    rolled_over = loans.rolled_over[claims.loan[due]]
    return joined(*(
        paid(plan.stream(purpose, loans.partner), plan, loans, claims, rows, careless, path)
        for purpose, rows in (("payments", due[~rolled_over]), ("payments of roll-overs", due[rolled_over]))
    ))  # fmt: skip


def paid(
    draw: np.random.Generator, plan: Plan, loans: Loans, claims: Claims, due: Ints, careless: Flags, path: Paths
) -> Payments:
    """What is paid of some claims, up to the last day."""
    loan, due_on = claims.loan[due], claims.due_on[due]
    minor = claims.ahead_minor[due] + claims.principal_minor[due]
    customer = loans.customer[loan]
    cured_on = path.cured_on[customer]
    missed = (due_on >= path.misses_from[customer]) & (due_on < cured_on)
    delay, in_parts = habits(draw, careless[customer])
    in_parts = np.where(missed, draw.random(len(due)) < PART_WHILE_MISSING, in_parts)
    settled_on = np.where(missed, cured_on + draw.integers(0, 4, len(due)), due_on + delay)
    part = np.where(in_parts, (minor * draw.uniform(0.2, 0.8, len(due))).astype(np.int64), 0)
    part_on = due_on + np.where(missed, draw.integers(0, 20, len(due)), 0)
    part_on = np.minimum(part_on, settled_on)
    stands_in = draw.random(len(due)) < GUARANTOR_PAYS
    stands_in &= (settled_on - due_on > GUARANTOR_AFTER_DAYS) & (loans.product[loan] == BUSINESS)
    rest = Payments(loan, settled_on, minor - part, np.where(stands_in, GUARANTOR, BORROWER))
    some = part > 0
    every = joined(rest, new_payments(loan[some], part_on[some], part[some], BORROWER))
    return every.where(every.paid_on <= plan.last)


def habits(draw: np.random.Generator, careless: Flags) -> tuple[Ints, Flags]:
    """Days late of each instalment in quiet times (negative: early), and whether a part of it comes on the day."""
    rows = len(careless)
    chance: Floats = draw.random(rows) / np.where(careless, CARELESS_FACTOR, 1)
    early = -EARLY_DAYS[draw.integers(0, len(EARLY_DAYS), rows)]
    few, many = draw.integers(1, 8, rows), draw.integers(8, 31, rows)
    late, later = chance < A_LITTLE_LATE + QUITE_LATE, chance < QUITE_LATE
    in_parts = (chance >= A_LITTLE_LATE + QUITE_LATE) & (chance < A_LITTLE_LATE + QUITE_LATE + IN_PARTS)
    return np.where(later, many, np.where(late | in_parts, few, early)), in_parts


def split(partner: int, paid_minor: Ints) -> tuple[Ints, Ints, Ints]:
    """Shares of funder, partner and guarantor; every third partner's payments are split as they come in."""
    nothing = np.zeros_like(paid_minor)
    if partner % 3 != 1:
        return paid_minor, nothing, nothing
    partners, guarantors = (paid_minor * bp // 10_000 for bp in (PARTNERS_BP, GUARANTORS_BP))
    return paid_minor - partners - guarantors, partners, guarantors


def named_by_bank(partner: int) -> bool:
    """Whether a payment channel names each repayment to the bank: of every third partner."""
    return partner % 3 == 2


def channels(plan: Plan, partner: int, rows: int) -> npt.NDArray[np.int64]:
    """How each payment was made."""
    return plan.stream("channels", partner).choice(len(CHANNELS), rows, p=CHANNEL_SHARES)
