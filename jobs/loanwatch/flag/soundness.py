"""Whether rules mean something: red within amber, an exit that is out of amber, limits that can be reached, no rule twice.

By trial on rows: each column takes its limits, what lies beside them, the ends of its range, and null. Where conditions compare
columns with whole numbers and words only, these rows stand for all there can be; of others, what is found is told and nothing else.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlglot import exp

from loanwatch.columns import Column
from loanwatch.flag.expression import Row, Value, evaluate, operands, told
from loanwatch.flag.kinds import NUMBERS, kind_of, reach

MOST_ROWS = 20_000


@dataclass(frozen=True)
class Conditions:
    """The conditions of a rule, without faults; None where it has none."""

    applies: exp.Expr | None
    amber: exp.Expr | None
    red: exp.Expr | None
    clear: exp.Expr | None

    @property
    def all(self) -> tuple[exp.Expr, ...]:
        return tuple(tree for tree in (self.applies, self.amber, self.red, self.clear) if tree is not None)

    def concerns(self, row: Row) -> bool:
        return _holds(self.applies, row)

    def fires(self, row: Row) -> str | None:
        """Red, amber, or neither."""
        if not self.concerns(row):
            return None
        return "red" if _holds(self.red, row) else "amber" if _holds(self.amber, row) else None


@dataclass(frozen=True)
class Trial:
    """The rows that conditions are tried on; `whole` where they stand for all rows."""

    rows: Sequence[Row]
    whole: bool


def doubts(rule: Conditions, columns: Mapping[str, Column]) -> list[str]:
    """What is wrong with the meaning of a rule, each with a row that shows it."""
    trial = trial_of([rule], columns)
    found = []
    for row in trial.rows:
        if _known(row) and rule.amber and _holds(rule.red, row) and not _holds(rule.amber, row):
            found.append(f"red holds where amber does not: {told(row)}")
            break
    for row in trial.rows:
        if rule.clear is not None and rule.fires(row) and _holds(rule.clear, row):
            found.append(f"the exit holds where it is {rule.fires(row)}: {told(row)}")
            break
    if trial.whole:
        found += _reached(rule, trial.rows)
    return found


def _reached(rule: Conditions, rows: Sequence[Row]) -> Iterator[str]:
    """Conditions that hold nowhere, or everywhere."""
    concerned = [row for row in rows if rule.concerns(row)]
    if not concerned:
        yield "applies to nothing that there can be"
        return
    for name, tree in (("amber", rule.amber), ("red", rule.red)):
        if tree is not None and not any(_holds(tree, row) for row in concerned):
            yield f"{name} can never hold, by what the columns can be"
    if all(rule.fires(row) for row in concerned if _known(row)):
        yield "holds for all that it applies to"


def same(rules: Mapping[str, Conditions], columns: Mapping[str, Column]) -> list[tuple[str, str]]:
    """Pairs of rules about one kind of subject that always say the same."""
    reads: dict[frozenset[str], list[str]] = {}
    for name, rule in rules.items():
        reads.setdefault(frozenset(_names([rule])), []).append(name)
    pairs = (pair for names in reads.values() for pair in itertools.combinations(sorted(names), 2))
    return [pair for pair in pairs if _alike(rules[pair[0]], rules[pair[1]], columns)]


def _alike(one: Conditions, other: Conditions, columns: Mapping[str, Column]) -> bool:
    trial = trial_of([one, other], columns)
    return trial.whole and all(one.fires(row) == other.fires(row) for row in trial.rows)


def trial_of(rules: Iterable[Conditions], columns: Mapping[str, Column]) -> Trial:
    """Rows over the columns that some rules read."""
    rules = list(rules)
    trees = [tree for rule in rules for tree in rule.all]
    names = _names(rules)
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


def _names(rules: Iterable[Conditions]) -> list[str]:
    trees = [tree for rule in rules for tree in rule.all]
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


def _holds(tree: exp.Expr | None, row: Row) -> bool:
    return tree is not None and evaluate(tree, row) is True


def _known(row: Row) -> bool:
    return None not in row.values()
