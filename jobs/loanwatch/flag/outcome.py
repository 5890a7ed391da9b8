"""The outcome of a rule for one row, as SQL and in Python: one of five, and never none."""

from __future__ import annotations

from collections.abc import Sequence

from loanwatch.derive.tables import CONSENTED
from loanwatch.expression import Row, Value, evaluate
from loanwatch.flag.masks import mask
from loanwatch.flag.rules import Rule

OUTCOMES = ("clear", "amber", "red", "unknown", "not_applicable")
CLEAR, AMBER, RED, UNKNOWN, NOT_APPLICABLE = range(5)


def outcome(rule: Rule) -> str:
    """The rule's outcome as an integer expression.

    Red and amber need a condition that is true. A condition that is null under a gap of a source is
    unknown, and null without one (a ratio to nothing) not applicable; an unknown `applies` is unknown.
    """
    gap = " or ".join(f"{column} <> 'none'" for column in rule.gap_columns) or "false"
    return (
        f"case when not ({rule.applies}) then {NOT_APPLICABLE}"
        f" when ({rule.applies}) is null then {UNKNOWN}"
        f" when ({rule.red}) then {RED}"
        f" when ({rule.amber}) then {AMBER}"
        f" when (({rule.red}) is null or ({rule.amber}) is null) and ({gap}) then {UNKNOWN}"
        f" when ({rule.red}) is null or ({rule.amber}) is null then {NOT_APPLICABLE}"
        f" else {CLEAR} end"
    )


def outcome_on(rule: Rule, row: Row) -> int:
    """The same of a row that has the columns and gap columns of the rule."""

    def value(key: str) -> Value:
        tree = getattr(rule.conditions, key)
        return key == "applies" if tree is None else evaluate(tree, row)

    missing = any(row[gap] != "none" for gap in rule.gap_columns)
    return outcome_of(value("applies"), value("amber"), value("red"), missing=missing)


def outcome_of(applies: Value, amber: Value, red: Value, *, missing: bool) -> int:
    """The same of what the conditions are; `missing` says that a source has a gap."""
    if applies is not True:
        return UNKNOWN if applies is None else NOT_APPLICABLE
    if red is True or amber is True:
        return RED if red is True else AMBER
    if red is None or amber is None:
        return UNKNOWN if missing else NOT_APPLICABLE
    return CLEAR


def exit_holds(rule: Rule) -> str:
    """Whether a warning of the rule may be clearing: its exit condition is true, or by default it is clear."""
    return f"({rule.clear}) is true" if rule.clear else f"{state(rule)} = {CLEAR}"


def masks_of(rules: Sequence[Rule]) -> dict[str, str]:
    """The masks of a subject by their columns in `flag.verdict`, as SQL over the outcomes of its rules."""
    masks = {name: [f"{state(rule)} = {place}" for rule in rules] for place, name in enumerate(OUTCOMES) if place != CLEAR}
    masks["cleared"] = [exit_holds(rule) for rule in rules]
    masks["no_basis"] = [no_basis(rule) for rule in rules]
    return {name: mask(holds) for name, holds in masks.items()}


def no_basis(rule: Rule) -> str:
    """Whether a rule is unknown and all that is missing is missing for want of consent."""
    if not CONSENTED.intersection(rule.gap_columns):
        return "false"
    lawful = " and ".join(f"{column} in ('none', 'no_basis')" for column in rule.gap_columns)
    lacking = " or ".join(f"{column} = 'no_basis'" for column in rule.gap_columns)
    return f"{state(rule)} = {UNKNOWN} and {lawful} and ({lacking})"


def state(rule: Rule) -> str:
    """The column that holds a rule's outcome while a row is looked at."""
    return f"_{rule.id.lower()}"
