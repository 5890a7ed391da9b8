"""A lake on its first day: every step takes an empty book and gives an empty table as declared."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from frames import frame
from pyspark.sql import functions as F

from loanwatch import configuration, settings
from loanwatch.flag.rules import in_force
from loanwatch.flag.tables import RULE
from loanwatch.pipeline import STEPS, Source, Step
from loanwatch.tables import Changes, Feed, Line, MonthEnds, Table
from loanwatch.values import values

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

D = date(2025, 3, 31)


@pytest.mark.parametrize("step", [step for step in STEPS if step.writes is not RULE], ids=lambda step: step.name)
def test_an_empty_book_gives_an_empty_table_as_declared(spark: SparkSession, step: Step) -> None:
    known = values(configuration.load(settings.load("test")))
    known |= {"rules": in_force(known["rules"], D), "as_of": D, "champions": {}}
    empty = {of.short: _empty(spark, of) for of in step.reads}
    found = step.function(**empty, **{name: known[name] for name in step.needs})
    assert sorted(found.columns) == sorted(step.writes.names)
    assert found.collect() == []


def _empty(spark: SparkSession, of: Source) -> DataFrame:
    table = of.feed if isinstance(of, Changes) else of if isinstance(of, Feed | Table) else of.table
    rows = frame(spark, table, [])
    return rows.select(F.lit(D).alias("as_of"), "*") if isinstance(of, MonthEnds | Line) else rows
