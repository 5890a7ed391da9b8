"""The command line without a JVM: what it prints, how it fails, its exit codes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cli import loanwatch
from conftest import LAST

from loanwatch import locks
from loanwatch.lake import Lake
from loanwatch.seal import publication


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("tables",), 0, "balance.loan_day"),
        (("tables", "report.watch_list"), 0, "own_days_past_due"),
        (("tables", "report.watchlist"), 2, "did you mean report.watch_list?"),
        (("feeds", "repayment"), 0, "paid_minor"),
        (("feeds", "payments"), 2, "no feed 'payments'"),
        (("indicators",), 0, "spend_kept_vs_peers_bp"),
        (("indicators", "spend_kept_bp"), 0, "2 whole months that ended before the last 31 days"),
        (("indicators", "limitation_in_days"), 0, "unknown where one of these is not none: nothing"),
        (("indicators", "spent_kept_bp"), 2, "no indicator 'spent_kept_bp'; did you mean 'spend_kept_bp'?"),
        (("rules",), 0, "days_past_due > 30"),
        (("run", "--date", "2025-02-30"), 2, "is no date"),
        (("run", "--date", "2025-02-28", "--from", "nowhere"), 2, "no stage 'nowhere'; stages are admit, balance"),
        (("import",), 2, "name an adapter; there are abs-ee, agency, agency-freddie, card-dpd, taiwan-cards"),
        (("import", "card-dbd", "x", "--out", "y"), 2, "no adapter 'card-dbd'; did you mean 'card-dpd'?; there are abs-ee"),
        (("import", "card-dpd", "x"), 2, "loanwatch import card-dpd FILE… --out DIR"),
        (("import", "card-dpd", "/nowhere/x", "--out", "y"), 2, "no such file: /nowhere/x"),
        (("read", "report.watch_list", "--date", "2025-03-01", "--lake", "/nowhere"), 2, "nothing is published"),
        (("why", "P01:1", "--date", "2025-03-01", "--lake", "/nowhere"), 2, "nothing is published"),
        (("restate", "--date", "2025-03-01", "--lake", "/nowhere"), 2, "nothing is published"),
        (("restate", "--date", "2025-03-01", "--lake", "/nowhere", "--conf", "then"), 2, "say `now`"),
        (("diff", "flag.rule", "--date", "2025-03-01", "--releases", "1,2", "--lake", "/nowhere"), 2, "nothing is published"),
        (("diff", "balance.loan_days", "--date", "2025-03-01", "--releases", "1,2"), 2, "did you mean balance.loan_day?"),
        (("diff", "admit.loan", "--date", "2025-03-01", "--releases", "1,2"), 2, "admit.loan is a ledger"),
        (("diff", "balance.loan_day", "--date", "2025-03-01", "--releases", "1"), 2, "give two numbers"),
        (("audit", "tables", "--date", "2025-03-01", "--lake", "/nowhere"), 2, "nothing is published"),
        (("audit", "verify", "--lake", "/nowhere"), 2, "no audit log yet"),
        (("snapshot", "--date", "2025-03-01", "--out", "/nowhere/x", "--lake", "/nowhere"), 2, "nothing is published"),
        (("scenario", "run", "none_such"), 2, "no scenario none_such"),
    ],
)
def test_what_it_says_and_how_it_ends(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = loanwatch(*arguments)
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_no_jars_and_no_java_are_said_with_the_mend(tmp_path: Path) -> None:
    jars = loanwatch("doctor", LOANWATCH__SPARK__JARS=str(tmp_path))
    assert jars.returncode == 3 and "run `make setup`" in jars.stdout
    java = loanwatch("doctor", PATH="/nowhere", JAVA_HOME="/nowhere")
    assert java.returncode == 3 and "apt-get install openjdk-17-jre-headless" in java.stdout


def test_a_lake_of_another_version_or_tenant_is_refused(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    lake.mkdir()
    for marker, said in (('{"format": 9, "tenant": "demo"}', "a lake of format 9"), ('{"format": 1, "tenant": "x"}', "tenant 'x'")):
        (lake / "_lake.json").write_text(marker)
        done = loanwatch("run", "--date", "2025-03-01", "--lake", str(lake), "--inbox", str(tmp_path))
        assert done.returncode == 2 and said in done.stderr


def test_unlock_abandons_what_nobody_works_on(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.open("demo")
    publication.open_attempt(lake, LAST, "process 1 on another-host")
    with locks.lease(lake.path, "night"):
        held = loanwatch("unlock", "--lake", lake.path)
    assert held.returncode == 4 and "held by process" in held.stderr
    done = loanwatch("unlock", "--lake", lake.path)
    assert done.returncode == 0 and f"abandoned the attempt for {LAST}, release 1" in done.stdout
    assert [a.state for a in publication.attempts(lake)] == ["abandoned"]
    attempt = publication.open_attempt(lake, LAST, "gone")
    (line,) = publication.insert(lake, [replace(attempt, release=3, state="building", kind="restatement")])
    done = loanwatch("unlock", "--lake", lake.path)
    assert "release 2" in done.stdout and "release 3" in done.stdout and publication.line_of(lake, line)[0].state == "abandoned"
    assert "no attempt is open" in loanwatch("unlock", "--lake", lake.path).stdout
