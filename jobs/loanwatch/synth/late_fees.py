"""Late fees: what some partners charge once on an instalment that is unpaid for some days.

Whoever pays the instalment pays its fee with it; a fee on what is moved to a later date is paid on the day after the move.
So a fee never changes on which day an instalment is paid in full.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from loanwatch.synth.allocation import Allocation
from loanwatch.synth.arrears import Unpaid
from loanwatch.synth.claims import Claims
from loanwatch.synth.contracts import Loans
from loanwatch.synth.payments import BORROWER, Payments, joined, new_payments
from loanwatch.synth.plan import Ints, Plan

AFTER_DAYS = (3, 5, 7, 10)  # fewer than a month has: a fee comes before the next instalment
FEE_BP = (100, 400)  # of the instalment
ROUND_MINOR, LEAST_MINOR = 100, 500


@dataclass(frozen=True)
class LateFees:
    """The fees of one partner, a row each, by loan and day; due on the day on which they are charged."""

    loan: Ints
    charged_on: Ints
    minor: Ints


def charges_late_fees(partner: int) -> bool:
    """Whether a partner charges late fees: two of three do."""
    return partner % 3 != 2


def late_fees(
    plan: Plan, loans: Loans, allocation: Allocation, payments: Payments, arrears: Unpaid, ended_on: Ints
) -> tuple[LateFees, Payments]:
    """The fees up to each loan's end, and all payments with the fees in them.

    `allocation` and `payments` know of no fees yet; `arrears` are its claims, then what was past due when it was moved.
    """
    nothing = np.empty(0, np.int64)
    if not charges_late_fees(loans.partner):
        return LateFees(nothing, nothing, nothing), payments
    draw = plan.stream("late fees", loans.partner)
    after, bp = int(draw.choice(AFTER_DAYS)), int(draw.integers(*FEE_BP))
    charged_on = arrears.due_on + after
    rows = np.flatnonzero(
        (arrears.until > charged_on) & (charged_on <= plan.last) & (charged_on < ended_on[arrears.loan])
    )
    late, minor = arrears.where(rows), fee(arrears.minor[rows], bp)
    claimed = rows < len(allocation.claims)
    found, at = allocation.covered_by(payments, rows[claimed])
    paid_minor = payments.paid_minor.copy()
    np.add.at(paid_minor, at[found], minor[claimed][found])
    moved = late.where(~claimed)
    after_move = new_payments(moved.loan, moved.until + 1, minor[~claimed], BORROWER)
    order = np.lexsort((late.due_on, late.loan))
    fees = LateFees(late.loan[order], charged_on[rows][order], minor[order])
    every = joined(replace(payments, paid_minor=paid_minor), after_move)
    return fees, every.where(every.paid_on <= plan.last)


def fee(minor: Ints, bp: int) -> Ints:
    """The fee on so much that is unpaid, in whole yuan."""
    return np.maximum(minor * bp // 10_000 // ROUND_MINOR * ROUND_MINOR, LEAST_MINOR)


def with_fees(claims: Claims, fees: LateFees) -> Claims:
    """The claims and the fees."""
    if not len(fees.loan):
        return claims
    nothing = np.zeros(len(fees.loan), np.int64)
    return claims.without(np.zeros(len(claims), bool), fees.loan, fees.charged_on, fees.minor, nothing)
