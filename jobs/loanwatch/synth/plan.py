"""What was asked for, and where its randomness comes from.

Days are numbers everywhere in this package: days since 1970-01-01, as Arrow's date32 counts them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from zlib import crc32

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Say = Callable[[str], None]

EPOCH = date(1970, 1, 1)
NEVER = 1_000_000  # a day beyond every calendar that we write


@dataclass(frozen=True)
class Plan:
    """The arguments of a synthetic book; everything else follows from them."""

    loans: int
    days: int
    seed: int
    start: date
    faults: bool = False

    @property
    def first(self) -> int:
        """The first business date, which also carries the history."""
        return day_number(self.start)

    @property
    def last(self) -> int:
        return self.first + self.days - 1

    @property
    def business_days(self) -> range:
        return range(self.first, self.last + 1)

    def stream(self, *names: str | int) -> np.random.Generator:
        """Random numbers of one purpose: another purpose that draws more or less does not move them."""
        words = [crc32(str(name).encode()) for name in names]
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.seed, *words])))


def day_number(day: date) -> int:
    return (day - EPOCH).days


def as_date(day: int) -> date:
    return EPOCH + timedelta(days=int(day))


def months_later(day: Ints, months: Ints) -> Ints:
    """The same day of the month, so many months later; the month's last day where it is too short."""
    start = day.astype("datetime64[D]")
    month = start.astype("datetime64[M]")
    day_of_month = (start - month.astype("datetime64[D]")).astype(np.int64)
    target = month + months
    first = target.astype("datetime64[D]").astype(np.int64)
    length = (target + 1).astype("datetime64[D]").astype(np.int64) - first
    return np.asarray(first + np.minimum(day_of_month, length - 1), dtype=np.int64)


def month_of(day: Ints) -> Ints:
    """Months since 1970-01."""
    return np.asarray(day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64))


def first_of(month: Ints) -> Ints:
    """The first day of a month that is counted from 1970-01."""
    return np.asarray(month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))
