"""The words of every rule, filled in by Spark and by Python, are the same."""

from __future__ import annotations

import random
from datetime import date
from typing import TYPE_CHECKING, Any

from frames import frame

from loanwatch import configuration, settings
from loanwatch.columns import Column
from loanwatch.flag.rules import TABLES, about, load
from loanwatch.flag.sentence import sentence, sentence_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DRAWN: dict[str, list[Any]] = {
    "int": [0, -1, 4, 5, 1234], "long": [0, -5, 15, 25, 12_345, 10**13], "boolean": [True, False], "date": [date(2024, 2, 29)],
}  # fmt: skip


def test_spark_and_python_say_the_same(spark: SparkSession) -> None:
    draw = random.Random(7)
    rules = load(configuration.load(settings.load("test")).below("rules"))
    for subject, table in TABLES.items():
        rows = [{column.name: drawn(draw, column) for column in table.columns} for _ in range(40)]
        mine = about(rules, subject)
        words = [(rule, said) for rule in mine for said in (rule.says.en, rule.says.zh)]
        found = frame(spark, table, rows).select(*[sentence(said, rule).alias(str(n)) for n, (rule, said) in enumerate(words)])
        assert [tuple(row) for row in found.collect()] == [
            tuple(sentence_of(said, rule, row) for rule, said in words) for row in rows
        ]


def drawn(draw: random.Random, column: Column) -> Any:
    return None if draw.random() < 0.2 and not column.required else draw.choice(DRAWN.get(column.type, ["vehicle", "home"]))
