"""Price indices as known on the day, chained over gaps and changes of base."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from loanwatch.cover.tables import INDEX_LEVEL, LEVEL_SCALE

if TYPE_CHECKING:
    import pyarrow as pa


def index_level(price_index: DataFrame) -> DataFrame:
    """`cover.index_level`: one row per kind, cell and period; of two senders of a period, the one that published later."""
    by_sender = Window.partitionBy("kind", "region", "period_on").orderBy(F.col("published_on").desc(), "sender_id")
    one = price_index.withColumn("first", F.row_number().over(by_sender)).where("first = 1")
    published = one.select("kind", F.col("region").alias("cell"), "period_on", "level_bp", "change_bp", "base", "sales")
    return published.groupBy("kind").applyInArrow(levels, INDEX_LEVEL.spark)


def levels(published: pa.Table) -> pa.Table:
    """The chained levels of one kind; a period lasts until the cell's next one."""
    import pyarrow as pa

    from loanwatch.cover.chain import Published, chained

    rows = published.to_pylist()
    kind, sales = rows[0]["kind"], {(row["cell"], row["period_on"]): row["sales"] for row in rows}
    months = months_by_cell(sales)
    shortest = min(months.values(), default=1)
    told = [Published((r["cell"],), r["period_on"], r["level_bp"], r["change_bp"], r["base"]) for r in rows]
    found = list(chained(told, shortest))
    until = [after.period_on if after and after.cell == row.cell else None for row, after in pairwise([*found, None]) if row]
    out = [
        {"kind": kind, "cell": row.cell[0], "period_on": row.period_on, "until_on": end,
         "level_e12": round(row.level * LEVEL_SCALE), "bridged": row.bridged, "sales": sales[row.cell[0], row.period_on],
         "months": months.get(row.cell[0], shortest)}
        for row, end in zip(found, until, strict=True)
    ]  # fmt: skip
    schema = INDEX_LEVEL.arrow
    return pa.Table.from_pylist(out, schema=pa.schema([schema.field(name) for name in INDEX_LEVEL.names]))


def months_by_cell(periods: Iterable[tuple[str, date]]) -> dict[str, int]:
    """Months from one period to the next, the least there are; of cells with more than one."""
    months: dict[str, int] = {}
    for (cell, before), (next_cell, after) in pairwise(sorted(periods)):
        if cell == next_cell:
            step = max(12 * (after.year - before.year) + after.month - before.month, 1)
            months[cell] = min(step, months.get(cell, step))
    return months
