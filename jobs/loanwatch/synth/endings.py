"""How loans leave the ordinary way: repaid early, written off, or taken over by a partner that compensates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loanwatch.synth.allocation import Allocation, first_past_due, paid_before
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
class Endings:
    """Per loan the day of each way to end (NEVER if none), and amounts in minor units; and all payments then made.

    `left_minor` is the balance when the loan was settled or written off, `arrears_minor` what the partner took over.
    """

    settled_on: Ints
    written_off_on: Ints
    compensated_on: Ints
    left_minor: Ints
    arrears_minor: Ints
    payments: Payments


def endings(plan: Plan, loans: Loans, allocation: Allocation, payments: Payments, compensates: bool) -> Endings:
    """What becomes of each loan, given what its borrower would pay."""
    covered_on = allocation.covered_on(payments)
    written_off_on, compensated_on = np.full((2, len(loans)), NEVER)
    if compensates:
        compensated_on = compensations(plan, allocation, covered_on)
    else:
        written_off_on = write_offs(plan, loans, allocation, covered_on)
    stopped_on = np.minimum(written_off_on, compensated_on)
    settled_on = settlements(plan, loans, allocation, payments, stopped_on)
    stopped_on, written_off_on, compensated_on = (
        np.where(settled_on < NEVER, NEVER, day) for day in (stopped_on, written_off_on, compensated_on)
    )
    ended_on = np.minimum(stopped_on, settled_on)
    paid = paid_before(payments, ended_on)
    balance = loans.principal_minor - allocation.covered_principal(np.arange(len(loans)), paid)
    arrears = np.maximum(due_by(allocation, compensated_on) - paid, 0)
    settled = np.flatnonzero(settled_on < NEVER)
    kept = payments.where(payments.paid_on < ended_on[payments.loan])
    last = new_payments(settled, settled_on[settled], balance[settled], BORROWER)
    return Endings(
        settled_on, written_off_on, compensated_on, balance, arrears,
        joined(kept, last, partners_payments(plan, allocation, compensated_on, arrears)),
    )  # fmt: skip


def compensations(plan: Plan, allocation: Allocation, covered_on: Ints) -> Ints:
    """The day on which the partner takes over."""
    day = first_past_due(allocation.schedule, covered_on, COMPENSATED_AT_DAYS)
    return np.where(day <= plan.last, day, NEVER)


def write_offs(plan: Plan, loans: Loans, allocation: Allocation, covered_on: Ints) -> Ints:
    """Write-offs of some of the loans that have been past due for long; how long is the partner's policy."""
    draw = plan.stream("write_offs", loans.partner)
    patience = int(draw.integers(*WRITTEN_OFF_AT_DAYS))
    day = first_past_due(allocation.schedule, covered_on, patience)
    return np.where((day <= plan.last) & (draw.random(len(loans)) < WRITTEN_OFF), day, NEVER)


def settlements(plan: Plan, loans: Loans, allocation: Allocation, payments: Payments, stopped_on: Ints) -> Ints:
    """Early repayments in full: only of loans that are not past due and still owe something not yet due."""
    draw = plan.stream("settlements", loans.partner)
    day = loans.opened_on + SETTLED_AFTER_DAYS + waiting_days(draw, SETTLED_A_YEAR, len(loans))
    renewed = np.flatnonzero(loans.refinances >= 0)
    day[loans.refinances[renewed]] = loans.opened_on[renewed]
    row = allocation.next_instalment(np.arange(len(loans)), paid_before(payments, day))
    owes = row < allocation.schedule.first[1:]
    in_time = allocation.schedule.due_on[np.where(owes, row, 0)] >= day
    happens = owes & in_time & (day <= plan.last) & (day < stopped_on) & (day > loans.opened_on)
    return np.where(happens, day, NEVER)


def due_by(allocation: Allocation, day: Ints) -> Ints:
    """Per loan, all that fell due up to its day, minor units; 0 where the day is NEVER."""
    schedule = allocation.schedule
    due = (schedule.due_on <= day[schedule.loan]) & (day[schedule.loan] < NEVER)
    minor = schedule.principal_minor + schedule.interest_minor
    return np.bincount(schedule.loan[due], minor[due], len(day)).astype(np.int64)


def partners_payments(plan: Plan, allocation: Allocation, compensated_on: Ints, arrears: Ints) -> Payments:
    """What the partner pays: all arrears on the day it takes over, then every instalment on its due date."""
    schedule, loan = allocation.schedule, np.flatnonzero(compensated_on < NEVER)
    taken_over = new_payments(loan, compensated_on[loan], arrears[loan], PARTNER)
    later = np.flatnonzero((schedule.due_on > compensated_on[schedule.loan]) & (schedule.due_on <= plan.last))
    minor = schedule.principal_minor[later] + schedule.interest_minor[later]
    return joined(taken_over, new_payments(schedule.loan[later], schedule.due_on[later], minor, PARTNER))
