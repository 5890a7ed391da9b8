"""Killed for real at one point after another, run again each time: in the end exactly what an undisturbed run gives."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest
from cli import ROOT, environment, loanwatch
from conftest import application
from nights.dying import Point

from loanwatch.admit import tables as admit
from loanwatch.admit.feeds import FEEDS
from loanwatch.lake import Lake
from loanwatch.pipeline import STEPS
from loanwatch.restatement import Restatement
from loanwatch.seal import audit_log, log_proof, publication
from loanwatch.seal import tables as seal
from loanwatch.seal.acts import acts
from loanwatch.seal.deposits import Deposits
from loanwatch.seal.front_page import page_path
from loanwatch.seal.sealed_tables import sealed
from loanwatch.seal.step_result import results
from loanwatch.synth import synth

pytestmark = pytest.mark.slow
D1, D2 = date(2025, 4, 1), date(2025, 4, 2)

LAKE, PUBLICATION = "loanwatch.lake:Lake", "loanwatch.seal.publication"
GATE, NOTE = "loanwatch.gates:Gate.__call__", "loanwatch.runner:note"

ADMITTING = (
    Point("attempt opened", f"{PUBLICATION}:open_attempt"),
    Point("personal values entered", "loanwatch.vault:Vault.enter_new"),
    Point("staged, not listed", "loanwatch.admit.batch:Admission._stage"),
    Point("listed", "loanwatch.admit.batch:Admission._commit"),
    Point("one feed appended", f"{LAKE}.add_files"),
    Point("nine feeds appended", f"{LAKE}.add_files", nth=9),
    Point("superseded to be found", "loanwatch.admit.batch:write_superseded", "before"),
    Point("superseded listed", f"{LAKE}.append", table="admit.superseded"),
    Point("ledger written", f"{LAKE}.append", table="admit.delivery"),
    Point("configuration landed", "loanwatch.nights:land"),
    Point("K fixed", f"{PUBLICATION}:fix"),
)
WORKING_1 = (
    Point("a table half written", "loanwatch.runner:Runner._write", "during", "balance.loan_day"),
    Point("balance written, not gated", GATE, "before", "balance.loan_day"),
    Point("classify written, not gated", GATE, "before", "classify.loan_class"),
    Point("cover gated, not noted", NOTE, "before", "cover.loan_cover"),
    Point("the last step noted", NOTE, "after", STEPS[-1].name),
)
SEALING = (
    Point("tables digested", f"{LAKE}.append", table="seal.table_digest"),
    Point("certificate stated, not sealed", f"{LAKE}.append", table="seal.certificate"),
    Point("sealed", f"{LAKE}.append", table="seal.release"),
    Point("page written in one language", "loanwatch.seal.front_page:page", "before", nth=2),
    Point("page written", "loanwatch.seal.front_page:write_page"),
    Point("published, not said", f"{PUBLICATION}:publish"),
)
WORKING_2 = (
    Point("derive written, not gated", GATE, "before", "derive.loan_indicator"),
    Point("flag written, not gated", GATE, "before", "flag.warning"),
    Point("queue written, not gated", GATE, "before", "queue.review_item"),
    Point("report written, not gated", GATE, "before", "report.watch_list"),
)
RESTATING = (
    Point("line inserted", f"{PUBLICATION}:insert"),
    Point("half built", GATE, "before", "flag.verdict"),
    Point("line opened", f"{PUBLICATION}:open_line"),
    Point("all but published", f"{PUBLICATION}:publish", "before"),
    Point("restatement published", f"{PUBLICATION}:publish"),
)
LEDGERS = (
    admit.BATCH, admit.CONF, admit.DELIVERY, admit.GATE_RESULT, admit.REJECTED, admit.SUPERSEDED,
    seal.CERTIFICATE, seal.PUBLICATION, seal.SEALED, seal.STEP_RESULT, seal.TABLE_DIGEST,
)  # fmt: skip


def die(point: Point, *arguments: object) -> None:
    """Run a command that has to die at the point."""
    asked = [sys.executable, Path(__file__).with_name("dying.py"), point.text, *map(str, arguments)]
    done = subprocess.run(asked, capture_output=True, text=True, cwd=ROOT, check=False, env=environment())
    assert done.returncode == -signal.SIGKILL, f"{point.what}: {done.stdout}{done.stderr}"


def succeed(*arguments: object) -> None:
    done = loanwatch(*arguments)
    assert done.returncode == 0, done.stderr


def published(lake: Lake) -> list[int]:
    return [a.release for a in publication.published(publication.attempts(lake))]


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, Lake]:
    """Two nights and the second one restated: dying at thirty points, and undisturbed on the same vault."""
    folder = tmp_path_factory.mktemp("deaths")
    synth(30, 7, 3, date(2025, 3, 27), folder)
    died = Lake(folder / "died")
    here = ("--env", "test", "--lake", died.path, "--vault", folder / "vault", "--inbox", folder / "inbox")
    for points, stages in ((ADMITTING, ("--to", "admit")), (WORKING_1, ("--from", "balance")), (SEALING, ("--from", "seal"))):
        for point in points:
            assert published(died) == [], point.what
            die(point, "run", "--date", D1, *stages, *here)
    for point in WORKING_2:
        assert published(died) == [1], point.what
        die(point, "catch-up", "--to", D2, *here)
    succeed("run", "--date", D2, *here)
    for point in RESTATING:
        assert published(died) == [1, 2], point.what
        die(point, "restate", "--date", D2, "--env", "test", "--lake", died.path)
    succeed("restate", "--date", D2, "--env", "test", "--lake", died.path)
    running = application(folder / "inbox", folder / "undisturbed", vault=str(folder / "vault"))
    known = [running.night(day).known for day in (D1, D2)]
    Restatement(D2, known[-1]).perform(running)
    running.stop()
    return died, running.lake


def test_every_release_has_the_digests_of_an_undisturbed_run(lakes: tuple[Lake, Lake]) -> None:
    died, undisturbed = lakes
    expected = publication.attempts(undisturbed)
    assert [(a.release, a.as_of, a.state) for a in expected] == [(1, D1, "published"), (2, D2, "published"), (3, D2, "published")]
    for attempt in expected:
        found, meant = results(died, attempt), results(undisturbed, attempt)
        assert len(found) == len(STEPS)
        assert sealed(died, attempt) == sealed(undisturbed, attempt) != {}
        assert {table: row["digest"] for table, row in found.items()} == {table: row["digest"] for table, row in meant.items()}
        assert page_path(died.path, attempt, "zh").is_file()


def test_the_audit_log_tells_of_everything_once(lakes: tuple[Lake, Lake]) -> None:
    for lake in lakes:
        log, deposits = audit_log.entries(lake), Deposits(lake.path.with_name(f"{lake.path.name}.deposits"))
        assert list(log_proof.faults(lake, deposits, log)) == []
        assert audit_log.outstanding(log, acts(lake)) == []
        assert [head.entry_no for head in deposits.heads()] == [e.entry_no for e in log if e.action == "publish"]
        assert len({(entry.action, entry.subject, entry.facts) for entry in log}) == len(log)


def test_every_row_is_there_once(lakes: tuple[Lake, Lake]) -> None:
    died, undisturbed = lakes
    tables = [*LEDGERS, *(feed.table for feed in FEEDS.values()), *(step.writes for step in STEPS)]
    counts = [{t.name: len(lake.rows(t, columns=(t.all_columns[0].name,))) for t in tables} for lake in lakes]
    assert counts[0] == counts[1]
    assert sum(count > 0 for count in counts[0].values()) > len(LEDGERS) + len(STEPS) / 2
    assert [{**asdict(a), "holder": ""} for a in publication.attempts(died)] == [
        {**asdict(a), "holder": ""} for a in publication.attempts(undisturbed)
    ]
