"""Rows of the feeds that go on month by month: instalment, repayment, loan_event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from loanwatch.adapters.abs_ee import contracts
from loanwatch.adapters.abs_ee.cash import Month
from loanwatch.adapters.abs_ee.endings import NEVER, Endings, balance_before
from loanwatch.adapters.abs_ee.schedule import Schedule
from loanwatch.adapters.abs_ee.tape import Days, Ints, Tape

BEFORE, FIRST_MONTH, UNPAID = 1, 2, 3
PREPAID, RAISED = 1000, 2000
"""instalment_no: before the first report, paid in its month, unpaid ones from 3; prepaid and raised by month."""


@dataclass(frozen=True)
class Book:
    """The tape and what is derived from it once."""

    tape: Tape
    ends: Endings
    schedule: Schedule

    @property
    def opening(self) -> Ints:
        """What each loan owed before the first reported month."""
        return balance_before(self.tape)[:, 0]

    @property
    def before(self) -> np.datetime64:
        """The day before the first reported month."""
        first_of_month = self.tape.month_ends[0].astype("datetime64[M]").astype("datetime64[D]")
        return np.datetime64(first_of_month - np.timedelta64(1, "D"))


@dataclass(frozen=True)
class Instalments:
    """Instalments of the one schedule that each loan has, an element an instalment; amounts include interest."""

    loan: Ints
    number: Ints
    agreed_on: Days
    due_on: Days
    amount: Ints
    interest: Ints

    def table(self, book: Book) -> pa.Table:
        """The rows of the feed; instalments of nothing are left out."""
        rows = np.flatnonzero(self.amount > 0)
        return pa.table({
            "loan_id": pa.array(book.tape.loan_ids[self.loan[rows]], pa.string()),
            "schedule_no": pa.array(np.ones(len(rows), np.int32)),
            "instalment_no": pa.array(self.number[rows].astype(np.int32)),
            "agreed_on": self.agreed_on[rows],
            "due_on": self.due_on[rows],
            "principal_minor": (self.amount - self.interest)[rows],
            "interest_minor": self.interest[rows],
        })  # fmt: skip


def first_instalments(book: Book) -> pa.Table:
    """The schedule at the first month-end: what was repaid before, what the month paid, what is unpaid."""
    tape, schedule = book.tape, book.schedule
    loans, agreed = np.arange(len(tape)), contracts.originated(tape)
    fallen = book.opening - tape.balance[:, 0]
    # Money of the first month went to instalments due no later than the oldest that is still unpaid.
    month_due = np.minimum(schedule.in_month(tape.month_ends[0]), schedule.due_on[:, 0])
    repaid = contracts.principal_at_start(tape) - book.opening
    nothing = np.zeros(len(tape), np.int64)
    of_interest = (tape.paid[:, 0] - fallen).clip(0)
    before, month = np.full_like(loans, BEFORE), np.full_like(loans, FIRST_MONTH)
    return pa.concat_tables([
        Instalments(loans, before, agreed, np.minimum(book.before, month_due), repaid, nothing).table(book),
        Instalments(loans, month, agreed, month_due, tape.paid[:, 0], of_interest).table(book),
        unpaid(book, np.ones_like(schedule.amount, bool), schedule.interest),
    ])  # fmt: skip


def unpaid(book: Book, where: npt.NDArray[np.bool_], interest: Ints) -> pa.Table:
    """Marked instalments of the schedule, with this split of their amount."""
    loan, column = np.nonzero(where)
    at, schedule = (loan, column), book.schedule
    agreed = contracts.originated(book.tape)[loan]
    due_on, amount = schedule.due_on[at], schedule.amount[at]
    return Instalments(loan, column + UNPAID, agreed, due_on, amount, interest[at]).table(book)


def month_instalments(book: Book, month: Month) -> pa.Table:
    """What the month's money restates, prepays, and by how much the principal rose."""
    loans, ends = np.arange(len(book.tape)), book.tape.month_ends[month.number]
    today, number = np.full(len(loans), ends), np.full(len(loans), month.number)
    paid_on, matures = book.schedule.in_month(ends), contracts.matures(book.tape, book.schedule)
    return pa.concat_tables([
        unpaid(book, month.touched, month.interest),
        Instalments(loans, PREPAID + number, paid_on, paid_on, month.prepaid, month.prepaid_interest).table(book),
        Instalments(loans, RAISED + number, today, matures, month.raised, np.zeros_like(month.raised)).table(book),
    ])  # fmt: skip


def first_repayments(book: Book) -> pa.Table:
    """What was repaid before the first report, in one sum, and the money of its month."""
    tape = book.tape
    repaid = contracts.principal_at_start(tape) - book.opening
    paid_on = book.schedule.in_month(tape.month_ends[0])
    return pa.concat_tables([
        _repayment(book, np.full(len(tape), book.before), repaid, "borrower", "opening"),
        _repayment(book, paid_on, tape.paid[:, 0], "borrower", "0"),
    ])  # fmt: skip


def repayment(book: Book, month: Month) -> pa.Table:
    """The month's money by payer, dated on the due day: the file has months, not days."""
    paid_on = book.schedule.in_month(book.tape.month_ends[month.number])
    return pa.concat_tables([
        _repayment(book, paid_on, month.by_borrower, "borrower", str(month.number)),
        _repayment(book, paid_on, month.by_collateral, "collateral", f"{month.number}.proceeds"),
    ])  # fmt: skip


def _repayment(book: Book, paid_on: Days, paid: Ints, payer: str, what: str) -> pa.Table:
    which = np.flatnonzero(paid > 0)
    numbers = book.tape.fields["assetNumber"].iloc[which]
    return pa.table({
        "repayment_id": pa.array([f"{number}.{what}" for number in numbers], pa.string()),
        "paid_on": paid_on[which],
        "loan_id": pa.array(book.tape.loan_ids[which], pa.string()),
        "paid_minor": paid[which],
        "payer": pa.array([payer] * len(which), pa.string()),
    })  # fmt: skip


def loan_event(book: Book, number: int) -> pa.Table:
    """What became of loans in the month: settled, written off (with what is owed), vehicle sold, first extended."""
    tape, ends = book.tape, book.ends
    before, proceeds = balance_before(tape)[:, number], tape.proceeds[:, number]
    lost = ends.written_off < NEVER
    extended = tape.fields["paymentExtendedNumber"].to_numpy(float) > 0
    return pa.concat_tables([
        _event(book, number, "settled", ends.settled == number, before),
        _event(book, number, "write_off", ends.written_off == number, before - tape.principal[:, number].clip(0)),
        _event(book, number, "repossession", (ends.repossessed == number) & lost, proceeds),
        _event(book, number, "extension", extended & (number == 0), None),
    ])  # fmt: skip


def _event(book: Book, number: int, kind: str, where: npt.NDArray[np.bool_], amount: Ints | None) -> pa.Table:
    which = np.flatnonzero(where)
    return pa.table({
        "event_id": pa.array([f"{asset}.{kind}" for asset in book.tape.fields["assetNumber"].iloc[which]], pa.string()),
        "happened_on": np.full(len(which), book.tape.month_ends[number]),
        "loan_id": pa.array(book.tape.loan_ids[which], pa.string()),
        "kind": pa.array([kind] * len(which), pa.string()),
        "amount_minor": pa.nulls(len(which), pa.int64()) if amount is None else pa.array(amount[which]),
    })  # fmt: skip
