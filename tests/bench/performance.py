"""How well something that is raised on loans warns of what becomes of them, with intervals by bootstrap over customers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Numbers: TypeAlias = npt.NDArray[np.float64]

DRAWS, SEED = 400, 1
WITHIN = (5, 95)  # percentiles: 90 % of the draws


@dataclass(frozen=True)
class Interval:
    """A figure and the 90 % interval around it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Figures:
    """What raising on some loan-months is worth.

    `caught` is the share of loan-months followed by the event that are among those raised, `warned` that of the events
    with one raised within the horizon before, `lead` the median of months from the first of the unbroken run of raised
    month-ends to the event.
    """

    alerts_a_month: float
    precision: Interval
    caught: Interval
    warned: Interval
    lead: Interval


@dataclass(frozen=True)
class Panel:
    """Loan-months of which it is known whether the event follows within the horizon, ordered by loan and month.

    `loan` numbers the loans from 0, `month` counts months, `event` is the month of the next event where one follows.
    """

    loan: Ints
    month: Ints
    follows: Flags
    event: Ints
    _weights: Numbers = field(init=False)

    def __post_init__(self) -> None:
        loans = int(self.loan.max()) + 1
        drawn = np.random.default_rng(SEED).multinomial(loans, np.full(loans, 1 / loans), size=DRAWS)
        object.__setattr__(self, "_weights", drawn.astype(np.float64))

    def measure(self, raised: Flags) -> Figures:
        """The figures of what is raised on these loan-months."""
        hits = self._by_loan(raised & self.follows)
        warned_of, lead = self._events(raised)
        months = len(np.unique(self.month))
        return Figures(
            float(raised.sum()) / months,
            self._ratio(hits, self._by_loan(raised)),
            self._ratio(hits, self._by_loan(self.follows)),
            self._ratio(self._count(warned_of), self._count(self._events(self.follows)[0])),
            self._median(lead, warned_of),
        )

    @property
    def _loans(self) -> int:
        return self._weights.shape[1]

    def _by_loan(self, rows: Flags) -> Ints:
        return self._count(self.loan[rows])

    def _count(self, loans: Ints) -> Ints:
        return np.bincount(loans, minlength=self._loans)

    def _events(self, raised: Flags) -> tuple[Ints, Ints]:
        """Each event with something raised within the horizon before it: its loan, and the lead in months."""
        place = np.arange(len(raised))
        goes_on = np.zeros(len(raised), bool)
        goes_on[1:] = (self.loan[1:] == self.loan[:-1]) & (self.month[1:] == self.month[:-1] + 1) & raised[:-1] & raised[1:]
        began = np.maximum.accumulate(np.where(goes_on, 0, place))
        rows = np.flatnonzero(raised & self.follows)
        key = self.loan[rows] * (int(self.event.max(initial=0)) + 1) + self.event[rows]
        events, of = np.unique(key, return_inverse=True)
        lead = np.zeros(len(events), np.int64)
        np.maximum.at(lead, of, self.event[rows] - self.month[began[rows]])
        loan = np.zeros(len(events), np.int64)
        loan[of] = self.loan[rows]
        return loan, lead

    def _ratio(self, part: Ints, whole: Ints) -> Interval:
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.float64(part.sum()) / whole.sum()
            drawn = (self._weights @ part) / (self._weights @ whole)
        return _interval(float(value), drawn)

    def _median(self, lead: Ints, loan: Ints) -> Interval:
        if not len(lead):
            return Interval(np.nan, np.nan, np.nan)
        order = np.argsort(lead, kind="stable")
        running = np.cumsum(self._weights[:, loan[order]], axis=1)
        half = np.argmax(running >= running[:, -1:] / 2, axis=1)
        return _interval(float(np.median(lead)), lead[order][half].astype(np.float64))


def _interval(value: float, drawn: Numbers) -> Interval:
    known = drawn[~np.isnan(drawn)]
    low, high = np.percentile(known, WITHIN) if len(known) else (np.nan, np.nan)
    return Interval(value, float(low), float(high))


def top(score: Numbers, share: float) -> Flags:
    """The highest share of loan-months by a score; ties by lot."""
    lot = np.random.default_rng(SEED).random(len(score))
    chosen = np.lexsort((lot, -score))[: int(len(score) * share)]
    flags = np.zeros(len(score), bool)
    flags[chosen] = True
    return flags
