"""Two nights of a small synthetic book, run from the command line: the truth, personal data, what cannot be run again, and
what readers get: files with manifests, an explanation, and views for two engines.
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import duckdb_extension_delta
import openpyxl
import pyarrow.parquet as pq
import pytest
from cli import loanwatch
from conftest import LAST, ROOT, application
from keys import people, signed

from loanwatch import current
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.cover.tables import LOAN_COVER
from loanwatch.derive.tables import LOAN_INDICATOR
from loanwatch.errors import NotNow, UsageError
from loanwatch.explanation.gathering import outlook
from loanwatch.explanation.outlook import moved
from loanwatch.lake import Lake
from loanwatch.nights import landed
from loanwatch.pipeline import SEALED
from loanwatch.report.tables import WATCH_LIST
from loanwatch.seal import publication, sealed_tables
from loanwatch.seal.front_page import page_path
from loanwatch.seal.log_proof import STATEMENT
from loanwatch.seal.step_result import results
from loanwatch.seal.tables import CERTIFICATE
from loanwatch.values import values

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.slow
FIRST = date(2025, 4, 2)


@pytest.fixture(scope="module")
def lake(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake with two published nights: the first by `run`, the second by `catch-up`."""
    path = tmp_path_factory.mktemp("nights") / "lake"
    where = ("--env", "test", "--inbox", book / "inbox", "--lake", path)
    done = loanwatch("run", "--date", FIRST, *where)
    assert done.returncode == 0, done.stderr
    required = approving(path)
    done = loanwatch("catch-up", "--to", LAST, *where, **required)
    assert done.returncode == 0, done.stderr
    assert f"{LAST}: release 2 is published" in done.stdout
    return Lake(path)


def approving(lake: Path) -> dict[str, str]:
    """Two people approve the configuration; the environment of a command that asks for that."""
    conf = lake.with_name("conf")
    shutil.copytree(ROOT / "conf", conf)
    keys = people(conf, "li", "wang")
    required = {"LOANWATCH_CONF": str(conf), "LOANWATCH__SEAL__APPROVALS": "required"}
    asked = ("approve", "configuration", "--lake", lake, "--env", "test")
    for name, key in keys.items():
        statement = loanwatch(*asked, **required)
        signature = conf / f"{name}.sig"
        signature.write_bytes(signed(key, statement.stdout))
        done = loanwatch(*asked, "--signature", signature, **required)
        assert done.returncode == 0 and f"is approved by {name} SHA256:" in done.stdout, done.stderr
    return required


def test_what_is_owed_equals_the_truth(lake: Lake, book: Path) -> None:
    """An independent computation by the generator of the book, at its last date, on both clocks."""
    release = publication.find(lake, LAST).release
    found = {row["loan_id"]: row for row in lake.rows(LOAN_DAY, f"release = {release}").to_pylist()}
    truth = pq.read_table(book / "truth" / "balance.parquet").to_pylist()
    owed = {row["loan_id"]: row for row in truth if row["loan_id"] in found}
    assert len(owed) == len(found) > 300
    for loan_id, row in found.items():
        expected = owed[loan_id]
        assert (row["balance_minor"], row["days_past_due"], row["own_days_past_due"]) == (
            expected["balance_minor"], expected["days_past_due"], expected["own_days_past_due"],
        ), loan_id  # fmt: skip


def test_the_certificate_holds(lake: Lake) -> None:
    rows = lake.rows(CERTIFICATE, "release = 2").to_pylist()
    assert {row["holds"] for row in rows} <= {True, None}
    stated = {row["statement"] for row in rows}
    assert {
        "rows delivered are accounted for", "amounts delivered are accounted for", "no loan is unaccounted for",
        "balances agree with our ledger",
    } <= stated  # fmt: skip


def test_who_approved_what_ran_is_stated_and_so_is_that_nobody_had_to(lake: Lake) -> None:
    first, second = (lake.rows(CERTIFICATE, f"release = {n} and statement like 'approv%'").to_pylist() for n in (1, 2))
    assert [(row["statement"], row["holds"]) for row in first] == [("approvals: off", None)]
    assert [(row["statement"], row["holds"]) for row in second] == [("approved by two people", True)]
    assert second[0]["subject"] == f"configuration {publication.find(lake, LAST).conf_digest}"
    pages = [page_path(lake.path, publication.find(lake, day), "en").read_text(encoding="utf-8") for day in (FIRST, LAST)]
    assert ["Nobody approved what this was made with" in page for page in pages] == [True, False]
    assert second[0]["found"].startswith("li SHA256:") and second[0]["found"].split(", ")[1] in pages[1]


