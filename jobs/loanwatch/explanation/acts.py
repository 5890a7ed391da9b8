"""The smallest act that lets a warning end, of each kind that somebody can do: money by a date, a value, a fresh valuation.

Each is tried on the loan's days ahead: what is stated ends it; one minor unit less, or one business date later, does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from loanwatch.explanation.ahead import Ahead
from loanwatch.explanation.case import Case
from loanwatch.explanation.outlook import ON_BOOK
from loanwatch.expression import Row
from loanwatch.flag.nearest import ended
from loanwatch.flag.rules import Rule

AT_ONCE = 16  # amounts tried together
MOST_VALUE = 2**50
Kind = Literal["cash", "whole", "value", "valuation"]
Rows = Callable[[Sequence[int]], list[Row]]


@dataclass(frozen=True)
class Act:
    """What somebody can do: pay `minor` by a date, with it repay the whole loan, show that the collateral is worth `minor`, or
    have it valued at all.

    `by` is the last business date on which it still suffices; None = any day that was looked at, or no matter.
    """

    kind: Kind
    minor: int | None = None
    by: date | None = None


def acts(rule: Rule, ahead: Ahead) -> list[Act]:
    """The smallest acts of each kind after which a warning of a rule about the loan ends; none where no act of ours can.

    They are done on the next business date or later, and looked at on the day they are done. That the whole loan is repaid is
    said where nothing less is left to do.
    """
    found = [act for act in (_cash(rule, ahead), _value(rule, ahead)) if act]
    return [act for act in found if act.kind != "whole"] or found


def _cash(rule: Rule, ahead: Ahead) -> Act | None:
    least = _least(rule, ahead.paid, ahead.turning)
    if least is None:
        return None
    if not ahead.paid([least])[0][ON_BOOK]:
        return Act("whole", least)
    later = [_ends(rule, row) for row in ahead.loan.rows([Case(day, least) for day in ahead.days])]
    return Act("cash", least, None if all(later) else ahead.days[later.index(False) - 1])


def _value(rule: Rule, ahead: Ahead) -> Act | None:
    if not ahead.loan.loan_cover:
        return None

    def valued(amounts: Sequence[int]) -> list[Row]:
        return ahead.loan.rows([Case(ahead.days[0], value_minor=amount) for amount in amounts])

    least = _least(rule, valued, (1, MOST_VALUE))
    if least != 1:
        return Act("value", least) if least else None
    (as_it_is,) = ahead.paid([0])
    return None if _ends(rule, as_it_is) else Act("valuation")


def _ends(rule: Rule, row: Row) -> bool:
    return not row[ON_BOOK] or ended(rule, row)


def _least(rule: Rule, rows: Rows, points: Sequence[int]) -> int | None:
    """The least amount from the first point on after which it ends; None where there is none.

    Between two points more is never worse.
    """
    enough = [_ends(rule, row) for row in rows(points)]
    if True not in enough:
        return None
    first = enough.index(True)
    low, high = points[max(first - 1, 0)], points[first]
    while high - low > 1:
        step = max((high - low) // (AT_ONCE + 1), 1)
        tried = [low, *range(low + step, high, step), high]
        place = [_ends(rule, row) for row in rows(tried)].index(True)
        low, high = tried[max(place - 1, 0)], tried[place]
    return high
