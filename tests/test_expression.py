"""What an expression is on a row, in plain Python, is what Spark makes of it; and soundness says nothing that is not so."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from loanwatch import codes
from loanwatch.columns import Column, coded
from loanwatch.expression import columns_of, evaluate, parsed, spark_sql
from loanwatch.flag.soundness import Conditions, doubts
from loanwatch.kinds import faults

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

COLUMNS = {
    column.name: column
    for column in (
        Column("few", "int", at_least=-3, at_most=3), Column("some", "int", at_least=-1000, at_most=1000),
        Column("many", "long", at_least=-(10**15), at_most=10**15), Column("yes", "boolean"), coded("product", codes.PRODUCTS, ""),
    )
}  # fmt: skip
VALUES: dict[str, list[Any]] = {
    "few": [None, -3, -1, 0, 1, 2, 3], "some": [None, -1000, -7, 0, 1, 999], "many": [None, -(10**15), 0, 3, 10**15],
    "yes": [None, False, True], "product": [None, *codes.PRODUCTS.words[:2]],
}  # fmt: skip

literals = st.integers(-4, 4).map(str)
numbers = st.recursive(
    st.sampled_from(["few", "some", "many"]) | literals,
    lambda n: st.one_of(
        st.tuples(n, st.sampled_from("+-*"), n).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(n, st.sampled_from(["div", "%"]), st.sampled_from(["3", "nullif(few, 0)"])).map(lambda t: f"({' '.join(t)})"),
        st.tuples(st.sampled_from(["coalesce", "greatest", "least", "nullif"]), n, n).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        n.map(lambda t: f"abs({t})"), n.map(lambda t: f"(- {t})"),
    ),
    max_leaves=4,
)  # fmt: skip
words = st.sampled_from(["product", *(f"'{word}'" for word in codes.PRODUCTS.words[:3])])
comparisons = st.one_of(
    st.tuples(numbers, st.sampled_from(["=", "<>", "<", "<=", ">", ">=", "<=>"]), numbers).map(" ".join),
    st.tuples(words, st.sampled_from(["=", "<>", "<", ">=", "<=>"]), words).map(" ".join),
    st.tuples(numbers, numbers, numbers).map(lambda t: f"{t[0]} between {t[1]} and {t[2]}"),
    st.tuples(numbers, st.sampled_from(["in", "not in"]), st.lists(literals | st.just("few"), min_size=1, max_size=3)).map(
        lambda t: f"{t[0]} {t[1]} ({', '.join(t[2])})"
    ),
    numbers.map(lambda n: f"{n} is null"), numbers.map(lambda n: f"{n} is not null"), st.just("yes"),
)  # fmt: skip
conditions = st.recursive(
    comparisons,
    lambda c: st.one_of(
        st.tuples(c, st.sampled_from(["and", "or"]), c).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        c.map(lambda t: f"not ({t})"), c.map(lambda t: f"({t}) is true"), c.map(lambda t: f"({t}) is not false"),
    ),
    max_leaves=4,
)  # fmt: skip


def fits(sql: str) -> bool:
    return not faults(parsed(sql), COLUMNS, "a table")


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.lists(conditions.filter(fits), min_size=80, max_size=80, unique=True))
def test_python_and_spark_agree(spark: SparkSession, found: list[str]) -> None:
    from pyspark.sql import functions as F

    schema = "few int, some int, many bigint, yes boolean, product string"
    every = list(itertools.product(*VALUES.values()))
    rows = [dict(zip(VALUES, row, strict=True)) for row in every[::7]]
    frame = spark.createDataFrame([tuple(row.values()) for row in rows], schema).coalesce(1)
    answers = frame.select(*[F.expr(spark_sql(parsed(sql))).alias(f"c{n}") for n, sql in enumerate(found)]).collect()
    for n, sql in enumerate(found):
        tree = parsed(sql)
        assert [evaluate(tree, row) for row in rows] == [answer[n] for answer in answers], sql


simple = st.tuples(st.sampled_from(["few", "some"]), st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), literals).map(" ".join)
plain = st.recursive(
    simple | st.just("yes"),
    lambda c: st.tuples(c, st.sampled_from(["and", "or"]), c).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})") | c.map("not ({})".format),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None)
@given(plain, plain, st.none() | plain, st.none() | plain)
def test_doubts_are_what_all_rows_say(applies: str, amber: str, red: str | None, clear: str | None) -> None:
    """Against every row that there can be, in a range that goes beyond all constants."""
    trees = [None if sql is None else parsed(sql) for sql in (applies, amber, red, clear)]
    rule = Conditions(*trees)
    names = sorted({name for tree in trees if tree for name in columns_of(tree)})
    values = {"few": [None, *range(-3, 4)], "some": [None, *range(-9, 10)], "yes": [None, False, True]}
    rows = [dict(zip(names, row, strict=True)) for row in itertools.product(*(values[name] for name in names))]
    concerned = [row for row in rows if evaluate(trees[0], row) is True]  # type: ignore[arg-type]

    def holds(tree: Any, row: dict[str, Any]) -> bool:
        return tree is not None and evaluate(tree, row) is True

    known = [row for row in rows if None not in row.values()]
    expected = {
        "red holds where amber": any(holds(trees[2], row) and not holds(trees[1], row) for row in known),
        "the exit holds": any(holds(trees[3], row) and (holds(trees[1], row) or holds(trees[2], row)) for row in concerned),
        "applies to nothing": not concerned,
        "amber can never": bool(concerned) and not any(holds(trees[1], row) for row in concerned),
        "red can never": bool(concerned) and red is not None and not any(holds(trees[2], row) for row in concerned),
        "holds for all": bool(concerned) and all(
            holds(trees[1], row) or holds(trees[2], row) for row in concerned if None not in row.values()
        ),
    }  # fmt: skip
    told = {start for start in expected for doubt in doubts(rule, COLUMNS) if doubt.startswith(start)}
    assert told == {start for start, so in expected.items() if so}
