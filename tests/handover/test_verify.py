"""The verifier's own logic over whole columns says what plain Python says: of drawn expressions, and of every shipped rule;
and its digests are those of the seal."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from flag.test_second_engine import TYPES, around_limits
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from seal.test_table_digest import ROWS as DRAWN
from seal.test_table_digest import content
from test_expression import VALUES, conditions, fits

from loanwatch import configuration, settings
from loanwatch.classify.inputs import INPUTS
from loanwatch.codes import CLASSES
from loanwatch.columns import ARROW, Column
from loanwatch.expression import evaluate, parsed
from loanwatch.flag.masks import MASKS
from loanwatch.flag.outcome import outcome_on
from loanwatch.flag.rules import TABLES, about, load
from loanwatch.flag.second_engine import masks_sql
from loanwatch.handover import verify
from loanwatch.handover.schemes import schemes
from loanwatch.handover.trees import rule_as_data, tree
from loanwatch.values import values

ROWS = [dict(zip(VALUES, row, strict=True)) for row in list(itertools.product(*VALUES.values()))[::7]]
COLUMNS = {name: verify._numbers(pa.array([row[name] for row in ROWS], kind)) for name, kind in TYPES.items()}


def anew(sql: str) -> list[Any]:
    return list(verify._whole(verify.evaluate(tree(parsed(sql)), COLUMNS), len(ROWS)).to_pylist())


@examples(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(conditions.filter(fits))
def test_an_expression_is_what_plain_python_says(sql: str) -> None:
    assert anew(sql) == [evaluate(parsed(sql), row) for row in ROWS], sql


@pytest.mark.parametrize(
    "sql", ["few div nullif(some, 0) > 1", "few % 3 = -1", "not yes is true", "few in (1, some)", "few not in (1, some)",
            "product <> 'home'", "greatest(few, some) is null", "nullif(few, 1) is null", "yes", "true", "few <=> some"],
)  # fmt: skip
def test_every_kind_of_expression(sql: str) -> None:
    assert anew(sql) == [evaluate(parsed(sql), row) for row in ROWS]


def test_every_rule_has_the_outcome_and_the_bits_that_plain_python_and_the_night_give_it() -> None:
    """On rows in which all columns take values around its limits, with and without gaps."""
    shipped = load(configuration.load(settings.load("test")).below("rules"))
    for subject, table in TABLES.items():
        rules = about(shipped, subject)
        rows = around_limits(subject, table, rules)
        columns = {name: verify._numbers(rows[name].combine_chunks()) for name in rows.column_names}
        told = [rule_as_data(rule) | {"bit": bit} for bit, rule in enumerate(rules)]
        for rule in told:
            found = verify.outcome(rule, columns, len(rows)).to_pylist()
            assert found == [outcome_on(rules[rule["bit"]], row) for row in rows.to_pylist()], rule["id"]
        masks = verify.masks_of(told, columns, len(rows))
        with duckdb.connect() as engine:
            by_duckdb = engine.register("rows", rows).sql(masks_sql(rules, subject, "rows")).to_arrow_table()
        for name in MASKS:
            words = (word.to_pylist() for word in masks[name])
            assert by_duckdb[name].to_pylist() == [list(of) for of in zip(*words, strict=True)], name


def test_every_loan_has_the_class_that_plain_python_gives_it() -> None:
    """By the shipped scheme, of drawn inputs: edges of days and shares, every word, and what is not known."""
    draw, conf = random.Random(5), configuration.load(settings.load("test"))
    rows = [{name: drawn(draw, column) for name, column in INPUTS.items()} for _ in range(5000)]
    rows += [{**quiet(), name: value} for name, column in INPUTS.items() for value in (*edges(column), None)]
    cured = {"debtor": "firm", "was_non_performing": True, "clear_months": 6, "clear_periods": 2}
    rows += [{**quiet(), **cured, "debtor_npl": npl} for npl in (True, False)]
    rows += [{**quiet(), "debtor": "firm", "merging": True, "five_class_was": word} for word in CLASSES.words]
    columns = {n: verify._numbers(pa.array([row[n] for row in rows], ARROW[c.type])) for n, c in INPUTS.items()}
    for told in schemes(conf):
        scheme = values(conf)["schemes"][told["scheme"]]
        found = pa.table(verify.classed(json.loads(json.dumps(told)), columns, len(rows))).to_pylist()
        of = scheme.columns
        for row, one in zip(rows, found, strict=True):
            by = scheme.decide(row)
            assert one == {of.column: by.word, of.floor: by.floor, of.paragraph: by.paragraph, of.provisional: bool(by.missing),
                           of.missing: ",".join(by.missing)}, row  # fmt: skip
        assert {one[of.floor] for one in found} == {floor.name for floor in scheme.floors}


EDGES: dict[str, list[Any]] = {
    "boolean": [True, False], "int": [0, 1, 2, 5, 6, 30, 31, 89, 90, 91, 270, 271, 360, 361],
    "long": [0, 50, 51, 1000, 1001, 2000, 2001, 4999, 5000, 8999, 9000, 20000, 20001],
}  # fmt: skip


def edges(column: Column) -> list[Any]:
    return list(column.codes.words) if column.codes else EDGES[column.type]


def quiet() -> dict[str, Any]:
    """A loan of which there is nothing to say."""
    return {name: edges(column)[-1 if column.type == "boolean" else 0] for name, column in INPUTS.items()}


def drawn(draw: random.Random, column: Column) -> Any:
    """Mostly of little weight: one floor of many holds, now this, now that."""
    if draw.random() < 0.03:
        return None
    if draw.random() < 0.85:
        return quiet()[column.name]
    return draw.choice(edges(column))


@examples(max_examples=25, deadline=None)
@given(rows=DRAWN)
def test_a_table_has_the_digest_that_was_sealed(folder: Path, rows: list[dict[str, Any]]) -> None:
    sealed = content(folder, rows)
    (file,), of = sealed.files, sealed.digest()
    buckets = verify.summed(verify.bucketed(Path(file), of.key, of.columns))
    assert verify.table_digest(of.table, of.key, of.columns, buckets) == of.digest


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rows")
