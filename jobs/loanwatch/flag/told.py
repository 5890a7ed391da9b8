"""A condition told node by node: what was compared with what on a row, and whether it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from loanwatch.expression import Row, Value, evaluate, operands, spark_sql

_NAMES: dict[type[exp.Expr], str] = {exp.And: "and", exp.Or: "or", exp.Not: "not"}


@dataclass(frozen=True)
class Told:
    """A node: how deep it stands, its text, the same with the values of the row (empty where that tells no more), its value."""

    depth: int
    text: str
    seen: str
    value: Value


def told(tree: exp.Expr, row: Row, depth: int = 0) -> Iterator[Told]:
    """The nodes of a condition from the top: `and`, `or`, `not` above the comparisons that they join."""
    if isinstance(tree, exp.Paren):
        yield from told(tree.this, row, depth)
    elif type(tree) in _NAMES:
        yield Told(depth, _NAMES[type(tree)], "", evaluate(tree, row))
        for part in _joined(tree, type(tree)):
            yield from told(part, row, depth + 1)
    else:
        text, seen = spark_sql(tree), spark_sql(_filled(tree, row))
        yield Told(depth, text, "" if seen == text else seen, evaluate(tree, row))


def _joined(tree: exp.Expr, kind: type[exp.Expr]) -> Iterator[exp.Expr]:
    """What a chain of one operator joins."""
    for part in operands(tree):
        if kind is not exp.Not and isinstance(part.unnest(), kind):
            yield from _joined(part.unnest(), kind)
        else:
            yield part


def _filled(tree: exp.Expr, row: Row) -> exp.Expr:
    """A comparison with what its sides are on the row."""
    filled = tree.copy()
    sides = [filled] if isinstance(filled, exp.Column) else list(operands(filled))
    for side in sides:
        if isinstance(side, exp.Column | exp.Func | exp.Binary | exp.Unary | exp.Paren) and side.find(exp.Column):
            value = exp.convert(evaluate(side, row))
            filled = value if side is filled else filled
            side.replace(value)
    return filled
