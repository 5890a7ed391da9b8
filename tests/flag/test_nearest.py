"""What expressions can be holds all that they are; the nearest change is the one that trying every value finds."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from flag.test_rules import load, load_in_force
from hypothesis import given, settings
from hypothesis import strategies as st
from test_expression import COLUMNS, VALUES, conditions, fits, plain

from loanwatch.columns import Column
from loanwatch.derive.tables import LOAN_INDICATOR
from loanwatch.expression import evaluate, parsed
from loanwatch.flag.nearest import ended, nearest_end, nearest_raise
from loanwatch.flag.outcome import outcome_on
from loanwatch.flag.rules import Rule
from loanwatch.flag.soundness import Conditions
from loanwatch.flag.spans import Span, possible

ONE_RULE = load({})[0]


def rule_of(applies: str, amber: str, red: str | None, clear: str | None) -> Rule:
    trees = [None if sql is None else parsed(sql) for sql in (applies, amber, red, clear)]
    return replace(ONE_RULE, conditions=Conditions(*trees), columns=())


@settings(max_examples=300, deadline=None)
@given(conditions.filter(fits), st.integers(0, 10**6))
def test_what_an_expression_can_be_holds_what_it_is(sql: str, seed: int) -> None:
    """Rows within drawn spans of two columns; of spans of one number it is exact."""
    draw, tree = Random(seed), parsed(sql)
    row: dict[str, Any] = {name: draw.choice(values) for name, values in VALUES.items()}
    ends = {name: sorted(draw.choices(range(-4, 5), k=2)) for name in ("few", "some")}
    spans = {name: Span(*ends[name]) if name in ends else Span.of(value) for name, value in row.items()}
    for few in range(ends["few"][0], ends["few"][1] + 1):
        for some in range(ends["some"][0], ends["some"][1] + 1):
            assert evaluate(tree, {**row, "few": few, "some": some}) in possible(tree, spans).words
    assert possible(tree, {name: Span.of(value) for name, value in row.items()}).words == {evaluate(tree, row)}


@settings(max_examples=150, deadline=None)
@given(st.none() | plain, conditions.filter(fits), st.none() | plain, st.none() | plain, st.integers(0, 10**6))
def test_the_nearest_change_is_the_one_that_trying_all_finds(
    applies: str | None, amber: str, red: str | None, clear: str | None, seed: int
) -> None:
    draw, rule = Random(seed), rule_of(applies or "true", amber, red, clear)
    row: dict[str, Any] = {name: draw.choice(values) for name, values in VALUES.items()}
    column = COLUMNS["some"]
    tried = {value: {**row, "some": value} for value in range(-1000, 1001) if value != row["some"]}
    by_distance = sorted(tried, key=lambda value: (abs(value - (row["some"] or 0)), value))
    expected = (
        None if row["some"] is None else next((v for v in by_distance if outcome_on(rule, tried[v]) in (1, 2)), None)
    )
    assert nearest_raise(rule, row, column) == expected
    expected = None if row["some"] is None else next((v for v in by_distance if ends(rule, tried[v])), None)
    assert nearest_end(rule, row, column) == expected


def ends(rule: Rule, row: dict[str, Any]) -> bool:
    """As `flag.warning` ends: not raised, and the exit holds (by default the outcome is clear), or not applicable."""
    outcome, clear = outcome_on(rule, row), rule.conditions.clear
    return outcome == 4 or (outcome in (0, 3) and (outcome == 0 if clear is None else evaluate(clear, row) is True))


@pytest.mark.parametrize(
    ("rule", "row", "end", "raised"),
    [
        ({}, {"days_past_due": 45}, 0, 44),
        ({}, {"days_past_due": 0}, None, 1),
        ({"clear": "days_past_due = 0", "amber": "days_past_due > 5"}, {"days_past_due": 9}, 0, 8),
        ({"applies": "days_past_due > 3"}, {"days_past_due": 4}, 3, 5),
        ({"red": None, "amber": "3 * (days_past_due div 7) > 20"}, {"days_past_due": 60}, 48, 59),
        (
            {"red": None, "amber": "days_past_due >= missed_instalments"},
            {"days_past_due": 5, "missed_instalments": 4},
            3,
            4,
        ),
        ({"red": None, "amber": "days_past_due > 1"}, {"days_past_due": None, "repayment_gap": "late"}, None, None),
    ],
)
def test_the_nearest_change_of_a_column(
    rule: dict[str, Any], row: dict[str, Any], end: int | None, raised: int | None
) -> None:
    (one,) = load_in_force(rule)
    full = {**dict.fromkeys(one.gap_columns, "none"), **row}
    column: Column = LOAN_INDICATOR.by_name["days_past_due"]
    assert (nearest_raise(one, full, column)) == raised
    if end is not None:
        assert nearest_end(one, full, column) == end
        assert ended(one, {**full, "days_past_due": end}) and not ended(one, {**full, "days_past_due": end + 1})
