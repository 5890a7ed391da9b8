"""Sums of closed months grow with the line of releases, and are what one would get from nothing."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frames import frame
from pyspark.sql import functions as F

from loanwatch.admit import feeds
from loanwatch.derive.behaviour_month import behaviour_month, newest
from loanwatch.derive.tables import BEHAVIOUR_MONTH, SUMMED_MONTHS
from loanwatch.derive.window import Window

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

NIGHTS = [date(2025, 1, 30), date(2025, 1, 31), date(2025, 2, 1), date(2025, 2, 2), date(2025, 3, 15), date(2025, 4, 1)]
KINDS = ("spend", "salary", "login", "inquiry")
Event = dict[str, Any]


def test_the_line_of_releases_sums_up_as_from_nothing(spark: SparkSession) -> None:
    """Every night brings new rows, late rows, corrections and withdrawals of old ones."""
    draw, known = random.Random(5), dict[int, Event]()
    line = frame(spark, BEHAVIOUR_MONTH, []).withColumn("as_of", F.lit(NIGHTS[0]))
    for night in NIGHTS:
        changes = [] if night is NIGHTS[0] else revised(draw, known, night)
        if night is NIGHTS[0]:
            revised(draw, known, night)
        rows = [row for row in known.values() if row["happened_on"] <= night]
        behaviour = frame(spark, feeds.BEHAVIOUR, rows)
        added = behaviour_month(behaviour, frame(spark, feeds.BEHAVIOUR, changes), line, night)
        nothing = line.limit(0)
        from_nothing = behaviour_month(behaviour, frame(spark, feeds.BEHAVIOUR, []), nothing, night)
        found, expected = told(newest(added, line, night)), told(newest(from_nothing, nothing, night))
        first = Window(months=SUMMED_MONTHS).span(night).first
        assert {key: sums for key, sums in found.items() if any(sums) and key[1] >= first} == expected, night
        assert expected
        line = line.unionByName(added.withColumn("as_of", F.lit(night))).localCheckpoint()
    assert line.where("not whole").count() > 20


def test_a_month_is_summed_up_once_and_corrected_for_whom_it_changed(spark: SparkSession) -> None:
    line = frame(spark, BEHAVIOUR_MONTH, []).withColumn("as_of", F.lit(NIGHTS[0]))
    rows = [event(n, "spend", date(2025, 1, 5 + n), 10) for n in range(3)]
    added = behaviour_month(frame(spark, feeds.BEHAVIOUR, rows), frame(spark, feeds.BEHAVIOUR, []), line, date(2025, 2, 1))
    assert {(row["customer_id"], row["whole"]) for row in added.collect()} == {(f"P01:{n}", True) for n in range(3)}
    line = added.withColumn("as_of", F.lit(date(2025, 2, 1)))
    late = event(1, "spend", date(2025, 1, 20), 7, "late")
    told_now, told_late = frame(spark, feeds.BEHAVIOUR, [*rows, late]), frame(spark, feeds.BEHAVIOUR, [late])
    again = behaviour_month(told_now, told_late, line, date(2025, 2, 2))
    assert [(row["customer_id"], row["whole"], row["spend"]) for row in again.collect()] == [("P01:1", False, 17)]


def test_on_a_usual_night_no_row_of_a_month_summed_up_is_read(spark: SparkSession, tmp_path: Path) -> None:
    """A year of behaviour is a hundred million rows: files are left out by the days that are asked for."""
    rows = [event(n, "spend", date(2025, 1, 5), 10) for n in range(3)]
    frame(spark, feeds.BEHAVIOUR, rows).write.parquet(str(tmp_path / "behaviour"))
    behaviour, night = spark.read.parquet(str(tmp_path / "behaviour")), date(2025, 2, 3)
    line = frame(spark, BEHAVIOUR_MONTH, []).withColumn("as_of", F.lit(night))
    first = behaviour_month(behaviour, behaviour.limit(0), line, date(2025, 2, 1))
    assert read_days(first) == {"2024-01-01", "2025-01-31"}
    line = first.withColumn("as_of", F.lit(date(2025, 2, 1))).localCheckpoint()
    usual = behaviour_month(behaviour, frame(spark, feeds.BEHAVIOUR, [event(1, "spend", night, 5)]), line, night)
    assert read_days(usual) == {"2024-01-01", "2024-12-31"}  # nothing has come of these months yet
    assert usual.count() == 0
    late = frame(spark, feeds.BEHAVIOUR, [event(1, "spend", date(2025, 1, 20), 5, "late")])
    assert read_days(behaviour_month(behaviour, late, line, night)) == {"2024-01-01", "2024-12-31", "2025-01-01", "2025-01-31"}


def read_days(sums: DataFrame) -> set[str]:
    """The days by which files are chosen."""
    plan = sums._jdf.queryExecution().optimizedPlan().toString()
    return {day for asked in re.findall(r"Filter (.*happened_on.*)", plan) for day in re.findall(r"\d{4}-\d\d-\d\d", asked)}


def event(customer: int, kind: str, on: date, amount: int, number: object = 0) -> Event:
    return {"event_id": f"{customer}-{on}-{number}", "customer_id": f"P01:{customer}", "kind": kind, "happened_on": on, "times": 1,
            "amount_minor": amount}  # fmt: skip


def revised(draw: random.Random, known: dict[int, Event], night: date) -> list[Event]:
    """What a night brings to the rows known: added, replaced and taken back; both versions of what it changes."""
    changed = []
    first = max(known, default=0) + 1
    for number in range(first, first + 60):
        on = night - timedelta(draw.choice([0, 0, 1, 40, 100, 380]))
        known[number] = event(draw.randrange(15), draw.choice(KINDS), on, draw.randrange(100), number)
        changed.append(known[number])
    for number in draw.sample(sorted(known), 10):
        before = known.pop(number)
        changed.append(before)
        if draw.random() < 0.7:
            known[number] = {**before, "amount_minor": draw.randrange(100)}
            changed.append(known[number])
    return changed


def told(sums: DataFrame) -> dict[tuple[str, date], tuple[Any, ...]]:
    names = [name for name in BEHAVIOUR_MONTH.names if name not in ("customer_id", "month", "whole")]
    rows = sums.collect()
    assert len(rows) == len({(row["customer_id"], row["month"]) for row in rows})
    return {(row["customer_id"], row["month"]): tuple(row[name] for name in names) for row in rows}
