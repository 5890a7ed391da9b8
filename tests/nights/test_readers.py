"""What readers get of published nights: files with manifests, an explanation, and views for two engines."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import duckdb_extension_delta
import openpyxl
import pyarrow.parquet as pq
import pytest
from cli import loanwatch
from conftest import LAST

from loanwatch import current
from loanwatch.lake import Lake
from loanwatch.report.tables import WATCH_LIST

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("two nights")]


@pytest.fixture(scope="module")
def listed(lake: Lake) -> list[dict[str, Any]]:
    """The watch list of the last night, as it stands in the lake."""
    return list(lake.rows(WATCH_LIST, "release = 2 order by place", WATCH_LIST.names).to_pylist())


def rows_of(kind: str, file: Path) -> list[tuple[Any, ...]]:
    """Place, loan and exposure of each row of an exported file."""
    wanted = ("place", "loan_id", "exposure_minor")
    if kind == "csv":
        with file.open(encoding="utf-8-sig", newline="") as opened:
            return [(int(row["place"]), row["loan_id"], int(row["exposure_minor"])) for row in csv.DictReader(opened)]
    if kind == "parquet":
        return [tuple(row.values()) for row in pq.read_table(file, columns=list(wanted)).to_pylist()]
    head, *rows = openpyxl.load_workbook(file).active.iter_rows(values_only=True)
    return [tuple(row[head.index(name)] for name in wanted) for row in rows]


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_an_exported_file_holds_the_table_and_its_manifest_proves_it(
    kind: str, lake: Lake, listed: list[dict[str, Any]], tmp_path: Path
) -> None:
    file = tmp_path / f"list.{kind}"
    done = loanwatch("read", "report.watch_list", "--date", LAST, "--lake", lake.path, f"--{kind}", file)
    assert done.returncode == 0, done.stderr
    assert rows_of(kind, file) == [(row["place"], row["loan_id"], row["exposure_minor"]) for row in listed]
    manifest = json.loads((tmp_path / f"list.{kind}.manifest.json").read_text())
    assert (manifest["table"], manifest["release"], manifest["rows"]) == ("report.watch_list", 2, len(listed))
    assert manifest["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_terminal_shows_money_in_units(lake: Lake, listed: list[dict[str, Any]]) -> None:
    done = loanwatch("read", "report.watch_list", "--date", LAST, "--lake", lake.path, "--columns", "loan_id,exposure_minor")
    assert f"{listed[0]['exposure_minor'] / 100:,.2f}" in done.stdout and listed[0]["loan_id"] in done.stdout


def test_why_names_every_rule_and_the_reason_of_a_raised_one(lake: Lake, listed: list[dict[str, Any]]) -> None:
    done = loanwatch("why", listed[0]["loan_id"], "--date", LAST, "--lake", lake.path)
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert all(rule in said for rule in listed[0]["rules"])
    assert listed[0]["reasons_en"][0] in said
    assert f"{listed[0]['exposure_minor'] / 100:,.2f}" in said


def test_why_of_a_loan_that_is_not_on_the_book(lake: Lake) -> None:
    done = loanwatch("why", "P01:NONE", "--date", LAST, "--lake", lake.path)
    assert done.returncode == 2 and "no loan 'P01:NONE' on the book" in done.stderr


def test_duckdb_reads_the_current_release(lake: Lake, listed: list[dict[str, Any]]) -> None:
    engine = duckdb.connect()
    extension = next(Path(duckdb_extension_delta.__file__).parent.rglob("*.duckdb_extension"))
    engine.execute(f"INSTALL '{extension}'; LOAD delta")
    engine.execute(current.views("duckdb", lake.path))
    found = engine.execute(f"select loan_id from current_watch_list where as_of = DATE '{LAST}' order by place").fetchall()
    assert [loan for (loan,) in found] == [row["loan_id"] for row in listed]


def test_spark_reads_the_current_release(spark: SparkSession, lake: Lake, listed: list[dict[str, Any]]) -> None:
    for statement in filter(str.strip, current.views("spark", lake.path).split(";")):
        spark.sql(statement)
    found = spark.sql(f"select loan_id from current_watch_list where as_of = DATE '{LAST}' order by place").collect()
    assert [row.loan_id for row in found] == [row["loan_id"] for row in listed]
