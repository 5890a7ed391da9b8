"""What one rule says of one subject, and what would change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from loanwatch.columns import Column
from loanwatch.explanation.acts import Act, acts
from loanwatch.explanation.ahead import Ahead
from loanwatch.flag.masks import MASKS, WORD
from loanwatch.flag.nearest import nearest_end, nearest_raise
from loanwatch.flag.outcome import OUTCOMES
from loanwatch.flag.rules import TABLES, Rule
from loanwatch.flag.sentence import sentence_of
from loanwatch.flag.told import Told, told

CONDITIONS = ("applies", "amber", "red", "clear")
RAISED = ("amber", "red")


@dataclass(frozen=True)
class Limit:
    """A figure, what it is, and the nearest value of it with which the rule would say something else."""

    column: str
    now: int
    then: int


@dataclass(frozen=True)
class Ruling:
    """A rule on a subject: outcome, version, words, its conditions node by node, and what would end it or raise it.

    `acts` and `unlike` are of a raised rule about a loan; `limits` are those that end it (raised) or raise it (clear).
    `unlike` are figures that do not come out of the rows as they were published: then no act is stated.
    """

    rule: Rule
    outcome: str
    digest: str
    says: Mapping[str, str]
    since: date | None
    nodes: Mapping[str, tuple[Told, ...]]
    gaps: Mapping[str, str]
    acts: tuple[Act, ...]
    unlike: tuple[str, ...]
    limits: tuple[Limit, ...]


def ruling(
    rule: Rule, masks: Mapping[str, list[int]], row: Mapping[str, Any], digest: str,
    warned: Mapping[str, Any] | None, ahead: Ahead | None,
) -> Ruling:  # fmt: skip
    """A rule by its verdict and the row of indicators that it saw; `warned`: its warning, if there is one."""
    word, bit = divmod(rule.bit, WORD)
    outcome = next((name for name in MASKS if name in OUTCOMES and masks[name][word] >> bit & 1), "clear")
    trees = {key: getattr(rule.conditions, key) for key in CONDITIONS}
    says = {"says_en": rule.says.en, "says_zh": rule.says.zh}
    if warned:
        says = {key: warned[key] for key in says}
    elif outcome in RAISED:
        says = {key: sentence_of(words, rule, row) for key, words in says.items()}
    else:
        says = {}
    unlike = tuple(name for name in ahead.loan.unlike if name in rule.columns) if ahead and outcome in RAISED else ()
    return Ruling(
        rule, outcome, digest, says, warned["opened_on"] if warned else None,
        {key: tuple(told(tree, row)) for key, tree in trees.items() if tree is not None and tree.sql() != "TRUE"},
        {gap: row[gap] for gap in rule.gap_columns if row[gap] != "none"} if outcome == "unknown" else {},
        tuple(acts(rule, ahead)) if ahead and outcome in RAISED and not unlike else (),
        unlike, tuple(_limits(rule, row, outcome)),
    )  # fmt: skip


def _limits(rule: Rule, row: Mapping[str, Any], outcome: str) -> Iterator[Limit]:
    search = nearest_end if outcome in RAISED else nearest_raise
    for name in rule.columns if outcome in (*RAISED, "clear") else ():
        column: Column = TABLES[rule.subject].by_name[name]
        then = search(rule, row, column)
        if then is not None:
            yield Limit(name, row[name], then)
