"""From somebody's file to a night: imported and published by the command line; what cannot be read is in the ledger."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from adapters.partner import FIRST, SECOND, deliver, file
from adapters.test_card_dpd import ACCOUNTS, ENDS, write
from adapters.test_mapped_feeds import MARCH
from cli import loanwatch
from conftest import application

from loanwatch.admit.tables import DELIVERY, REJECTED
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.lake import Lake
from loanwatch.seal import publication

pytestmark = pytest.mark.slow
UNPAID_SINCE = {  # of the accounts that owe something in January 2020
    "2": date(2020, 1, 15), "3": date(2019, 8, 15), "5": date(2019, 11, 15), "6": date(2018, 8, 15), "7": date(2019, 12, 15),
}  # fmt: skip


def test_card_customers_from_their_file_to_the_watch_list(tmp_path: Path) -> None:
    done = loanwatch("import", "card-dpd", write(tmp_path, ACCOUNTS), "--out", tmp_path / "book")
    assert done.returncode == 0, done.stderr
    given = ("--lake", tmp_path / "lake", "--tenant", "cards", "--env", "test")
    done = loanwatch("run", "--date", ENDS[-1], "--inbox", tmp_path / "book" / "inbox", *given)
    assert done.returncode == 0, done.stderr
    lake = Lake(tmp_path / "lake")
    release = publication.find(lake, ENDS[-1]).release
    found = {row["loan_id"]: row["days_past_due"] for row in lake.rows(LOAN_DAY, f"release = {release}").to_pylist()}
    assert found == {f"CARDS:{number}": (ENDS[-1] - since).days for number, since in UNPAID_SINCE.items()}
    listed = loanwatch("read", "report.watch_list", "--date", ENDS[-1], "--columns", "loan_id", "--lake", tmp_path / "lake")
    assert {number for number in ACCOUNTS if f"CARDS:{number}" in listed.stdout} >= {"3", "5", "6"}


def test_a_row_that_cannot_be_read_is_in_the_ledger_with_its_reason(tmp_path: Path) -> None:
    out = deliver(tmp_path, file(tmp_path, [FIRST, SECOND.replace("112年12月1日", "112/02/30"), SECOND.replace("A-2", "A-3")]))
    night = application(out / "inbox", tmp_path / "lake", "cards")
    night.night(MARCH, "admit", "admit")
    night.stop()
    (loans,) = [row for row in night.lake.rows(DELIVERY).to_pylist() if row["feed"] == "loan"]
    assert [loans[f"rows_{what}"] for what in ("in", "admitted", "rejected")] == [3, 2, 1]
    (rejected,) = night.lake.rows(REJECTED).to_pylist()
    assert rejected["reasons"] == ["opened_on: not a date"]
    assert rejected["line_no"] == 2
