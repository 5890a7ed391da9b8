"""The schedule of each loan at the first month-end, from what the first report says and no more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loanwatch.adapters.abs_ee.tape import Days, Flags, Ints, Tape, day

FIRST_DAY, LAST_DAY = 2, 28


@dataclass(frozen=True)
class Schedule:
    """Unpaid instalments at the first month-end: a row a loan, columns by due date; amount 0 = none."""

    due_on: Days
    amount: Ints
    interest: Ints
    due_day: Ints

    def in_month(self, month_end: np.datetime64) -> Days:
        """Each loan's due day in the month of that month-end."""
        return of_month(np.asarray(month_end).astype("datetime64[M]"), self.due_day)


def schedule(tape: Tape) -> Schedule:
    """Arrears by their age, the next amount the lender states, then level payments until the balance is repaid."""
    oldest = tape.month_ends[0] - tape.fields["currentDelinquencyStatus"].to_numpy(np.int64)
    late = (tape.fields["currentDelinquencyStatus"].to_numpy() > 0) & (tape.balance[:, 0] > 0)
    paid_through = day(tape.fields, "interestPaidThroughDate")
    due_day = np.clip(_day_of(np.where(late, oldest, paid_through)), FIRST_DAY, LAST_DAY)
    due_on, past = _dates(tape, oldest, late, due_day)
    return Schedule(due_on, *_amortised(tape, _amounts(tape, late, past), past), due_day)


def _terms(tape: Tape, past: Ints) -> Ints:
    """How many instalments each loan can have: those past due and the months to maturity."""
    months_left: Ints = tape.fields["remainingTermtoMaturityNumber"].to_numpy(np.int64)
    return np.asarray(past + months_left.clip(1))


def of_month(month: npt.NDArray[np.datetime64], day_of_month: Ints) -> Days:
    return np.asarray(month.astype("datetime64[D]") + (day_of_month - 1))


def _day_of(days: Days) -> Ints:
    first_of_month = days.astype("datetime64[M]").astype("datetime64[D]")
    return np.asarray((days - first_of_month).astype(np.int64) + 1)


def _dates(tape: Tape, oldest: Days, late: Flags, due_day: Ints) -> tuple[Days, Ints]:
    """Due dates by column, and how many of them have passed unpaid at the first month-end."""
    cutoff = tape.month_ends[0].astype("datetime64[M]")
    start = np.where(late, oldest.astype("datetime64[M]"), cutoff + 1)
    past = np.where(late, (cutoff - start).astype(np.int64) + 1, 0)
    months_on = np.arange(_terms(tape, past).max()).astype("timedelta64[M]")
    due_on = of_month(start[:, None] + months_on, due_day[:, None])
    due_on[:, 0] = np.where(late, oldest, due_on[:, 0])
    return due_on, past


def _amounts(tape: Tape, late: Flags, past: Ints) -> Ints:
    """The amount of each instalment before the balance ends it: arrears, the next, level ones."""
    level = np.maximum(tape.cents("reportingPeriodScheduledPaymentAmount"), 1)
    stated = tape.cents("nextReportingPeriodPaymentAmountDue")
    arrears = np.where(stated > level, stated - level, np.maximum(stated, 1))
    oldest = arrears - level * (past - 1)
    column = np.arange(int(_terms(tape, past).max()))
    spread = np.where(oldest > 0, level, np.maximum(arrears // np.maximum(past, 1), 1))
    first = np.where(oldest > 0, oldest, arrears - spread * (past - 1))
    amount = np.where(column < past[:, None], spread[:, None], level[:, None])
    amount[:, 0] = np.where(late, first, stated)
    return amount


def _amortised(tape: Tape, amount: Ints, past: Ints) -> tuple[Ints, Ints]:
    """Amounts and the interest in them, cut where the balance is repaid; the last takes what is left."""
    rate = tape.fields["originalInterestRatePercentage"].to_numpy(float) / 12
    owed = tape.balance[:, 0].copy()
    due, interest = np.zeros_like(amount), np.zeros_like(amount)
    for column in range(amount.shape[1]):
        grown = np.rint(owed * rate).astype(np.int64)
        principal = np.minimum(np.maximum(amount[:, column] - grown, 0), owed)
        principal = np.where(column + 1 == _terms(tape, past), owed, principal)
        ended = principal == owed
        due[:, column] = np.where(owed > 0, np.where(ended, owed + grown, amount[:, column]), 0)
        interest[:, column] = due[:, column] - np.where(owed > 0, principal, 0)
        owed -= principal
    return due, interest
