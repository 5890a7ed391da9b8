"""A release performed again, as an auditor asks for it; and what keeps it from being performed."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli import loanwatch
from conftest import application
from nights.reperformed import rewritten

from loanwatch.admit.feeds import INSTALMENT, REPAYMENT
from loanwatch.admit.tables import CONF, DELIVERY
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.classify.tables import LOAN_CLASS, OBSERVATION
from loanwatch.configuration import code_digest
from loanwatch.flag.tables import WARNING
from loanwatch.housekeeping import Housekeeping
from loanwatch.lake import Lake
from loanwatch.pipeline import SEALED
from loanwatch.report.base_tables import BASE_LOAN
from loanwatch.seal.tables import PUBLICATION
from loanwatch.synth import synth

pytestmark = pytest.mark.slow
D1, D2 = date(2025, 3, 31), date(2025, 4, 1)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `lake` and `vault`: a month-end and the night after it."""
    folder = tmp_path_factory.mktemp("published")
    synth(40, 7, 3, date(2025, 3, 27), folder)
    running = application(folder / "inbox", folder / "lake", vault=str(folder / "vault"))
    for day in (D1, D2):
        running.night(day)
    running.stop()
    return folder


@pytest.fixture
def lake(published: Path, tmp_path: Path) -> Lake:
    """A copy to be tampered with."""
    shutil.copytree(published / "lake", tmp_path / "lake")
    return Lake(tmp_path / "lake")


def reperformed(lake: Lake, *more: object, **changes: str) -> subprocess.CompletedProcess[str]:
    return loanwatch("reperform", "--date", D2, "--env", "test", "--lake", lake.path, *more, **changes)


def altered(file: str, column: str, row: int, value: object) -> None:
    """One cell of a Parquet file, under the file's name."""
    rows = pq.read_table(file, partitioning=None)
    values = rows[column].to_pylist()
    values[row] = value
    at, kind = rows.schema.get_field_index(column), rows.schema.field(column)
    pq.write_table(rows.set_column(at, kind, pa.array(values, kind.type)), file)


def test_performed_again_it_is_what_was_sealed_whatever_befell_the_lake(published: Path, lake: Lake, tmp_path: Path) -> None:
    """Rows turned round, files put together, working tables gone, another number of cores and partitions, the vault gone."""
    assert rewritten(lake) > 400
    assert Housekeeping(lake, nights=1, file_hours=0).keep().retired > 10
    cores = {"LOANWATCH__SPARK__MASTER": "local[2]", "LOANWATCH__SPARK__SHUFFLE_PARTITIONS": "3"}
    done = reperformed(lake, "--scratch", tmp_path / "scratch", **cores)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"release 2 of {D2}, performed again" in done.stdout
    assert f"all {len(SEALED)} tables are what was sealed" in done.stdout
    assert Lake(tmp_path / "scratch").rows(WARNING, f"as_of = DATE '{D2}'").num_rows > 0
    again = reperformed(lake, "--scratch", tmp_path / "scratch")
    assert again.returncode == 2 and "is not empty; give a new folder" in again.stderr


def test_an_old_release_without_its_working_tables_is_performed_again_and_explained_there(lake: Lake, tmp_path: Path) -> None:
    """By another program than the one that made it, as years later."""
    loan = lake.rows(LOAN_DAY, f"as_of = DATE '{D1}' order by loan_id limit 1")["loan_id"][0].as_py()
    asked = ("why", loan, "--date", D1, "--env", "test", "--lake")
    before = loanwatch(*asked, lake.path)
    assert before.returncode == 0, before.stderr
    Housekeeping(lake, nights=1).keep()
    gone = loanwatch(*asked, lake.path)
    assert gone.returncode == 2 and f"loanwatch reperform --date {D1} --release 1 --scratch DIR" in gone.stderr.replace("\n", " ")
    scratch = tmp_path / "scratch"
    lake.delta(PUBLICATION).update(new_values={"code_digest": "older"}, predicate="release = 1")
    done = loanwatch("reperform", "--date", D1, "--env", "test", "--lake", lake.path, "--scratch", scratch, "--other-code")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"by code {code_digest()}, not its own older" in done.stdout
    assert f"all {len(SEALED)} tables are what was sealed" in done.stdout
    assert loanwatch(*asked, scratch).stdout == before.stdout


