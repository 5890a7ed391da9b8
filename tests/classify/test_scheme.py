"""Schemes are data: the shipped ones are total, what is written wrong is told with its place, Spark decides as Python does."""

from __future__ import annotations

import itertools
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from classify.book import SHIPPED, TEXTS, D

from loanwatch.classify.inputs import INPUTS
from loanwatch.classify.loan_class import decided
from loanwatch.classify.scheme import Scheme, load
from loanwatch.columns import SPARK
from loanwatch.errors import UsageError
from loanwatch.expression import Row, evaluate
from loanwatch.trial import trial_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FIVE = SHIPPED["cn_five_class"]


def rows_of(scheme: Scheme) -> list[Row]:
    """Combinations of the boundary values of all inputs: all of them where they are few, else a fixed draw; and null for all."""
    found = trial_of([*(floor.when for floor in scheme.floors), *(doubt.when for doubt in scheme.doubts)], INPUTS).rows
    nothing = {name: None if not INPUTS[name].required else found[0][name] for name in scheme.reads}
    return [*({**nothing, **row} for row in found), nothing]


@pytest.mark.parametrize("scheme", SHIPPED.values(), ids=lambda scheme: scheme.name)
def test_every_combination_of_boundary_values_has_a_class(scheme: Scheme) -> None:
    for row in rows_of(scheme):
        found = scheme.decide(row)
        chosen = next(floor for floor in scheme.floors if floor.name == found.floor)
        assert found.word == scheme.classes.words[chosen.rank]
        worse = [floor for floor in scheme.floors if floor.rank > chosen.rank]
        assert not any(evaluate(floor.when, row) is True for floor in worse)
        unsure = any(evaluate(floor.when, row) is None for floor in worse)
        doubtful = any(evaluate(doubt.when, row) is not False for doubt in scheme.doubts)
        assert bool(found.missing) == (unsure or doubtful), row


def test_what_is_not_known_is_never_better_than_what_it_could_be() -> None:
    """Whatever stands in the place of a missing input, the class is the one told, or it was told to be provisional."""
    names = ("days_past_due", "own_days_past_due", "regulatory_days_past_due", "technical")
    known = {name: {"boolean": False, "int": 0, "long": 0}.get(column.type) for name, column in INPUTS.items()}
    known |= {"repayment_gap": "none", "judged": "normal", "five_class_was": "normal", "debtor": "person"}
    values = {name: [False, True] if name == "technical" else [0, 1, 90, 91, 270, 271, 360, 361] for name in names}
    for name in names:
        others = [other for other in names if other != name]
        for combination in itertools.product(*[values[other] for other in others]):
            row = {**known, **dict(zip(others, combination, strict=True))}
            told = FIVE.decide({**row, name: None})
            could = {FIVE.decide({**row, name: value}).word for value in values[name]}
            assert told.missing or could == {told.word}, row


def capped(row: Row, days: str) -> Row:
    """A row with a past that the calendar has."""
    return {**row, days: min(row[days] or 0, 9999)} if days in row else row  # type: ignore[type-var]


@pytest.mark.parametrize("scheme", SHIPPED.values(), ids=lambda scheme: scheme.name)
def test_spark_decides_as_python_does(spark: SparkSession, scheme: Scheme) -> None:
    of = scheme.columns
    rows = [capped(row, of.better_days) for row in Random(0).choices(rows_of(scheme), k=3000)]
    types = [f"{name} {SPARK[INPUTS[name].type]}" for name in scheme.reads]
    schema = ", ".join(["loan_id string, book_minor bigint, currency string", *types])
    cells = [(f"P01:{n}", n, "CNY", *(row[name] for name in scheme.reads)) for n, row in enumerate(rows)]
    found = {row["loan_id"]: row for row in decided(spark.createDataFrame(cells, schema), [scheme], D).collect()}
    for n, row in enumerate(rows):
        said, expected = found[f"P01:{n}"], scheme.decide(row)
        assert (said[of.column], said[of.floor], said[of.paragraph]) == (expected.word, expected.floor, expected.paragraph), row
        assert (said[of.provisional], said[of.missing]) == (bool(expected.missing), list(expected.missing)), row
        if scheme is not FIVE:
            since = D - timedelta(row[of.better_days]) if expected.kept else None
            assert said[of.better_since] == since, row


