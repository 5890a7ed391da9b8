"""The adapter `abs-ee` on the two real pools: how far the reconstruction agrees with what is known about them.

`pytest -s tests/adapters/test_abs_ee_real.py` prints the figures.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from adapters.loan_clock import LoanClock

from loanwatch.adapters import perform
from loanwatch.adapters.abs_ee import charge_offs
from loanwatch.adapters.abs_ee.endings import NEVER, endings
from loanwatch.adapters.abs_ee.tape import Flags, Ints, Tape, read

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("LOANWATCH_DATA") or REPOSITORY / "../shared/data") / "02-auto-loan-abs-ee"
FILES = sorted(FOLDER.glob("*.csv.gz"))
pytestmark = pytest.mark.skipif(not FILES, reason=f"no data in {FOLDER}; set LOANWATCH_DATA to the folder of data sets")


@dataclass
class Seen:
    """Every month-end of the real pools: days past due (-1 = not open), the balance's error and the least, in cents."""

    tape: Tape
    days: Ints
    error: Ints
    least: int

    @property
    def call(self) -> Ints:
        """The month-end of the third month running without payment, by the paper; its X is the first of them."""
        return self.tape.fields["X"].to_numpy(np.int64) + 2

    def is_(self, letter: str) -> Flags:
        return np.asarray(self.tape.fields[letter].to_numpy() == 1)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    out = tmp_path_factory.mktemp("ally")
    perform("abs-ee", FILES, out, print)
    tape, clock = read(FILES), LoanClock(out / "inbox")
    least = 0
    days, error = np.full(tape.balance.shape, -1), np.zeros(tape.balance.shape, np.int64)
    for month, end in enumerate(tape.month_ends):
        loans = clock.loan_day(end.item()).reindex(tape.loan_ids)
        least = min(least, int(loans["balance"].min()))
        is_open = ~(loans["gone"] | loans["written_off"]).to_numpy(bool)
        days[:, month] = np.where(is_open, loans["days"], -1)
        error[:, month] = np.where(is_open, loans["balance"] - tape.balance[:, month], 0)
    return Seen(tape, days, error, least)


def test_balances_are_the_files_to_the_cent(seen: Seen) -> None:
    is_open = np.arange(len(seen.tape.month_ends)) < endings(seen.tape).ended[:, None]
    assert np.array_equal(seen.days >= 0, is_open)
    print(f"{is_open.sum()} loan-months, balance off by at most {np.abs(seen.error).max()} cents")
    assert not seen.error.any()
    assert seen.least == 0, "recoveries beyond what was written off are no principal"


def test_days_past_due_begin_as_the_lender_states_them(seen: Seen) -> None:
    is_open = seen.days[:, 0] >= 0
    stated = seen.tape.fields["currentDelinquencyStatus"].to_numpy()
    assert np.array_equal(seen.days[is_open, 0], stated[is_open])


def test_charge_offs_are_those_of_the_source_and_past_due_before(seen: Seen) -> None:
    assert [len(charge_offs([path])) for path in FILES] == [33, 77]
    month = endings(seen.tape).charged_off
    for back, limit, share in ((1, 30, 1.0), (2, 0, 1.0), (3, 0, 0.9)):
        loans = np.flatnonzero((month < NEVER) & (month >= back))
        late = seen.days[loans, month[loans] - back]
        over = [int((late > d).sum()) for d in (0, 30, 60, 90)]
        print(f"{back} months before: of {len(loans)} {over} > 0/30/60/90 days")
        assert (late > limit).mean() >= share


def test_three_missed_months_are_long_past_due_and_repaid_loans_are_not(seen: Seen) -> None:
    defaulted, repaid = seen.is_("D"), seen.is_("R")
    until_call = np.where(np.arange(seen.days.shape[1]) <= seen.call[:, None], seen.days, -1).max(axis=1)
    reached = {d: float((until_call[defaulted] > d).mean()) for d in (30, 60, 90)}
    spared = {d: float((seen.days[repaid].max(axis=1) <= d).mean()) for d in (30, 60, 90)}
    print(f"{defaulted.sum()} D loans over 30/60/90 by the month of the call: {reached}")
    print(f"{repaid.sum()} R loans never over 30/60/90: {spared}")
    assert defaulted.sum() == 393
    assert reached[30] > 0.99
    assert reached[60] > 0.9
    assert spared[30] > 0.85


def test_how_many_are_past_due(seen: Seen) -> None:
    for month in range(0, seen.days.shape[1], 6):
        days, called = seen.days[:, month], (seen.is_("D") & (seen.call <= month)).sum()
        over = [int((days > d).sum()) for d in (0, 30, 60, 90)]
        print(f"{seen.tape.month_ends[month]}: {(days >= 0).sum()} open, {over} > 0/30/60/90, {called} D called so far")
    before_covid = seen.days[:, :33]
    assert (before_covid > 30).sum() / (before_covid >= 0).sum() < 0.09
