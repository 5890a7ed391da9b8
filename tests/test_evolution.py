"""A lake that an older version of the program made takes what is declared now."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from admit.desk import Desk
from admit.parcel import PARCEL, ROW, UNTIL, deliver

from loanwatch.admit.feeds import FEEDS
from loanwatch.codes import Code, CodeList
from loanwatch.columns import Column, coded, count
from loanwatch.errors import MachineError, UsageError
from loanwatch.lake import Lake
from loanwatch.runner import Runner
from loanwatch.seal.publication import Attempt
from loanwatch.tables import Table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WORDS = CodeList("colour", (Code("red", "Red", "红"),))
MORE = CodeList("colour", (*WORDS.codes, Code("blue", "Blue", "蓝")))
NUMBER = count("number", "Number.")
OLD = Table("flag.example", "one row per number", (NUMBER,), (NUMBER, coded("colour", WORDS, "Colour.")))
NEW = replace(OLD, columns=(Column("size", "int", at_most=9), coded("colour", MORE, "Colour."), NUMBER))


def row(table: Table, **facts: Any) -> dict[str, Any]:
    return {"as_of": UNTIL, "release": 1, **dict.fromkeys(table.names), **facts}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake with one row of the old table."""
    made = Lake(tmp_path / "lake")
    made.open("demo")
    made.append(OLD, [row(OLD, number=1, colour="red")])
    return made


def test_new_columns_are_null_in_old_rows_even_before_anybody_writes(lake: Lake) -> None:
    assert lake.rows(NEW, "number = 1", ("number", "size")).to_pylist() == [{"number": 1, "size": None}]
    lake.append(NEW, [row(NEW, number=2, colour="red", size=3)])
    assert {(r["number"], r["size"]) for r in lake.rows(NEW).to_pylist()} == {(1, None), (2, 3)}


def test_a_bound_that_is_gone_binds_no_longer(lake: Lake) -> None:
    free = replace(OLD, columns=(NUMBER.with_(at_least=None), *OLD.columns[1:]))
    with pytest.raises(MachineError):
        lake.append(OLD, [row(OLD, number=-1, colour="red")])
    lake.append(free, [row(free, number=-1, colour="red")])
    assert sorted(r["number"] for r in lake.rows(free).to_pylist()) == [-1, 1]


def test_a_column_that_need_not_be_told_any_more_may_be_empty(lake: Lake) -> None:
    freed = replace(OLD, columns=(NUMBER, coded("colour", WORDS, "Colour.", required=False)))
    with pytest.raises(MachineError):
        lake.append(OLD, [row(OLD, number=2)])
    lake.append(freed, [row(freed, number=2)])
    assert {(r["number"], r["colour"]) for r in lake.rows(freed).to_pylist()} == {(1, "red"), (2, None)}


def test_new_words_are_let_in_and_facts_still_hold(lake: Lake) -> None:
    with pytest.raises(MachineError):
        lake.append(OLD, [row(OLD, number=2, colour="blue")])
    lake.append(NEW, [row(NEW, number=2, colour="blue")])
    for wrong in ({"colour": "green"}, {"colour": "red", "size": 10}):
        with pytest.raises(MachineError):
            lake.append(NEW, [row(NEW, number=3, **wrong)])
    assert len(lake.rows(NEW)) == 2


def test_nothing_is_written_where_nothing_has_changed(lake: Lake) -> None:
    lake.create(NEW)
    before = lake.delta(NEW).version()
    assert lake.create(NEW).version() == before


def test_a_new_column_that_old_rows_would_need_is_refused(lake: Lake) -> None:
    needed = replace(NEW, columns=(*NEW.columns, count("depth", "Depth.")))
    with pytest.raises(UsageError, match="have no depth; declare a new column as not required"):
        lake.create(needed)


def test_a_wider_number_keeps_rows_partitions_and_batches(lake: Lake) -> None:
    ledger = replace(OLD, name="admit.example", ledger=True)
    lake.append(ledger, [{"number": 1, "colour": "red"}], batch=3)
    wide = replace(ledger, columns=(Column("number", "long", required=True), ledger.columns[1], Column("size", "int")))
    lake.append(wide, [{"number": 10**12, "colour": "red", "size": 1}], batch=3)  # has been written already
    assert lake.rows(wide).to_pylist() == [{"number": 1, "colour": "red", "size": None}]
    lake.append(wide, [{"number": 10**12, "colour": "red", "size": 1}], batch=4)
    assert sorted(r["number"] for r in lake.rows(wide).to_pylist()) == [1, 10**12]
    lake.create(replace(NEW, columns=(Column("number", "long", required=True), *NEW.columns[:2])))
    assert lake.delta(NEW).metadata().partition_columns == ["as_of", "release"]
    assert lake.rows(NEW)["number"].to_pylist() == [1]


def test_spark_reads_rows_of_all_versions(tmp_path: Path, spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path)
    for version, extra in ((1, {}), (2, {"label": "Li", "kind": "bag"}), (3, {"weight": 10**12, "fee": 1})):
        monkeypatch.setitem(FEEDS, "parcel", PARCEL.at(version))
        day = date(2025, 1, version)
        deliver(desk, "parcel", [{**ROW, "parcel_id": str(version), **extra}], day)
        desk.admit(day)
    attempt = Attempt(1, UNTIL, None, 3, None, None, "night", "open", "", None, None)
    runner = Runner(lambda: spark, desk.lake, attempt, None, {}, lambda *_: None, lambda _: None)
    rows = runner.read(PARCEL).collect()
    assert {(r.parcel_id, r.kind, r.weight, r.fee, r.label is None) for r in rows} == {
        ("1", "box", 5, None, True), ("2", "bag", 5, None, False), ("3", "box", 10**12, 1, True),
    }  # fmt: skip


def test_spark_writes_into_a_table_that_has_grown(lake: Lake, spark: SparkSession) -> None:
    lake.create(NEW)
    rows = spark.createDataFrame([(UNTIL, 2, 4, "blue", 2)], f"as_of date, release int, {NEW.spark}")
    rows.write.format("delta").mode("append").save(str(lake.at(NEW)))
    assert {(r["number"], r["colour"], r["size"]) for r in lake.rows(NEW).to_pylist()} == {(1, "red", None), (2, "blue", 4)}
