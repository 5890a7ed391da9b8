"""DuckDB, given the same trees, says what plain Python and Spark say: of drawn expressions, and of the shipped rules' masks."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pytest
from flag.test_examples import _row
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from test_expression import VALUES, conditions, fits

from loanwatch import configuration, settings
from loanwatch.columns import ARROW
from loanwatch.expression import evaluate, parsed
from loanwatch.flag.masks import MASKS
from loanwatch.flag.outcome import outcome_on, state
from loanwatch.flag.rule_text import numbers_of
from loanwatch.flag.rules import TABLES, Rule, about, load
from loanwatch.flag.second_engine import duckdb_sql, masks_sql, outcomes_sql
from loanwatch.flag.verdict import masks
from loanwatch.tables import Table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TYPES = {"few": pa.int32(), "some": pa.int32(), "many": pa.int64(), "yes": pa.bool_(), "product": pa.string()}


@examples(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.lists(conditions.filter(fits), min_size=80, max_size=80, unique=True))
def test_python_and_duckdb_agree(found: list[str]) -> None:
    rows = [dict(zip(VALUES, row, strict=True)) for row in list(itertools.product(*VALUES.values()))[::7]]
    given_rows = pa.Table.from_pylist(rows, schema=pa.schema(TYPES))
    trees = [parsed(sql) for sql in found]
    columns = ", ".join(f"{duckdb_sql(tree)} as c{n}" for n, tree in enumerate(trees))
    with duckdb.connect() as engine:
        answers = engine.register("rows", given_rows).sql(f"select {columns} from rows").fetchall()
    for n, tree in enumerate(trees):
        assert [evaluate(tree, row) for row in rows] == [answer[n] for answer in answers], found[n]


def test_python_spark_and_duckdb_give_the_same_verdicts(spark: SparkSession) -> None:
    """Of every shipped rule on rows in which all columns take values around its limits, with and without gaps."""
    shipped = load(configuration.load(settings.load("test")).below("rules"))
    for subject, table in TABLES.items():
        rules = about(shipped, subject)
        rows = around_limits(subject, table, rules)
        with duckdb.connect() as engine:
            engine.register("rows", rows)
            outcomes = engine.sql(outcomes_sql(rules, "rows")).to_arrow_table().to_pylist()
            by_duckdb = engine.sql(f"{masks_sql(rules, subject, 'rows')} order by 1").fetchall()
        for row in outcomes:
            assert [row[state(rule)] for rule in rules] == [outcome_on(rule, row) for rule in rules]
        by_spark = masks(spark.createDataFrame(rows), subject, rules).select("subject_id", *MASKS)
        assert by_duckdb == sorted(tuple(row) for row in by_spark.collect())


def around_limits(subject: str, table: Table, rules: tuple[Rule, ...]) -> pa.Table:
    values: list[int | None] = [
        None,
        *sorted({v + s for rule in rules for limit in rule.limits.values() for v in numbers_of(limit) for s in (-1, 0, 1)}),
    ]
    cases: list[dict[str, Any]] = [_row(table, value, gap) for value in values for gap in ("none", "absent")]
    keyed = [{**case, f"{subject}_id": f"P01:{n}"} for n, case in enumerate(cases)]
    return pa.Table.from_pylist(keyed, schema=pa.schema([(c.name, ARROW[c.type]) for c in table.columns]))


@pytest.mark.parametrize(
    "sql", ["few = some = yes", "not yes is true", "- few % 3 = 1", "few div nullif(some, 0) * 3 > 1"]
)
def test_operators_that_the_two_bind_differently(sql: str) -> None:
    row = {"few": -3, "some": 2, "yes": False}
    given_row = pa.Table.from_pylist([row], schema=pa.schema({name: TYPES[name] for name in row}))
    with duckdb.connect() as engine:
        answer = engine.register("rows", given_row).sql(f"select {duckdb_sql(parsed(sql))} from rows").fetchone()
    assert answer == (evaluate(parsed(sql), row),)
