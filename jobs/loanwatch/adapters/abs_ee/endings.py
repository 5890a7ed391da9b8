"""How each loan ends in the file, by the number of the month-end that shows it; NEVER where it does not.

Settled: a balance of zero that the principal collected explains. Charged off: a balance of zero that it does
not. Some losses are never written to zero: the vehicle's proceeds come in while a balance is reported, or the
loan is reported no more. Disappearing is no recovery: those are written off too, but not counted as charge-offs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from loanwatch.adapters.abs_ee.tape import NOT_REPORTED, Flags, Ints, Tape, read

NEVER = 10_000
ROUNDING = 1  # a cent


@dataclass(frozen=True)
class Endings:
    """Month-end numbers, one per loan; `ended` is the first of settled and written off."""

    settled: Ints
    charged_off: Ints
    written_off: Ints
    repossessed: Ints

    @property
    def ended(self) -> Ints:
        return np.minimum(self.settled, self.written_off)


def endings(tape: Tape) -> Endings:
    """What became of each loan of the tape."""
    before = balance_before(tape)
    zero, owed = tape.balance == 0, before > 0
    explained = np.abs(before - tape.principal) <= ROUNDING
    # Overpaid and refunded: more was collected than was owed.
    settled = first(zero & (explained | (tape.principal > before)))
    charged_off = first(zero & owed & ~explained & (tape.principal <= before))
    silent = (tape.balance == NOT_REPORTED) & owed
    sold = (tape.proceeds > 0) & (tape.balance > 0)
    written_off = np.minimum(charged_off, first(silent | sold))
    written_off = np.where(settled < written_off, NEVER, written_off)
    return Endings(settled, charged_off, written_off, first(tape.proceeds > 0))


def balance_before(tape: Tape) -> Ints:
    """The balance that each month began with; the first month's is its end and what was collected in it."""
    opening = np.maximum(tape.balance[:, 0] + tape.principal[:, 0], 0)
    return np.column_stack([opening, tape.balance[:, :-1]])


def first(where: Flags) -> Ints:
    """The first month-end at which it holds."""
    return np.where(where.any(axis=1), where.argmax(axis=1), NEVER).astype(np.int64)


def charge_offs(files: Sequence[Path]) -> list[tuple[str, date]]:
    """The real charge-offs: loan and the month-end at which its balance was written to zero unpaid."""
    tape = read(files)
    month = endings(tape).charged_off
    ids = tape.loan_ids
    return [(str(ids[loan]), tape.month_ends[month[loan]].item()) for loan in np.flatnonzero(month < NEVER)]
