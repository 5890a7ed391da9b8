"""The nearest value of one column that changes what a rule says of a row.

Exact for whatever a rule may compute: spans of values are cut in two, the nearest first, until one is found in which all
values change it; every nearer span has been shown to hold none (`flag.spans`).
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Mapping

from loanwatch.columns import Column
from loanwatch.expression import Row, Value, evaluate
from loanwatch.flag.outcome import AMBER, CLEAR, NOT_APPLICABLE, RED, outcome_of, outcome_on
from loanwatch.flag.rules import Rule
from loanwatch.flag.spans import Span, possible
from loanwatch.kinds import NUMBERS, kind_of, reach

MOST_SPANS = 20_000  # only remainders need more than a few hundred


def raises(rule: Rule, row: Mapping[str, Span]) -> frozenset[bool]:
    """Whether the rule is red or amber."""
    return frozenset(outcome in (RED, AMBER) for outcome in _outcomes(rule, row))


def ends(rule: Rule, row: Mapping[str, Span]) -> frozenset[bool]:
    """Whether a warning of the rule ends, or begins to clear: its exit holds, or it applies no longer."""
    exits = _words(rule, "clear", row)
    return frozenset(_ends(rule, outcome, out) for outcome, out in itertools.product(_outcomes(rule, row), exits))


def _ends(rule: Rule, outcome: int, exits: Value) -> bool:
    if outcome in (RED, AMBER, NOT_APPLICABLE):
        return outcome == NOT_APPLICABLE
    return outcome == CLEAR if rule.conditions.clear is None else exits is True


def ended(rule: Rule, row: Row) -> bool:
    """The same of one row."""
    exits = None if rule.conditions.clear is None else evaluate(rule.conditions.clear, row)
    return _ends(rule, outcome_on(rule, row), exits)


def spans_of(row: Row) -> dict[str, Span]:
    return {name: Span.of(value) for name, value in row.items()}


def nearest_raise(rule: Rule, row: Row, column: Column) -> int | None:
    """The nearest value of a column that makes the rule red or amber; None where there is none."""
    return _nearest(rule, row, column, red_or_amber=True)


def nearest_end(rule: Rule, row: Row, column: Column) -> int | None:
    """The nearest value of a column that lets a warning of the rule end; None where there is none."""
    return _nearest(rule, row, column, red_or_amber=False)


def _nearest(rule: Rule, row: Row, column: Column, *, red_or_amber: bool) -> int | None:
    value, asked = row[column.name], raises if red_or_amber else ends
    if kind_of(column) not in NUMBERS or value is None:
        return None
    spans, (least, most) = spans_of(row), reach(column)
    heap = _cut(int(value), (least, int(value) - 1), (int(value) + 1, most))
    for _ in range(MOST_SPANS):
        if not heap:
            break
        _, low, high = heapq.heappop(heap)
        so = asked(rule, {**spans, column.name: Span(low, high)})
        if so == {True}:
            return min(max(low, int(value)), high)
        if True in so and low < high:
            middle = (low + high) // 2
            for part in _cut(int(value), (low, middle), (middle + 1, high)):
                heapq.heappush(heap, part)
    return None


def _cut(value: int, *parts: tuple[int, int]) -> list[tuple[int, int, int]]:
    """Spans that hold anything, each after its distance from a value."""
    return sorted((min(abs(low - value), abs(high - value)), low, high) for low, high in parts if low <= high)


def _outcomes(rule: Rule, row: Mapping[str, Span]) -> Iterable[int]:
    missing = any("none" not in row[gap].words for gap in rule.gap_columns)
    kinds = [_words(rule, key, row) for key in ("applies", "amber", "red")]
    return {outcome_of(*values, missing=missing) for values in itertools.product(*kinds)}


def _words(rule: Rule, key: str, row: Mapping[str, Span]) -> frozenset[Value]:
    tree = getattr(rule.conditions, key)
    return frozenset([key == "applies"]) if tree is None else possible(tree, row).words
