"""What an expression can be while columns run through spans of whole numbers: `evaluate`, of many rows at once.

Sound: whatever `evaluate` gives for a row within the spans is among what is said here. Of spans of one number it is exact.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from loanwatch.expression import VALUES, Value, operands

EITHER: tuple[Value, ...] = (True, False)


@dataclass(frozen=True)
class Span:
    """What something can be: whole numbers from `low` to `high` (None = no number), and `words`: null, true, false, or words."""

    low: int | None = None
    high: int | None = None
    words: frozenset[Value] = frozenset()

    @classmethod
    def of(cls, value: Value) -> Span:
        if isinstance(value, int) and not isinstance(value, bool):
            return cls(value, value)
        return cls(words=frozenset([value]))

    @property
    def ends(self) -> tuple[int, int] | None:
        return None if self.low is None or self.high is None else (self.low, self.high)

    @property
    def null(self) -> bool:
        return None in self.words


NULL = Span.of(None)
Spans = Mapping[str, Span]


def possible(node: exp.Expr, spans: Spans) -> Span:
    """What an expression without faults can be."""
    if isinstance(node, exp.Column):
        return spans[node.name]
    if isinstance(node, exp.Between):
        value, low, high = (possible(node.args[part], spans) for part in ("this", "low", "high"))
        return _lifted(exp.And, [_compared(exp.GTE, value, low), _compared(exp.LTE, value, high)])
    parts = [possible(part, spans) for part in operands(node)]
    if isinstance(node, exp.Paren):
        return parts[0]
    if isinstance(node, exp.In):
        found = [_compared(exp.EQ, parts[0], part) for part in parts[1:]]
        return found[0] if len(found) == 1 else _any(found)
    return _of_parts(type(node), parts) if parts else Span.of(VALUES[type(node)](node, {}))


def _of_parts(kind: type[exp.Expr], parts: Sequence[Span]) -> Span:
    if all(part.ends is None for part in parts):
        return _lifted(kind, parts)
    if kind in _NUMBERS:
        ends = [part.ends for part in parts if part.ends is not None]
        null = frozenset([None]) if any(part.null for part in parts) else frozenset()
        return Span(*_NUMBERS[kind](*ends), null) if len(ends) == len(parts) else NULL
    if kind in (exp.Coalesce, exp.Greatest, exp.Least):
        return _first(parts) if kind is exp.Coalesce else _extreme(kind, parts)
    if kind is exp.Nullif:
        return _nullif(*parts)
    return _compared(kind, *parts)


def _lifted(kind: type[exp.Expr], parts: Sequence[Span]) -> Span:
    """Of parts that are no numbers: each combination of what they can be."""
    return Span(words=frozenset(_value(kind, chosen) for chosen in itertools.product(*(part.words for part in parts))))


def _value(kind: type[exp.Expr], values: tuple[Value, ...]) -> Value:
    row = {f"_{n}": value for n, value in enumerate(values)}
    first, *rest = map(exp.column, row)
    more = {"expressions": rest} if kind in _LISTS else {"expression": rest[0]} if rest else {}
    return VALUES[kind](kind(this=first, **more), row)


_LISTS = (exp.Coalesce, exp.Greatest, exp.Least)


def _any(parts: Sequence[Span]) -> Span:
    found = parts[0]
    for part in parts[1:]:
        found = _lifted(exp.Or, [found, part])
    return found


def _compared(kind: type[exp.Expr], one: Span, other: Span) -> Span:
    """A comparison of which at least one side may be a number."""
    if one.ends is None and other.ends is None:
        return _lifted(kind, [one, other])
    found: set[Value] = set()
    if one.ends and other.ends:
        found |= {so for so in EITHER if _HOLDS[kind](one.ends, other.ends, so)}
    if kind not in (exp.NullSafeEQ, exp.Is):
        found |= {None} if one.null or other.null else set()
    else:
        found |= {True} if one.null and other.null else set()
        found |= {False} if (one.null and other.ends) or (other.null and one.ends) else set()
    return Span(words=frozenset(found))


def _less(one: tuple[int, int], other: tuple[int, int], so: Value) -> bool:
    return one[0] < other[1] if so else one[1] >= other[0]


def _equal(one: tuple[int, int], other: tuple[int, int], so: Value) -> bool:
    return (one[0] <= other[1] and other[0] <= one[1]) if so else not one[0] == one[1] == other[0] == other[1]


Holds = Callable[[tuple[int, int], tuple[int, int], Value], bool]
_HOLDS: dict[type[exp.Expr], Holds] = {
    exp.LT: _less,
    exp.GTE: lambda a, b, so: _less(a, b, not so),
    exp.GT: lambda a, b, so: _less(b, a, so),
    exp.LTE: lambda a, b, so: _less(b, a, not so),
    exp.EQ: _equal,
    exp.NullSafeEQ: _equal,
    exp.NEQ: lambda a, b, so: _equal(a, b, not so),
}


def _first(parts: Sequence[Span]) -> Span:
    """The first that is not null."""
    there: list[Span] = []
    for part in parts:
        there.append(Span(part.low, part.high, part.words - {None}))
        if not part.null:
            return _together(there)
    return _together([*there, NULL])


def _extreme(kind: type[exp.Expr], parts: Sequence[Span]) -> Span:
    """The greatest or the least of those that are not null."""
    ends = [part.ends for part in parts if part.ends is not None]
    sure = [part.ends for part in parts if part.ends is not None and not part.null]
    words = frozenset([None]) if not sure and all(part.null for part in parts) else frozenset()
    lows, highs = ([end[side] for end in ends] for side in (0, 1))
    if kind is exp.Greatest:
        return Span(max((end[0] for end in sure), default=min(lows)), max(highs), words)
    return Span(min(lows), min((end[1] for end in sure), default=max(highs)), words)


def _together(parts: Sequence[Span]) -> Span:
    ends = [part.ends for part in parts if part.ends is not None]
    words = frozenset().union(*(part.words for part in parts))
    return Span(min((e[0] for e in ends), default=None), max((e[1] for e in ends), default=None), words)


def _nullif(one: Span, other: Span) -> Span:
    """The first, null where the second equals it; a single number at one end of a span leaves the rest."""
    if one.ends is None or other.ends is None or not _equal(one.ends, other.ends, True):
        return one
    low, high = one.ends
    if other.ends[0] == other.ends[1] and not other.words:
        low, high = low + (low == other.ends[0]), high - (high == other.ends[0])
    return Span(low, high, one.words | {None}) if low <= high else NULL


def _quotients(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Towards zero; the divisor is not 0, and where it can be on both sides of 0, each side counts."""
    sides = [(max(other[0], 1), other[1]), (other[0], min(other[1], -1))]
    corners = [(a, b) for low, high in sides if low <= high for a in one for b in (low, high)]
    found = [abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1) for a, b in corners]
    found += [0] if one[0] <= 0 <= one[1] else []
    return min(found), max(found)


def _remainders(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Nearer to 0 than the divisor, on the side of what is divided."""
    most = min(max(map(abs, one)), max(map(abs, other)) - 1)
    if one[0] == one[1] and other[0] == other[1]:
        exact = abs(one[0]) % abs(other[0]) * (1 if one[0] >= 0 else -1)
        return exact, exact
    return (-most if one[0] < 0 else 0), (most if one[1] > 0 else 0)


def _products(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    found = [a * b for a in one for b in other]
    return min(found), max(found)


_NUMBERS: dict[type[exp.Expr], Callable[..., tuple[int, int]]] = {
    exp.Neg: lambda a: (-a[1], -a[0]),
    exp.Abs: lambda a: (0 if a[0] <= 0 <= a[1] else min(map(abs, a)), max(map(abs, a))),
    exp.Add: lambda a, b: (a[0] + b[0], a[1] + b[1]),
    exp.Sub: lambda a, b: (a[0] - b[1], a[1] - b[0]),
    exp.Mul: _products,
    exp.IntDiv: _quotients,
    exp.Mod: _remainders,
}
