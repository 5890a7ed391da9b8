"""Whether rules mean something: red within amber, an exit that is out of amber, limits that can be reached, no rule twice.

By trial on rows: each column takes its limits, what lies beside them, the ends of its range, and null. Where conditions compare
columns with whole numbers and words only, these rows stand for all there can be; of others, what is found is told and nothing else.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from loanwatch.columns import Column
from loanwatch.expression import Row, evaluate, told
from loanwatch.trial import names_of, trial_of


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


def doubts(rule: Conditions, columns: Mapping[str, Column]) -> list[str]:
    """What is wrong with the meaning of a rule, each with a row that shows it."""
    trial = trial_of(rule.all, columns)
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
        reads.setdefault(frozenset(names_of(rule.all)), []).append(name)
    pairs = (pair for names in reads.values() for pair in itertools.combinations(sorted(names), 2))
    return [pair for pair in pairs if _alike(rules[pair[0]], rules[pair[1]], columns)]


def _alike(one: Conditions, other: Conditions, columns: Mapping[str, Column]) -> bool:
    trial = trial_of([*one.all, *other.all], columns)
    return trial.whole and all(one.fires(row) == other.fires(row) for row in trial.rows)


def _holds(tree: exp.Expr | None, row: Row) -> bool:
    return tree is not None and evaluate(tree, row) is True


def _known(row: Row) -> bool:
    return None not in row.values()