def test_what_was_changed_in_a_published_file_is_named_with_both_values(lake: Lake) -> None:
    """The line of parents is performed, which does not rest on the state that was altered."""
    (file,) = lake.files(LOAN_CLASS, D1, 1)
    loan, was = (pq.read_table(file, partitioning=None)[name][0].as_py() for name in ("loan_id", "five_class"))
    now = "loss" if was != "loss" else "normal"
    altered(file, "five_class", 0, now)
    refused = reperformed(lake)
    assert refused.returncode == 1 and f"classify.loan_class: release 1 of {D1}" in refused.stderr
    done = reperformed(lake, "--from-origin")
    assert done.returncode == 1
    assert f"{loan}: five_class: published {now}, performed {was}" in done.stderr
    assert "classify.loan_class: what is published is not what was sealed" in done.stderr
    assert f"release 1 of {D1}, performed again" in done.stdout and f"1 of {len(SEALED)} tables differ" in done.stdout
    assert f"release 2 of {D2}, performed again" in done.stdout and f"all {len(SEALED)} tables" in done.stdout


def test_a_form_is_filled_from_what_was_sealed_and_from_nothing_else(lake: Lake, tmp_path: Path) -> None:
    out = tmp_path / "annex5.csv"

    def filled(on: date, **settings: str) -> subprocess.CompletedProcess[str]:
        asked = ("esma/annex5", "--date", on, "--out", out, "--env", "test", "--lake", lake.path)
        return loanwatch("form", "fill", *asked, **settings)

    lacking = filled(D1)
    assert lacking.returncode == 1 and "business.filer.originator_lei is not set" in lacking.stdout
    assert "not as esma/annex5 asks" in lacking.stderr and not out.exists()
    assert "is no month-end" in filled(D2).stderr
    (file,) = lake.files(BASE_LOAN, D1, 1)
    altered(file, "balance_minor", 0, 1)
    assert "report.base_loan: of release 1 of 2025-03-31 not what was sealed" in filled(D1).stderr and not out.exists()


def test_a_release_that_there_is_not(lake: Lake) -> None:
    done = reperformed(lake, "--release", 7)
    assert done.returncode == 2 and f"no release of {D2} under release 7; it has 2" in done.stderr


def test_state_that_is_not_what_was_sealed(lake: Lake) -> None:
    (file,) = lake.files(OBSERVATION, D1, 1) or lake.files(WARNING, D1, 1)
    rows = pq.read_table(file, partitioning=None)
    pq.write_table(rows.slice(1), file)
    done = reperformed(lake)
    assert done.returncode == 1 and "is not what was sealed" in done.stderr and "--from-origin" in done.stderr


def test_a_parent_that_is_gone(lake: Lake) -> None:
    lake.delta(PUBLICATION).delete("release = 1")
    done = reperformed(lake)
    assert done.returncode == 1 and f"the parent of release 2 of {D2}, release 1, is gone" in done.stderr


def test_a_configuration_that_was_altered_or_is_gone(lake: Lake) -> None:
    lake.delta(CONF).update(new_values={"text": "nothing"}, predicate="path = 'waivers.yaml'")
    altered_ = reperformed(lake)
    lake.delta(CONF).delete()
    gone = reperformed(lake)
    for done in (altered_, gone):
        assert done.returncode == 1 and "has another digest: it was altered or is gone" in done.stderr


def test_another_code(lake: Lake) -> None:
    lake.delta(PUBLICATION).update(new_values={"code_digest": "other"}, predicate="release = 2")
    done = reperformed(lake)
    assert done.returncode == 2 and f"release 2 of {D2} was made by code other" in done.stderr and "--other-code" in done.stderr


def test_a_delivery_that_was_removed(lake: Lake) -> None:
    number = lake.rows(REPAYMENT.table, columns=("max(delivery_no) as n",))["n"][0].as_py()
    lake.delta(REPAYMENT.table).delete(f"delivery_no = {number}")
    done = reperformed(lake)
    assert done.returncode == 1 and f"admit.repayment: delivery {number}: " in done.stderr and "0 are there" in done.stderr
    lake.delta(DELIVERY).delete("feed = 'repayment'")
    assert "admit.delivery: delivery" in reperformed(lake).stderr


def test_a_file_that_is_no_parquet(lake: Lake) -> None:
    file = Path(lake.files(INSTALMENT.table)[0])
    file.write_bytes(file.read_bytes()[:-9])
    done = reperformed(lake)
    assert done.returncode == 1 and "admit.instalment: " in done.stderr and "cannot be read" in done.stderr
