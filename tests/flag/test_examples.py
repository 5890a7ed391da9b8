"""Examples of rules: those of the shipped rules hold and touch everything; what is wrong with one is told."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flag.test_rules import load
from frames import frame

from loanwatch import configuration, settings
from loanwatch.flag import examples
from loanwatch.flag.outcome import outcome_on, state
from loanwatch.flag.rule_text import numbers_of
from loanwatch.flag.rules import TABLES, Rule, about
from loanwatch.flag.rules import load as load_texts
from loanwatch.flag.verdict import states_of
from loanwatch.tables import Table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FOLDER = Path(__file__).parents[1] / "rules"


@pytest.fixture(scope="module")
def shipped() -> tuple[Rule, ...]:
    return load_texts(configuration.load(settings.load("test")).below("rules"))


def test_the_examples_of_the_shipped_rules_hold_and_touch_each_side_of_each_limit(shipped: tuple[Rule, ...]) -> None:
    report = examples.run(shipped, {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yaml")})
    assert (report.failed, report.untouched) == ([], [])
    assert report.held > 3 * len(shipped)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("- {rule: DPD, given: {days_past_due: 31}, then: amber}", "a.yaml:1: rule DPD is red, not amber, with days_past_due = 31"),
        ("\n- {rule: DDP, given: {days_past_due: 31}, then: red}", "a.yaml:2: no rule 'DDP'; did you mean 'DPD'?"),
        ("- {rule: DPD, given: {}, then: clear}", "a.yaml:1: give days_past_due, null where it is missing"),
        ("- {rule: DPD, given: {days_past_due: true}, then: clear}", "a.yaml:1: days_past_due is no int: True"),
        ("- {rule: DPD, given: {days_past_due: 1, ltv_bp: 1}, then: clear}", "a.yaml:1: rule DPD does not read 'ltv_bp'"),
        ("- {rule: DPD, given: {days_past_due: 1}, then: yellow}", "a.yaml:1: then: Input should be 'clear'"),
        ("- {rule: DPD}", "a.yaml:1: given: Field required"),
        ("DPD", "a.yaml:1: a list is wanted"),
    ],
)
def test_an_example_that_does_not_hold(text: str, fault: str) -> None:
    report = examples.run(load({}), {"a.yaml": text})
    assert [line for line in report.failed if line.startswith(fault)], report.failed
    assert report.held == 0


def test_what_no_example_touches_is_told() -> None:
    rules = load({"applies": "secured", "clear": "days_past_due = 0"}, {"id": "OTHER", "red": None})
    report = examples.run(rules, {"a.yaml": "- {rule: DPD, given: {days_past_due: 31, secured: true}, then: red}"})
    assert report.untouched == [
        "rule DPD: applies: no example where 'secured' does not hold",
        "rule DPD: amber: no example where 'days_past_due > 0' does not hold",
        "rule DPD: red: no example where 'days_past_due > 30' does not hold",
        "rule DPD: clear: no example where 'days_past_due = 0' holds",
        "rule OTHER: no example",
    ]


def test_python_and_spark_give_the_same_outcomes(spark: SparkSession, shipped: tuple[Rule, ...]) -> None:
    """Of every shipped rule on rows in which all columns take values around its limits, with and without gaps."""
    for subject, table in TABLES.items():
        rules = about(shipped, subject)
        limits = {number for rule in rules for limit in rule.limits.values() for number in numbers_of(limit)}
        values = [None, *sorted({number + step for number in limits for step in (-1, 0, 1)})]
        cases = enumerate(itertools.product(values, ("none", "absent")))
        rows = [{**_row(table, value, gap), f"{subject}_id": f"P01:{n}"} for n, (value, gap) in cases]
        made = frame(spark, table, rows).orderBy(f"{subject}_id")
        for found in states_of(made, rules).collect():
            assert [found[state(rule)] for rule in rules] == [outcome_on(rule, found.asDict()) for rule in rules]


def _row(table: Table, value: int | None, gap: str) -> dict[str, Any]:
    """A row in which all numbers are a value, or null where they cannot be it, and all sources have a gap."""
    numbers = [column for column in table.columns if column.type in ("int", "long")]
    row: dict[str, Any] = {c.name: value for c in numbers if value is None or c.at_least is None or value >= c.at_least}
    row |= {name: gap for name in table.names if name.endswith("_gap")}
    row |= {column.name: gap == "none" for column in table.columns if column.type == "boolean"}
    words = {"product": "home"}
    return row | {name: word for name, word in words.items() if name in table.names}
