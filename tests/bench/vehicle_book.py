"""Data 02, loans on vehicles month by month: values, payments behind, charge-offs, and what repossession brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from performance import Ints, Numbers

from loanwatch import settings
from loanwatch.adapters.abs_ee.cash import months
from loanwatch.adapters.abs_ee.contracts import METHODS, originated
from loanwatch.adapters.abs_ee.endings import NEVER, Endings, endings
from loanwatch.adapters.abs_ee.schedule import schedule
from loanwatch.adapters.abs_ee.tape import Tape, read
from loanwatch.depreciation import DAYS_A_YEAR, DEFAULT, ages, kept_share, left
from loanwatch.settings import Prudence

HORIZON = 3  # months within which a charge-off counts
LIFE_YEARS, LAST_YEARS = 10, 1  # of the straight line
WAYS = ("curve", "straight line", "unmoved")
MOST_BEHIND, MOST_LTV = 6, 3.0
NEW = 1  # vehicleNewUsedCode


@dataclass(frozen=True)
class Book:
    """The loans by row and month-ends by column: balances, payments behind, and vehicles' values by each way, in cents."""

    tape: Tape
    ends: Endings
    behind: Numbers
    value: dict[str, Numbers]
    age_years: Numbers

    @classmethod
    def read(cls, files: Sequence[Path]) -> Book:
        tape = read(files)
        ends = endings(tape)
        first, shape = tape.cents("vehicleValueAmount")[:, None].astype(float), (len(tape), len(tape.month_ends))
        built = np.broadcast_to(tape.fields["vehicleModelYear"].to_numpy(np.int64)[:, None], shape)
        then, now = ages(built, np.broadcast_to(originated(tape)[:, None], shape), np.broadcast_to(tape.month_ends, shape))
        factors = left(tenant().vehicle_curve[DEFAULT], then, now), straight_line(then, now), np.ones(shape)
        value = {way: first * factor for way, factor in zip(WAYS, factors, strict=True)}
        return cls(tape, ends, payments_behind(tape, ends), value, now / DAYS_A_YEAR)


def tenant() -> Prudence:
    """What is declared for this book."""
    return settings.load("test", "ally").business.prudence


def straight_line(then: Ints, now: Ints) -> Numbers:
    """What is left where a vehicle loses a tenth of its first value each year, down to a tenth."""
    end, least = LIFE_YEARS * DAYS_A_YEAR, LAST_YEARS * DAYS_A_YEAR
    left_over: Numbers = np.maximum(end - now, least) / np.maximum(end - then, least)
    return left_over


def payments_behind(tape: Tape, ends: Endings) -> Numbers:
    """How many scheduled payments are due and unpaid at each month-end, by the instalments that `abs-ee` delivers."""
    of = schedule(tape)
    paid = np.zeros((len(tape), len(tape.month_ends)))
    for month in months(tape, ends, of):
        paid[:, month.number] = month.by_borrower + month.by_collateral - month.prepaid
    due = np.column_stack([np.where(of.due_on <= end, of.amount, 0).sum(axis=1) for end in tape.month_ends])
    level = np.maximum(tape.cents("reportingPeriodScheduledPaymentAmount"), 1)
    behind: Numbers = np.maximum(due - np.cumsum(paid, axis=1), 0) / level[:, None]
    return behind


def loan_months(book: Book) -> pd.DataFrame:
    """A row per loan and month-end on the book of which it is known whether a charge-off follows within the horizon.

    Left out: the last months, after which the file ends; and those before a loss that is no charge-off in the file.
    """
    tape, ends = book.tape, book.ends
    loan, month = np.nonzero(tape.reported & (tape.balance > 0) & (np.arange(len(tape.month_ends)) < ends.ended[:, None]))
    until = month + HORIZON
    unclear = (ends.written_off[loan] <= until) & (ends.charged_off[loan] == NEVER)
    kept = (until < len(tape.month_ends)) & ~unclear
    loan, month = loan[kept], month[kept]
    at, balance = (loan, month), tape.balance[loan, month].astype(float)
    opened = originated(tape).astype("datetime64[M]").astype(np.int64)
    return pd.DataFrame({
        "loan": loan, "month": month, "follows": ends.charged_off[loan] <= month + HORIZON,
        "behind": np.minimum(book.behind[at], MOST_BEHIND),
        "months_on_book": tape.month_ends.astype("datetime64[M]").astype(np.int64)[month] - opened[loan],
        "balance_share": balance / np.maximum(tape.cents("originalLoanAmount")[loan], 1),
        **{way: np.minimum(balance / np.maximum(book.value[way][at], 1), MOST_LTV) for way in WAYS},
    })  # fmt: skip


def repossessed(book: Book) -> pd.DataFrame:
    """A row per vehicle that was sold for the lender: its proceeds, and what it was said to be worth at the month-end before.

    The balance is missing where the loan had been written off by then; `prudent` is the night's value by curve for prudence.
    """
    tape, first = book.tape, book.ends.repossessed
    loan = np.flatnonzero((first > 0) & (first < NEVER))
    at = (loan, first[loan] - 1)
    years = (tape.month_ends[at[1]] - originated(tape)[loan]).astype(np.int64) / DAYS_A_YEAR
    prudence, codes = tenant(), tape.fields["vehicleValueSourceCode"].to_numpy()[loan]
    recorded = np.array([prudence.recorded_fsd_bp[METHODS.get(int(code), "partner")] for code in codes])
    fsd = np.sqrt(recorded**2 + prudence.curve_fsd_bp**2 * years) / 10_000
    kept = kept_share(prudence.haircut_bp["vehicle"])
    left_over = np.maximum(1 - fsd * prudence.fsd_share_bp / 10_000, 0) * kept - prudence.cost_bp["vehicle"] / 10_000
    return pd.DataFrame({
        "proceeds": tape.proceeds[loan].clip(0).sum(axis=1), "balance": np.where(tape.balance[at] > 0, tape.balance[at], np.nan),
        "age_years": book.age_years[at], "new": tape.fields["vehicleNewUsedCode"].to_numpy()[loan] == NEW,
        "fsd": fsd, "prudent": book.value["curve"][at] * np.maximum(left_over, 0), **{way: book.value[way][at] for way in WAYS},
    })  # fmt: skip
