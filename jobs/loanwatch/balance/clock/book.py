"""What the clock works on: rows of many loans, each array sorted by loan. Days are `date.toordinal`: never negative."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Self

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

FEE, INTEREST, PRINCIPAL = 0, 1, 2
REPLACED, MOVED, TECHNICAL = 0, 1, 2
DAY_BITS = 22  # a loan's place and a day in one sortable key
NEVER = (1 << DAY_BITS) - 1  # after 9999-12-31
UNIX = date(1970, 1, 1).toordinal()  # what Arrow and numpy count from


def key_of(loan: Ints, day: Ints) -> Ints:
    """Loans and days as keys that sort by both."""
    return loan << DAY_BITS | day


def loan_of(key: Ints) -> Ints:
    return key >> DAY_BITS


def day_of(key: Ints) -> Ints:
    return key & NEVER


@dataclass(frozen=True)
class Rows:
    """Arrays of one length; the first, `loan`, is the loan's place in the book."""

    loan: Ints

    def __len__(self) -> int:
        return len(self.loan)

    def where(self, rows: Flags | Ints) -> Self:
        return replace(self, **{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def and_(self, other: Self) -> Self:
        """These rows, then the others."""
        both = {field.name: (getattr(self, field.name), getattr(other, field.name)) for field in fields(self)}
        return replace(self, **{name: np.concatenate(arrays) for name, arrays in both.items()})


@dataclass(frozen=True)
class Claims(Rows):
    """What is asked for, a row per component of an instalment, or per charge (`number` -1).

    `schedule` is the schedule it belongs to, a charge's is -1; `asked_on` the day it was agreed or charged.
    `due` is where events have moved it, `effective` an open day; `amount` is what earlier epochs left of `asked`.
    """

    schedule: Ints
    number: Ints
    component: Ints
    asked_on: Ints
    due: Ints
    effective: Ints
    asked: Ints
    amount: Ints


@dataclass(frozen=True)
class Events(Rows):
    """What changes claims, in the order in which it happens.

    REPLACED: from `day` on `schedule` binds. MOVED: what is due `first` to `last` is due on `target`.
    TECHNICAL: what is due `first` to `last` has a technical cause.
    """

    day: Ints
    kind: Ints
    first: Ints
    last: Ints
    target: Ints
    schedule: Ints


@dataclass(frozen=True)
class Money:
    """Money that came in to stay, cumulated a loan."""

    key: Ints
    total: Ints

    @classmethod
    def of(cls, loan: Ints, day: Ints, amount: Ints) -> Money:
        """From payments in any order; a negative one takes back the latest money before it."""
        key, place = np.unique(key_of(loan, day), return_inverse=True)
        by_day = np.zeros(len(key), np.int64)
        np.add.at(by_day, place, amount)
        total = cumulated(loan_of(key), by_day)
        return cls(key, _stayed(loan_of(key), total))

    def until(self, loan: Ints, day: Ints) -> Ints:
        """What had come in by the end of the day."""
        return latest(self.key, self.total, key_of(loan, day))


def latest(known: Ints, total: Ints, key: Ints) -> Ints:
    """The running total of each key's loan by its day, 0 before the first; `known` are the sorted keys of `total`."""
    if not len(known):
        return np.zeros(len(key), np.int64)
    at = np.searchsorted(known, key, "right") - 1
    return np.where((at >= 0) & (loan_of(known[at]) == loan_of(key)), total[at], 0)


def cumulated(loan: Ints, amount: Ints) -> Ints:
    """Running sums of rows sorted by loan, each loan's from its own zero."""
    if not len(loan):
        return amount
    running = np.cumsum(amount)
    first = np.flatnonzero(np.r_[True, loan[1:] != loan[:-1]])
    before = (running[first] - amount[first])[np.searchsorted(first, np.arange(len(loan)), "right") - 1]
    return running - before


def _stayed(loan: Ints, total: Ints) -> Ints:
    """The least of this and all later totals of a loan, never below zero: only where money was taken back it differs."""
    if not len(loan):
        return total
    stayed = np.maximum(total, 0)
    falls = (loan[1:] == loan[:-1]) & (total[1:] < total[:-1])
    for one in np.unique(np.r_[loan[1:][falls], loan[total < 0]]):
        rows = slice(*np.searchsorted(loan, [one, one + 1]))
        stayed[rows] = np.maximum(np.minimum.accumulate(total[rows][::-1])[::-1], 0)
    return stayed
