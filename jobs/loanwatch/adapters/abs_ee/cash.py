"""Each month's money, laid on the schedule as `balance.loan_day` will lay it: what it restates, prepays, raises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from loanwatch.adapters.abs_ee.endings import Endings, balance_before
from loanwatch.adapters.abs_ee.schedule import Schedule
from loanwatch.adapters.abs_ee.tape import Flags, Ints, Tape


@dataclass(frozen=True)
class Month:
    """A month-end in cents: money by payer, a row a loan; and what it changes in the schedule.

    `touched` marks the instalments that money of the month went to; `interest` is theirs so far.
    """

    number: int
    by_borrower: Ints
    by_collateral: Ints
    touched: Flags
    interest: Ints
    prepaid: Ints
    prepaid_interest: Ints
    raised: Ints


@dataclass(frozen=True)
class Money:
    """All money by payer, how much of it is interest, and by how much balances rose: a row a loan, a column a month."""

    by_borrower: Ints
    by_collateral: Ints
    interest: Ints
    raised: Ints


def months(tape: Tape, ends: Endings, schedule: Schedule) -> Iterator[Month]:
    """The month-ends after the first, in order; each from what the file says up to it."""
    through = np.cumsum(schedule.amount, axis=1)
    regular = np.zeros(len(tape), np.int64)
    interest = np.zeros_like(schedule.amount)
    cash = money(tape, ends)
    for number in range(1, len(tape.month_ends)):
        by_borrower, by_collateral = cash.by_borrower[:, number], cash.by_collateral[:, number]
        paid, of_interest = by_borrower + by_collateral, cash.interest[:, number]
        taken = np.minimum(paid, credit(schedule, through, tape.month_ends[number]) - regular)
        after = covered(through, schedule.amount, regular + taken)
        part = after - covered(through, schedule.amount, regular)
        regular += taken
        here = np.clip(of_interest[:, None] - (np.cumsum(part, axis=1) - part), 0, part)
        interest = interest + here
        yield Month(
            number, by_borrower, by_collateral, part > 0, interest,
            prepaid=paid - taken, prepaid_interest=of_interest - here.sum(axis=1), raised=cash.raised[:, number],
        )  # fmt: skip


def money(tape: Tape, ends: Endings) -> Money:
    """What the file says was paid, and which of it reduced the balance; the rest is interest."""
    number = np.arange(len(tape.month_ends))
    on_book, lost = number <= ends.ended[:, None], number >= ends.written_off[:, None]
    paid = np.where(on_book, tape.paid, 0)
    recovered = np.where(lost, tape.recovered.clip(0), 0)
    proceeds = np.where(lost, tape.proceeds.clip(0), 0)
    before = balance_before(tape)
    fallen = np.where(on_book & ~lost, before - tape.balance, 0)
    principal = np.where(on_book & lost, tape.principal, fallen).clip(0)
    owed = np.where(on_book & lost, before - principal, 0).sum(axis=1)
    principal = principal + up_to(owed, recovered + proceeds)
    return Money(paid + recovered, proceeds, (paid + recovered + proceeds - principal).clip(0), (-fallen).clip(0))


def up_to(owed: Ints, paid: Ints) -> Ints:
    """How much of each month's money the debt takes, until nothing is owed: recoveries may exceed the principal."""
    through = np.minimum(np.cumsum(paid, axis=1), owed[:, None])
    return np.diff(through, axis=1, prepend=0)


def credit(schedule: Schedule, through: Ints, month_end: np.datetime64) -> Ints:
    """How much regular money a loan can have taken by then: all that is due and the one instalment after it."""
    due = (schedule.due_on <= month_end).sum(axis=1)
    last = np.minimum(due, schedule.amount.shape[1] - 1)
    return np.asarray(through[np.arange(len(due)), last])


def covered(through: Ints, amount: Ints, paid: Ints) -> Ints:
    """How much of each instalment the money covers, earlier ones first."""
    return np.clip(paid[:, None] - (through - amount), 0, amount)
