"""The days ahead of a loan, and its indicators by what is paid on the next of them, each worked out once for all rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise

from loanwatch import calendars
from loanwatch.explanation.case import Case
from loanwatch.explanation.outlook import ON_BOOK, Outlook, moved
from loanwatch.expression import Row

HORIZON = {"daily": 62, "month_end": 3}  # business dates looked ahead
PARTS = 4


@dataclass(frozen=True)
class Ahead:
    """A loan with a schedule on the business dates after its own."""

    loan: Outlook
    calendar: str
    _paid: dict[int, Row] = field(default_factory=dict)

    @cached_property
    def days(self) -> tuple[date, ...]:
        found = [calendars.next_date(self.calendar, self.loan.as_of)]
        while len(found) < HORIZON[self.calendar]:
            found.append(calendars.next_date(self.calendar, found[-1]))
        return tuple(found)

    def paid(self, amounts: Iterable[int]) -> list[Row]:
        """The rows of the next date after each of some payments on it."""
        asked = list(amounts)
        new = sorted(set(asked) - set(self._paid))
        if new:
            self._paid.update(zip(new, self.loan.rows([Case(self.days[0], amount) for amount in new]), strict=True))
        return [self._paid[amount] for amount in asked]

    @cached_property
    def turning(self) -> tuple[int, ...]:
        """Amounts, in order, between which days and counts do not change: 1, the last before and the first after each change,
        and more than can be owed. More money never raises a day or a count: equal at both ends, they are equal between.
        """
        found, spans = {1, self.loan.most_minor}, [(1, self.loan.most_minor)]
        while spans:
            cuts = [_cut(low, high) for low, high in spans]
            self.paid(amount for cut in cuts for amount in cut)
            pairs = [pair for cut in cuts for pair in pairwise(cut) if self._changes(*pair)]
            found |= {amount for low, high in pairs if high - low == 1 for amount in (low, high)}
            spans = [(low, high) for low, high in pairs if high - low > 1]
        return tuple(sorted(found))

    def _changes(self, low: int, high: int) -> bool:
        one, other = self.paid([low, high])
        return any(one[name] != other[name] for name in _steps())


def _cut(low: int, high: int) -> Sequence[int]:
    """A span's ends, and points that cut it into a few parts."""
    return sorted({low, high, *(low + (high - low) * part // PARTS for part in range(1, PARTS))})


def _steps() -> list[str]:
    """What moves in steps."""
    return [ON_BOOK, *(indicator.name for indicator in moved() if indicator.unit in ("days", "count"))]
