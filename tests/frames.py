"""Row builders: a frame of a table or feed from the columns that matter; the rest is filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from loanwatch.columns import SPARK, Column
from loanwatch.tables import Feed, Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

DAY = date(2025, 3, 1)
FILLED: dict[str, Any] = {"string": "P01:1", "int": 1, "long": 1, "date": DAY, "boolean": True, "longs": [0], "strings": []}


def frame(spark: SparkSession, of: Table | Feed, rows: Sequence[Mapping[str, Any]]) -> DataFrame:
    """Rows with every column: as given, else a filler where the column is required, else null."""
    columns = of.row if isinstance(of, Feed) else of.columns
    schema = ", ".join(f"{column.name} {SPARK[column.type]}" for column in columns)
    unknown = {name for row in rows for name in row} - {column.name for column in columns}
    assert not unknown, f"{of.name} has no columns {unknown}"
    return spark.createDataFrame([tuple(_cell(column, row) for column in columns) for row in rows], schema)


def _cell(column: Column, row: Mapping[str, Any]) -> Any:
    if column.name in row:
        return row[column.name]
    if not column.required:
        return None
    return column.codes.words[0] if column.codes else FILLED[column.type]
