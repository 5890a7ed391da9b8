"""From months late to schedules and money: what makes `balance.loan_day` show what a file's status says.

Many files tell at each month-end how late a loan is, and neither when an instalment fell due nor what paid it. Here each
month of a loan asks for one instalment on the same day of the month, and a status says *the last month that is paid*: the
oldest unpaid instalment is that of the month after. What a later month-end changes is sent again: instalments that money
has made up get the principal that was paid; an instalment that turns out unpaid after all is asked for again, its money
goes to the last one that is paid. Nothing of a later month is in an earlier delivery.

The balance is the file's: the principal of the loan is what was paid plus what the file says is owed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
NONE = -1  # no instalment in that month


@dataclass(frozen=True)
class MonthEnd:
    """What a file says at a month-end, an element a loan that it speaks of; months are counted from the book's first.

    `paid_through` is the last month that is paid. `paid` is the principal paid in the month; None = what is made up was
    paid as it was asked for. `asked` and `interest` are what an unpaid instalment asks for, principal and interest.
    `regular`: every month has an instalment, that of the next month is known; else a month has one only while unpaid, or
    when money came in. `forgiven`: what is made up is so by new terms, not by money.
    """

    month: int
    loan: Ints
    paid_through: Ints
    paid: Ints | None
    asked: Ints
    interest: Ints
    regular: Flags
    forgiven: Flags


@dataclass(frozen=True)
class Instalments:
    """Instalments, a row each: the newest word on loan and month."""

    loan: Ints
    month: Ints
    principal: Ints
    interest: Ints


@dataclass
class Schedules:
    """The loans of a book through its months; `first` is the earliest month to which a status reaches back (0 or below)."""

    loans: int
    first: int
    last: int
    through: Ints = field(init=False)
    paid_principal: Ints = field(init=False)
    _principal: Ints = field(init=False)
    _interest: Ints = field(init=False)

    def __post_init__(self) -> None:
        shape = (self.loans, self.last - self.first + 2)  # one month ahead
        self._principal, self._interest = np.full(shape, NONE), np.zeros(shape, np.int64)
        self.through = np.full(self.loans, self.first - 1)
        self.paid_principal = np.zeros(self.loans, np.int64)

    def month_end(self, told: MonthEnd) -> tuple[Instalments, Ints]:
        """The instalments that a month-end adds or changes, and the money of its month, an element a loan it speaks of."""
        known = self.through[told.loan] >= self.first
        before = np.where(known, self.through[told.loan], told.paid_through)
        undone, moved = self._undo(told, before)
        made_up, principal, interest = self._make_up(told, before)
        extra = np.where((made_up[2] > 0) | told.forgiven, 0, 0 if told.paid is None else told.paid)
        added = self._add(told, extra + moved[0], moved[1])
        asked = self._ask(told)
        self.through[told.loan] = told.paid_through
        self.paid_principal[told.loan] += principal + extra
        touched = [undone, made_up[:2], added, asked]
        return self._of(told, touched), principal + interest + extra

    def _undo(self, told: MonthEnd, before: Ints) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
        """Instalments that were paid and are not any more, asked for again; what had been paid on them, by loan."""
        which, month = self._existing(told, told.paid_through + 1, before)
        at = self._at(told, which, month)
        moved = self._sum(told, which, self._principal[at]), self._sum(told, which, self._interest[at])
        self._principal[at], self._interest[at] = told.asked[which], told.interest[which]
        return (which, month), moved

    def _make_up(self, told: MonthEnd, before: Ints) -> tuple[tuple[Ints, Ints, Ints], Ints, Ints]:
        """Instalments that are paid now; how many a loan; the principal and interest in them."""
        regular = np.where(told.regular, before + 1, told.paid_through + 1)
        self._fill(told, regular, told.paid_through)
        which, month = self._existing(told, before + 1, told.paid_through)
        at, many = self._at(told, which, month), np.bincount(which, minlength=len(told.loan))
        if told.paid is not None:
            place = np.arange(len(which)) - (np.cumsum(many) - many)[which]
            paid, among = np.where(told.forgiven, 0, told.paid)[which], many[which]
            self._principal[at] = paid * (place + 1) // among - paid * place // among
        self._interest[at] = np.where(told.forgiven[which], 0, self._interest[at])
        principal, interest = self._sum(told, which, self._principal[at]), self._sum(told, which, self._interest[at])
        return (which, month, many), principal, interest

    def _add(self, told: MonthEnd, principal: Ints, interest: Ints) -> tuple[Ints, Ints]:
        """Money that makes up no instalment is part of the last one that is paid."""
        which = np.flatnonzero(principal + interest > 0)
        at = self._at(told, which, told.paid_through[which])
        self._principal[at] = np.maximum(self._principal[at], 0) + principal[which]
        self._interest[at] += interest[which]
        return which, told.paid_through[which]

    def _ask(self, told: MonthEnd) -> tuple[Ints, Ints]:
        """Instalments of unpaid months; of the next month too, where every month has one."""
        ahead = told.regular & (told.asked + told.interest > 0)
        return self._fill(told, told.paid_through + 1, told.month + ahead)

    def _fill(self, told: MonthEnd, first: Ints, last: Ints) -> tuple[Ints, Ints]:
        """Ask for an instalment in each month that has none."""
        which, month = spans(first, last)
        new = self._principal[self._at(told, which, month)] == NONE
        which, month = which[new], month[new]
        at = self._at(told, which, month)
        self._principal[at], self._interest[at] = told.asked[which], told.interest[which]
        return which, month

    def _existing(self, told: MonthEnd, first: Ints, last: Ints) -> tuple[Ints, Ints]:
        which, month = spans(first, last)
        there = self._principal[self._at(told, which, month)] > NONE
        return which[there], month[there]

    def _at(self, told: MonthEnd, which: Ints, month: Ints) -> tuple[Ints, Ints]:
        return told.loan[which], month - self.first

    def _sum(self, told: MonthEnd, which: Ints, amount: Ints) -> Ints:
        total = np.zeros(len(told.loan), np.int64)
        np.add.at(total, which, amount)
        return total

    def _of(self, told: MonthEnd, touched: list[tuple[Ints, Ints]]) -> Instalments:
        which, month = (np.concatenate(part) for part in zip(*touched, strict=True))
        width = self._principal.shape[1]
        place = np.unique(which * width + (month - self.first))
        which, month = place // width, place % width + self.first
        at = self._at(told, which, month)
        return Instalments(told.loan[which], month, self._principal[at], self._interest[at])


def spans(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Every month from first to last: which element it is of, and the month."""
    many = (last - first + 1).clip(0)
    which = np.repeat(np.arange(len(many)), many)
    return which, np.arange(len(which)) - (np.cumsum(many) - many)[which] + first[which]
