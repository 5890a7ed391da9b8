"""Conditions of rules: their trees, and what they are on one row, in plain Python.

Their values are those of Spark, null among them, without a JVM: for checking rules, for their examples and for explanations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import sqlglot
from sqlglot import exp

Value = bool | int | str | None
Row = Mapping[str, Value]


def parsed(sql: str) -> exp.Expr:
    """The tree of an expression; ValueError where it is none."""
    try:
        return sqlglot.parse_one(sql, dialect="spark")
    except sqlglot.errors.SqlglotError as error:
        raise ValueError(f"not SQL: {sql!r}: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise ValueError("nested too deep") from None


def columns_of(tree: exp.Expr) -> tuple[str, ...]:
    """The columns that it reads."""
    return tuple(dict.fromkeys(column.name for column in tree.find_all(exp.Column)))


def spark_sql(tree: exp.Expr) -> str:
    """The expression as Spark is given it: what was checked, not what was written (`a isnull`, a semicolon, a comment)."""
    return tree.sql(dialect="spark", comments=False)


def told(row: Row) -> str:
    """A row for messages."""
    return ", ".join(f"{name} = {'null' if value is None else value}" for name, value in row.items())


def evaluate(node: exp.Expr, row: Row) -> Value:
    """What an expression without faults is on a row."""
    return VALUES[type(node)](node, row)


def operands(node: exp.Expr) -> Iterator[exp.Expr]:
    """What it is made of, in order."""
    yield from (part for part in node.iter_expressions() if not isinstance(part, exp.Identifier))


def _and(node: exp.Expr, row: Row) -> Value:
    left, right = evaluate(node.this, row), evaluate(node.expression, row)
    return False if left is False or right is False else None if left is None or right is None else True


def _or(node: exp.Expr, row: Row) -> Value:
    left, right = evaluate(node.this, row), evaluate(node.expression, row)
    return True if left is True or right is True else None if left is None or right is None else False


def _is(node: exp.Expr, row: Row) -> Value:
    return evaluate(node.this, row) is evaluate(node.expression, row)


def _in(node: exp.Expr, row: Row) -> Value:
    value = evaluate(node.this, row)
    listed = [evaluate(part, row) for part in node.expressions]
    if value is None:
        return None
    return True if value in listed else None if None in listed else False


def _between(node: exp.Expr, row: Row) -> Value:
    value, low, high = (evaluate(node.args[part], row) for part in ("this", "low", "high"))
    above = None if value is None or low is None else value >= low  # type: ignore[operator]
    below = None if value is None or high is None else value <= high  # type: ignore[operator]
    return False if above is False or below is False else None if above is None or below is None else True


def _literal(node: exp.Expr, row: Row) -> Value:
    return str(node.name) if node.is_string else int(node.name)


def _first(node: exp.Expr, row: Row) -> Value:
    return next((value for part in operands(node) if (value := evaluate(part, row)) is not None), None)


def _chosen(choose: Callable[..., Value]) -> Callable[[exp.Expr, Row], Value]:
    """One of the parts that are not null."""

    def value(node: exp.Expr, row: Row) -> Value:
        known = [v for part in operands(node) if (v := evaluate(part, row)) is not None]
        return choose(known) if known else None

    return value


def _strict(compute: Callable[..., Value]) -> Callable[[exp.Expr, Row], Value]:
    """Null where a part is null."""

    def value(node: exp.Expr, row: Row) -> Value:
        parts = [evaluate(part, row) for part in operands(node)]
        return None if any(part is None for part in parts) else compute(*parts)

    return value


def _nullif(node: exp.Expr, row: Row) -> Value:
    value, other = evaluate(node.this, row), evaluate(node.expression, row)
    return None if value == other else value


def _quotient(a: int, b: int) -> int:
    """Towards zero, as SQL divides."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


VALUES: dict[type[exp.Expr], Callable[[exp.Expr, Row], Value]] = {
    exp.Paren: lambda node, row: evaluate(node.this, row),
    exp.Column: lambda node, row: row[node.name],
    exp.Literal: _literal,
    exp.Boolean: lambda node, row: bool(node.this),
    exp.Null: lambda node, row: None,
    exp.And: _and,
    exp.Or: _or,
    exp.Not: _strict(lambda a: not a),
    exp.Is: _is,
    exp.In: _in,
    exp.Between: _between,
    exp.EQ: _strict(lambda a, b: a == b),
    exp.NEQ: _strict(lambda a, b: a != b),
    exp.NullSafeEQ: lambda node, row: evaluate(node.this, row) == evaluate(node.expression, row),
    exp.GT: _strict(lambda a, b: a > b),
    exp.GTE: _strict(lambda a, b: a >= b),
    exp.LT: _strict(lambda a, b: a < b),
    exp.LTE: _strict(lambda a, b: a <= b),
    exp.Coalesce: _first,
    exp.Greatest: _chosen(max),
    exp.Least: _chosen(min),
    exp.Nullif: _nullif,
    exp.Abs: _strict(abs),
    exp.Neg: _strict(lambda a: -a),
    exp.Add: _strict(lambda a, b: a + b),
    exp.Sub: _strict(lambda a, b: a - b),
    exp.Mul: _strict(lambda a, b: a * b),
    exp.IntDiv: _strict(_quotient),
    exp.Mod: _strict(lambda a, b: a - b * _quotient(a, b)),
}
