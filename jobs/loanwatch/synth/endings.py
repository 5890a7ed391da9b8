"""How loans leave the ordinary way: repaid early or by a new loan, written off, or taken over by a partner that compensates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loanwatch.synth.allocation import Allocation, paid_before
from loanwatch.synth.arrears import Unpaid, first_past_due
from loanwatch.synth.claims import Claims
from loanwatch.synth.contracts import Loans
from loanwatch.synth.paths import waiting_days
from loanwatch.synth.payments import BORROWER, PARTNER, Payments, joined, new_payments
from loanwatch.synth.plan import NEVER, Ints, Plan

SETTLED_A_YEAR = 0.07
SETTLED_AFTER_DAYS = 60
COMPENSATED_AT_DAYS = 80
WRITTEN_OFF_AT_DAYS = (200, 400)
WRITTEN_OFF = 0.4  # of those that stay past due so long


@dataclass(frozen=True)
class Ends:
    """Per loan the day of each way to end; NEVER if none."""

    settled_on: Ints
    written_off_on: Ints
    compensated_on: Ints

    @property
    def first(self) -> Ints:
        """The day from which the borrower pays no more."""
        return np.minimum(np.minimum(self.settled_on, self.written_off_on), self.compensated_on)


@dataclass(frozen=True)
class Endings:
    """The days on which loans end, amounts in minor units, and all payments then made.

    `left_minor` is what was owed when the loan was settled (with what had fallen due, fees and interest), or its balance
    when it was written off; `arrears_minor` what the partner took over.
    """

    settled_on: Ints
    written_off_on: Ints
    compensated_on: Ints
    left_minor: Ints
    arrears_minor: Ints
    payments: Payments


def ends(
    plan: Plan, loans: Loans, allocation: Allocation, payments: Payments, arrears: Unpaid, leaves_on: Ints, compensates: bool
) -> Ends:
    """When each loan ends, given what its borrower would pay and when it is to be settled."""
    written_off_on, compensated_on = np.full((2, len(loans)), NEVER)
    if compensates:
        compensated_on = compensations(plan, arrears, len(loans))
    else:
        written_off_on = write_offs(plan, loans, arrears)
    stopped_on = np.minimum(written_off_on, compensated_on)
    settled_on = settlements(plan, loans, allocation, payments, stopped_on, leaves_on)
    return Ends(settled_on, *(np.where(settled_on < NEVER, NEVER, day) for day in (written_off_on, compensated_on)))


def endings(plan: Plan, loans: Loans, allocation: Allocation, payments: Payments, ends: Ends) -> Endings:
    """What becomes of each loan; `allocation` and `payments` know of the late fees."""
    ended_on = ends.first
    paid = paid_before(payments, ended_on)
    principal = allocation.covered_principal(np.arange(len(loans)), paid)
    balance = loans.principal_minor - principal
    before = due_before(allocation.claims, allocation.claims.ahead_minor, ends.settled_on)
    left = balance + np.maximum(before - (paid - principal), 0)
    arrears = np.maximum(due_before(allocation.claims, allocation.claims.due_minor, ends.compensated_on + 1) - paid, 0)
    settled = np.flatnonzero(ends.settled_on < NEVER)
    kept = payments.where(payments.paid_on < ended_on[payments.loan])
    last = new_payments(settled, ends.settled_on[settled], left[settled], BORROWER)
    return Endings(
        ends.settled_on, ends.written_off_on, ends.compensated_on, left, arrears,
        joined(kept, last, partners_payments(plan, allocation.claims, ends.compensated_on, arrears)),
    )  # fmt: skip


def compensations(plan: Plan, arrears: Unpaid, loans: int) -> Ints:
    """The day on which the partner takes over."""
    day = first_past_due(arrears, COMPENSATED_AT_DAYS, loans)
    return np.where(day <= plan.last, day, NEVER)


def write_offs(plan: Plan, loans: Loans, arrears: Unpaid) -> Ints:
    """Write-offs of some of the loans that have been past due for long; how long is the partner's policy."""
    draw = plan.stream("write_offs", loans.partner)
    patience = int(draw.integers(*WRITTEN_OFF_AT_DAYS))
    day = first_past_due(arrears, patience, len(loans))
    return np.where((day <= plan.last) & (draw.random(len(loans)) < WRITTEN_OFF), day, NEVER)


def leaving_days(plan: Plan, loans: Loans) -> Ints:
    """The day on which each loan is to be repaid early: by a new loan, or else by its borrower."""
    draw = plan.stream("settlements", loans.partner)
    day = loans.opened_on + SETTLED_AFTER_DAYS + waiting_days(draw, SETTLED_A_YEAR, len(loans))
    day[loans.renewals.loan] = loans.renewals.on
    return day


def settlements(
    plan: Plan, loans: Loans, allocation: Allocation, payments: Payments, stopped_on: Ints, day: Ints
) -> Ints:
    """Repayments in full: of loans that still owe something and are not past due, or are meant to be repaid when they are."""
    claims = allocation.claims
    row = allocation.next_claim(np.arange(len(loans)), paid_before(payments, day))
    owes = row < claims.first[1:]
    fits = claims.due_on[np.where(owes, row, 0)] >= day
    fits[loans.renewals.loan[loans.renewals.past_due]] = True
    happens = owes & fits & (day <= plan.last) & (day < stopped_on) & (day > loans.opened_on)
    return np.where(happens, day, NEVER)


def due_before(claims: Claims, minor: Ints, day: Ints) -> Ints:
    """Per loan, the sum of what fell due before its day, minor units; 0 where the day is NEVER."""
    due = (claims.due_on < day[claims.loan]) & (day[claims.loan] < NEVER)
    return np.bincount(claims.loan[due], minor[due], len(day)).astype(np.int64)


def partners_payments(plan: Plan, claims: Claims, compensated_on: Ints, arrears: Ints) -> Payments:
    """What the partner pays: all arrears on the day it takes over, then every instalment on its due date."""
    loan = np.flatnonzero(compensated_on < NEVER)
    taken_over = new_payments(loan, compensated_on[loan], arrears[loan], PARTNER)
    later = np.flatnonzero((claims.due_on > compensated_on[claims.loan]) & (claims.due_on <= plan.last))
    return joined(taken_over, new_payments(claims.loan[later], claims.due_on[later], claims.due_minor[later], PARTNER))
