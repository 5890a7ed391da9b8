"""Whole nights on a small synthetic book: the truth, personal data, and death at every stage."""

from __future__ import annotations

import shutil
import signal
import subprocess
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from cli import ROOT, command, environment
from conftest import LAST, application

from loanwatch.balance.tables import LOAN_DAY
from loanwatch.errors import NotNow, UsageError
from loanwatch.lake import Lake
from loanwatch.pipeline import STAGES
from loanwatch.seal import publication
from loanwatch.seal.tables import CERTIFICATE, SEALED

pytestmark = pytest.mark.slow
FIRST = date(2025, 4, 2)


def digest(lake: Lake, release: int) -> str:
    return str(lake.rows(SEALED, f"release = {release}")["content_digest"][0].as_py())


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
    assert {"rows delivered are accounted for", "no loan is unaccounted for", "balances agree with our ledger"} <= stated


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


def run(book: Path, lake: Path, *, until: str | None = None) -> subprocess.CompletedProcess[str]:
    """`loanwatch run`, killed as soon as it says `until`."""
    asked = command("run", "--date", FIRST, "--env", "test", "--inbox", book / "inbox", "--lake", lake,
                    "--vault", lake.parent / "vault")  # fmt: skip
    child = subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(), cwd=ROOT)
    said = []
    assert child.stdout is not None
    for line in child.stdout:
        said.append(line)
        if until and until in line:
            child.send_signal(signal.SIGKILL)
            break
    child.stdout.close()
    return subprocess.CompletedProcess(asked, child.wait(), "".join(said), "")


def test_killed_in_every_stage_the_next_run_completes_with_equal_digests(lake: Lake, book: Path, tmp_path: Path) -> None:
    """Dies for real after the first step of each stage and between publication and exit; the vault is the lake's own copy."""
    shutil.copytree(lake.path.with_name("lake.vault"), tmp_path / "vault")
    shutil.copy(lake.path.with_name("lake.vault.key"), tmp_path / "vault.key")
    target = Lake(tmp_path / "lake")
    deaths = ["admitted batch", *(f"stage={stage} " for stage in STAGES[1:-1]), "certified", "is published"]
    for until in deaths:
        done = run(book, target.path, until=until)
        assert done.returncode == -signal.SIGKILL, done.stdout
        if until != "is published":
            assert publication.current(publication.attempts(target)) == {}
    done = run(book, target.path)
    assert done.returncode == 0, done.stdout
    (release,) = publication.published(publication.attempts(target))
    assert digest(target, release.release) == digest(lake, 1)