LAST = '  - {floor: none, at_least: normal, when: "true", paragraph: art. 9}'


def written(*lines: str) -> str:
    return "\n".join(["source: a test", "terms: {late: days_past_due > 90, round: 'not {round}'}", "floors:", *lines, LAST])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (written("  - {floor: A, at_least: lost, when: '{late}', paragraph: x}"),
         ":4: floor A: no class 'lost'; did you mean 'loss'?"),
        (written("  - {floor: A, at_least: loss, when: days_pst_due > 1, paragraph: x}"),
         "the row of inputs has no column 'days_pst_due'; did you mean 'days_past_due'?"),
        (written("  - {floor: A, at_least: loss, when: '{lat}', paragraph: x}"),
         ":4: floor A: {lat} is no term; did you mean 'late'?"),
        (written("  - floor: A", "    at_least: loss", "    when: days_past_due", "    paragraph: x"),
         ":6: floor A: 'days_past_due' is neither true nor false"),
        (written("  - {floor: A, at_least: loss, when: days_past_due >, paragraph: x}"), ":4: floor A: not SQL"),
        (written("  - {floor: A, at_least: special_mention, when: '{late}', paragraph: x}",
                 "  - {floor: B, at_least: loss, when: days_past_due > 360, paragraph: x}"),
         ":5: floor B: loss stands after a better class; floors stand worst first"),
        (written("  - {floor: A, at_least: loss, when: '{late}', paragraph: x}",
                 "  - {floor: A, at_least: loss, when: days_past_due > 9, paragraph: x}"), ":5: floor A: stands twice"),
        (written("  - {floor: A, at_least: loss, when: days_past_due < 0, paragraph: x}"), ":4: floor A: can never hold"),
        (written("  - {floor: A, at_least: loss, when: '{late}'}"), ":4: floor: paragraph: Field required"),
        (written("  - {floor: A, at_least: loss, when: '{round}', paragraph: x}"), ":4: floor A: {round} stands within itself"),
        (written().replace(LAST, "  - {floor: A, at_least: loss, when: '{late}', paragraph: x}"),
         ":1: the last floor has to be `when: true` with the class 'normal'"),
        ("source: x\nterms: [a]\nfloors: []", ":2: `name: condition` is wanted, a line for each term"),
        ("source: x\nterms:\n  a: [b]\nfloors: []", ":3: term a: a condition is wanted"),
        ("source: x\nterms: {a: 'true', a: 'false'}\nfloors: []", ": term a stands twice"),
        ("source: x", ":1: floors is missing"), ("floors: {a: b}\nsource: x", ":1: a list of floors is wanted"),
        (written().replace("terms", "term"), ":2: no key 'term'; there are source, terms, doubts, floors"), ("{", "not YAML"),
    ],
)  # fmt: skip
def test_what_is_written_wrong_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(UsageError) as fault:
        load({**TEXTS, "classes/cn_five_class.yaml": text})
    assert f"conf/classes/cn_five_class.yaml{said if said[0] == ':' else ''}" in str(fault.value)
    assert said in str(fault.value)


def test_a_scheme_that_nobody_knows_and_one_that_lacks_are_told() -> None:
    with pytest.raises(UsageError, match=r"cn_five_clas\.yaml: no scheme 'cn_five_clas'; did you mean 'cn_five_class'"):
        load({**TEXTS, "classes/cn_five_clas.yaml": written()})
    with pytest.raises(UsageError, match=r"conf/classes/cn_five_class\.yaml is missing"):
        load({})
