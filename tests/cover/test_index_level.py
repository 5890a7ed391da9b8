"""Index levels as a night has them: by kind and cell, each period until the next."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from frames import frame

from loanwatch.admit import feeds
from loanwatch.cover.index_level import index_level

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MONTHS = [date(2025, month, 1) for month in (1, 2, 3, 4)]
JAN, FEB, MAR, APR = MONTHS


def row(cell: str, period: date, **told: Any) -> dict[str, Any]:
    return {"kind": "flat", "region": cell, "period_on": period, "published_on": period, **told}


def performed(spark: SparkSession, rows: list[dict[str, Any]]) -> dict[tuple[str, str, date], tuple[Any, ...]]:
    found = index_level(frame(spark, feeds.PRICE_INDEX, rows)).collect()
    return {(r["kind"], r["cell"], r["period_on"]): (r["until_on"], r["level_e12"], r["bridged"], r["sales"]) for r in found}


def test_how_long_the_periods_of_each_cell_are(spark: SparkSession) -> None:
    """By month, with one missing; by quarter; and one that has one period only, as the shortest of its kind."""
    rows = [row("city", month, level_bp=1) for month in (JAN, MAR, APR)] + [row("town", on, level_bp=1) for on in (JAN, APR)]
    rows += [row("new", FEB, level_bp=1), row("alone", FEB, kind="vehicle", level_bp=1)]
    found = index_level(frame(spark, feeds.PRICE_INDEX, rows)).select("cell", "months").distinct().collect()
    assert {r["cell"]: r["months"] for r in found} == {"city": 1, "town": 3, "new": 1, "alone": 1}
    assert len(found) == 4


def test_levels_and_changes_of_several_kinds_and_cells(spark: SparkSession) -> None:
    """The city is missing in March, when the other cell rose by 2 %; vehicles come by quarter."""
    rows = [row("city", JAN, level_bp=10_000), row("city", FEB, change_bp=10_100), row("city", APR, change_bp=10_000, sales=7)]
    rows += [row("town", month, change_bp=10_200) for month in MONTHS]
    rows += [row("city", period, kind="vehicle", level_bp=bp) for period, bp in ((JAN, 10_000), (APR, 9_000))]
    found = performed(spark, rows)
    assert found["flat", "city", JAN] == (FEB, 10**12, 0, None)
    assert found["flat", "city", FEB] == (APR, 1_010_000_000_000, 0, None)
    assert found["flat", "city", APR] == (None, 1_030_200_000_000, 1, 7)
    assert found["flat", "town", APR] == (None, 1_061_208_000_000, 0, None)
    assert found["vehicle", "city", APR] == (None, 900_000_000_000, 0, None)
    assert len(found) == 9


def test_of_two_senders_of_a_period_the_later_publication_counts(spark: SparkSession) -> None:
    told = {"A": (FEB, 1), "B": (MAR, 11_000)}
    rows = [row("city", JAN, level_bp=10_000)]
    rows += [row("city", FEB, level_bp=bp, sender_id=sender, published_on=on) for sender, (on, bp) in told.items()]
    assert performed(spark, rows)["flat", "city", FEB][1] == 1_100_000_000_000


def test_no_index_no_level(spark: SparkSession) -> None:
    assert performed(spark, []) == {}
