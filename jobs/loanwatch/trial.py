"""Rows on which conditions are tried, without a JVM.

Each column takes the limits of the conditions, what lies beside them, the ends of its range, and null.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlglot import exp

from loanwatch.columns import Column
from loanwatch.expression import Row, Value, operands
from loanwatch.kinds import NUMBERS, kind_of, reach

MOST_ROWS = 20_000


@dataclass(frozen=True)
class Trial:
    """The rows that conditions are tried on; `whole` where they stand for all rows."""

    rows: Sequence[Row]
    whole: bool


def trial_of(trees: Sequence[exp.Expr], columns: Mapping[str, Column]) -> Trial:
    """Rows over the columns that some conditions read."""
    names = names_of(trees)
    numbers = sorted({int(node.name) * sign for tree in trees for node in tree.find_all(exp.Literal) if not node.is_string
                      for sign in (1, -1)})  # fmt: skip
    words = sorted({node.name for tree in trees for node in tree.find_all(exp.Literal) if node.is_string})
    values = [_values(columns[name], numbers, words) for name in names]
    rows: Iterable[tuple[Value, ...]] = itertools.product(*values)
    few = math.prod(map(len, values)) <= MOST_ROWS
    if not few:
        draw = np.random.default_rng(0)
        places = [draw.integers(0, len(listed), MOST_ROWS).tolist() for listed in values]
        rows = zip(*([listed[i] for i in chosen] for listed, chosen in zip(values, places, strict=True)), strict=True)
    return Trial([dict(zip(names, row, strict=True)) for row in rows], few and all(map(_plain, trees)))


def names_of(trees: Iterable[exp.Expr]) -> list[str]:
    """The columns that some conditions read, sorted."""
    return sorted({column.name for tree in trees for column in tree.find_all(exp.Column)})


def _values(column: Column, numbers: Sequence[int], words: Sequence[str]) -> list[Value]:
    """What a column is tried with."""
    missing: list[Value] = [] if column.required else [None]
    if column.type == "boolean":
        return [*missing, False, True]
    if kind_of(column) not in NUMBERS:
        known = column.codes.words if column.codes else (*words, "\uffff")
        return [*missing, *known]
    low, high = reach(column)
    beside = {low, high, *(number + step for number in (0, *numbers) for step in (-1, 0, 1))}
    return [*missing, *sorted(value for value in beside if low <= value <= high)]


def _plain(tree: exp.Expr) -> bool:
    """Whether each comparison is of a column with constants."""
    constants = (exp.Literal, exp.Boolean, exp.Null, exp.Neg, exp.Paren)
    logic = (exp.And, exp.Or, exp.Not, exp.Paren, exp.Boolean, exp.Null, exp.Column)
    if isinstance(tree, logic):
        return all(map(_plain, operands(tree)))
    tested = [part for part in operands(tree) if not _is_constant(part, constants)]
    comparing = isinstance(tree, (exp.Predicate, exp.Is, exp.NullSafeEQ))
    return comparing and len(tested) <= 1 and all(isinstance(part, exp.Column) for part in tested)


def _is_constant(node: exp.Expr, constants: tuple[type[exp.Expr], ...]) -> bool:
    return all(isinstance(part, constants) for part in node.walk())
