"""The outcome of a rule for one row, as SQL: one of five, and never none."""

from __future__ import annotations

from loanwatch.flag.rules import Rule

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


def exit_holds(rule: Rule) -> str:
    """Whether a warning of the rule may be clearing: its exit condition is true, or by default it is clear."""
    return f"({rule.clear}) is true" if rule.clear else f"{state(rule)} = {CLEAR}"


def state(rule: Rule) -> str:
    """The column that holds a rule's outcome while a row is looked at."""
    return f"_{rule.id.lower()}"