def test_the_tables_of_a_release_are_as_they_were_sealed(lake: Lake) -> None:
    done = loanwatch("audit", "tables", "--date", LAST, "--lake", lake.path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"all {len(SEALED)} tables of release 2 of {LAST} are as they were sealed" in done.stdout
    attempt = publication.find(lake, LAST)
    written = results(lake, attempt)
    found = {name: of.rows for name, of in sealed_tables.sealed(lake, attempt).items()}
    assert found == {table.name: written[table.name]["rows"] for table in SEALED}


def test_a_folder_for_auditors_is_verified_by_its_own_program(lake: Lake, tmp_path: Path) -> None:
    done = loanwatch("snapshot", "--date", LAST, "--out", tmp_path / "out", "--lake", lake.path)
    assert done.returncode == 0, done.stderr
    asked = [sys.executable, tmp_path / "out" / "verify.py", "--content-digest", sealed_tables.sealed_content(
        lake, publication.find(lake, LAST))]  # fmt: skip
    told = subprocess.run(asked, capture_output=True, text=True, check=False, env={})
    assert (told.returncode, told.stdout.count("ok ")) == (0, 7), told.stdout + told.stderr


def test_the_audit_log_is_whole(lake: Lake) -> None:
    done = loanwatch("audit", "verify", "--lake", lake.path)
    assert done.returncode == 0 and "up to entry" in done.stdout, done.stderr
    page = page_path(lake.path, publication.find(lake, LAST), "en").read_text()
    stated = [row["found"] for row in lake.rows(CERTIFICATE, f"release = 2 and statement = '{STATEMENT}'").to_pylist()]
    assert len(stated) == 1 and stated[0] in page


def test_no_planted_name_or_number_is_found_in_lake_or_page(lake: Lake, book: Path) -> None:
    people = [row for name in ("person", "contact") for row in pq.read_table(book / "truth" / f"{name}.parquet").to_pylist()]
    planted = {str(value).encode() for row in people for key, value in row.items()
               if key in ("name", "phone", "id_number", "address") and value and len(str(value)) > 2}  # fmt: skip
    assert len(planted) > 500
    for file in lake.path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            if file.suffix == ".parquet":
                content += str(pq.read_table(file).to_pydict()).encode()
            assert not any(value in content for value in planted), file


def test_a_date_that_is_published_changes_nothing(lake: Lake, book: Path) -> None:
    running = application(book / "inbox", lake.path)
    assert running.night(FIRST).release == 1
    assert "spark" not in running.__dict__
    with pytest.raises(NotNow, match="2025-04-04 is next"):
        running.night(date(2025, 4, 9))
    with pytest.raises(UsageError, match="before the first published date"):
        running.night(date(2025, 1, 1))
    assert len(publication.attempts(lake)) == 2


def test_an_empty_inbox_is_said_and_a_later_delivery_works(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    running = application(tmp_path / "inbox", tmp_path / "lake")
    with pytest.raises(UsageError, match="no delivery up to 2025-04-02; is --inbox right"):
        running.night(FIRST)
    running.stop()


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


def test_another_engine_finds_the_same_verdicts(lake: Lake) -> None:
    done = loanwatch("rules", "verify", "--date", LAST, "--lake", lake.path)
    assert done.returncode == 0, done.stderr
    loans = next(line.split() for line in done.stdout.splitlines() if line.startswith("loan "))
    assert int(loans[1]) > 300 and loans[-1] == "0"


def test_why_names_every_rule_and_the_reason_of_a_raised_one(lake: Lake, listed: list[dict[str, Any]]) -> None:
    done = loanwatch("why", listed[0]["loan_id"], "--date", LAST, "--lake", lake.path)
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert all(rule in said for rule in listed[0]["rules"])
    assert listed[0]["reasons_en"][0] in said
    assert f"{listed[0]['exposure_minor'] / 100:,.2f}" in said


def test_the_rows_known_give_the_indicators_that_were_published(lake: Lake) -> None:
    """Without Spark, of some loans: what an explanation works out for other days starts from the truth."""
    attempt = publication.find(lake, LAST)
    given = values(landed(lake, str(attempt.conf_digest)))
    of = {
        table: {row["loan_id"]: row for row in lake.rows(table, attempt.partition, table.names).to_pylist()}
        for table in (LOAN_DAY, LOAN_COVER, LOAN_INDICATOR)
    }
    some = sorted(of[LOAN_DAY])[::8]
    ahead = [outlook(lake, attempt, *(of[table].get(loan, {}) for table in of), given) for loan in some]
    assert [(loan, one.unlike) for loan, one in zip(some, ahead, strict=True) if one.unlike] == []
    assert len(some) > 40 and {"days_past_due", "ltv_bp", "paid_share_30d_bp"} <= {indicator.name for indicator in moved()}


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
