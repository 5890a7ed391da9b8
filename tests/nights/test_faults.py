"""A book with planted faults through whole nights: each is accounted for, and in the end the truth comes out."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from conftest import LAST, application

from loanwatch.admit.tables import DELIVERY, REJECTED, SUPERSEDED
from loanwatch.balance.tables import LOAN_DAY, RECONCILIATION, UNMATCHED
from loanwatch.errors import DataError
from loanwatch.lake import Lake
from loanwatch.nights import Application
from loanwatch.seal import publication
from loanwatch.seal.tables import CERTIFICATE
from loanwatch.synth import synth
from loanwatch.synth.faults import BROKEN, SLIP_MINOR

pytestmark = pytest.mark.slow
BEFORE = LAST - timedelta(1)
PLACE = ("feed", "sender", "business_on", "sequence")


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`inbox/`, `late/` and `truth/` of a spoiled book of 200 loans."""
    out = tmp_path_factory.mktemp("spoiled")
    synth(200, 95, 5, date(2024, 12, 30), out, faults=True)
    return out


@pytest.fixture(scope="module")
def night(spoiled: Path) -> Application:
    """Two nights: the first without what is late, the second after all has come but the corrected total of the ledger: it
    fails, and passes once that has come too."""
    running = application(spoiled / "inbox", spoiled / "lake")
    running.night(BEFORE)
    late = json.loads((spoiled / "truth" / "late.json").read_text())
    for name in sorted(late, key=lambda name: name.startswith("control_total")):
        if name.startswith("control_total"):
            with pytest.raises(DataError) as blocked:
                running.night(LAST)
            (spoiled / "blocked.txt").write_text(str(blocked.value))
        (spoiled / "inbox" / name).parent.mkdir(parents=True, exist_ok=True)
        (spoiled / "late" / name).rename(spoiled / "inbox" / name)
    running.night(LAST)
    running.stop()
    return running


def planted(spoiled: Path, *faults: str) -> set[tuple[Any, ...]]:
    """Where lines of these faults were planted: place of the delivery, and line."""
    rows = pq.read_table(spoiled / "truth" / "planted.parquet").to_pylist()
    return {(*(row[name] for name in PLACE), row["line_no"]) for row in rows if row["fault"] in faults}


def found(lake: Lake, rows: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """Where rows with a delivery and a line number came from, in the words of the planted list."""
    places = {row["delivery_no"]: tuple(row[name] for name in PLACE) for row in lake.rows(DELIVERY).to_pylist()}
    return {(*places[row["delivery_no"]], row["line_no"]) for row in rows}


def test_exactly_the_broken_lines_are_rejected_each_with_its_column(spoiled: Path, night: Application) -> None:
    rows = night.lake.rows(REJECTED).to_pylist()
    assert found(night.lake, rows) == planted(spoiled, *(fault for fault, _, _ in BROKEN))
    told = Counter(reason.split(":")[0] for row in rows for reason in row["reasons"])
    assert told == Counter(column for _, _, change in BROKEN for column in change)


def test_wrong_amounts_and_repeated_lines_are_superseded(spoiled: Path, night: Application) -> None:
    superseded = found(night.lake, night.lake.rows(SUPERSEDED).to_pylist())
    wrong = planted(spoiled, "wrong_amount", "no_cash", "wrong_total")
    assert wrong <= superseded
    totals = {row for row in superseded if row[0] == "control_total"}  # sent again whole
    assert {row[:4] for row in totals} == {row[:4] for row in planted(spoiled, "wrong_total")}
    repeated = {(*place, line) for *place, line in superseded - totals - wrong}
    assert len(repeated) == len(planted(spoiled, "duplicate"))
    assert not superseded & planted(spoiled, "correction", "duplicate", "taken_back")  # the sender's last word


def test_every_delivery_closes_to_the_row(night: Application) -> None:
    for row in night.lake.rows(DELIVERY).to_pylist():
        assert row["rows_in"] == row["rows_admitted"] + row["rows_rejected"] + row["rows_repeated"], row
    stated = night.lake.rows(CERTIFICATE, "statement = 'amounts delivered are accounted for'").to_pylist()
    assert {row["subject"] for row in stated} >= {"repayment paid_minor", "bank_entry amount_minor"}
    assert all(row["holds"] for row in stated)
    unread = [row["found"] for row in stated if row["subject"] == "repayment paid_minor"]
    assert all("what 2 rows say that cannot be read" in found for found in unread)


def test_what_is_owed_equals_the_truth_of_the_clean_book(spoiled: Path, night: Application) -> None:
    release = publication.find(night.lake, LAST).release
    owed = {row["loan_id"]: row for row in pq.read_table(spoiled / "truth" / "balance.parquet").to_pylist()}
    rows = night.lake.rows(LOAN_DAY, f"release = {release}").to_pylist()
    names = ("balance_minor", "days_past_due", "own_days_past_due")
    assert len(rows) > 150
    for row in rows:
        assert [row[name] for name in names] == [owed[row["loan_id"]][name] for name in names], row["loan_id"]


def test_a_night_without_a_delivery_names_it_and_judges_nothing_that_rests_on_it(spoiled: Path, night: Application) -> None:
    """The partner's pools cannot agree with the ledger: unknown, neither agreed nor broken."""
    late = planted(spoiled, "late")
    stated = {row["subject"] for row in night.lake.rows(CERTIFICATE, "release = 1 and statement = 'not delivered'").to_pylist()}
    assert stated == {f"{sender}: {feed} of {day}" for feed, sender, day, *_ in late}
    (partner,) = {sender for feed, sender, *_ in late if feed == "repayment"}
    for release, expected in ((1, {"unknown"}), (2, {"agreed"})):
        rows = night.lake.rows(RECONCILIATION, f"release = {release} and partner_id = '{partner}'").to_pylist()
        assert {row["verdict"] for row in rows} == expected
    assert not len(night.lake.rows(CERTIFICATE, "release = 2 and statement = 'not delivered'"))


def test_a_wrong_total_of_the_ledger_stops_the_night_and_the_loan_behind_it_is_named(spoiled: Path, night: Application) -> None:
    told = (spoiled / "blocked.txt").read_text()
    assert "balances agree with our ledger: P01" in told and "nothing is published" in told
    (line,) = [line for line in told.splitlines() if line.startswith("loans that our ledger and the book tell differently")]
    ours, theirs = re.findall(r"P01:L\d+ (\d+) here, (\d+) there", line)[0]
    assert int(theirs) - int(ours) == SLIP_MINOR
    assert night.lake.rows(UNMATCHED, f"release = {publication.find(night.lake, LAST).release}").to_pylist() == []


def test_a_payment_that_nobody_made_is_listed_until_it_is_taken_back(spoiled: Path, night: Application) -> None:
    ((_, sender, *_),) = planted(spoiled, "no_cash")
    rows = night.lake.rows(UNMATCHED, "release = 1 and against = 'bank'").to_pylist()
    (invented,) = [row for row in rows if row["item"].endswith("-invented")]
    assert (invented["partner_id"], invented["their_minor"]) == (sender, None)
    stated = night.lake.rows(CERTIFICATE, "release = 1 and statement = 'repayments that no bank entry backs'").to_pylist()
    assert [invented["item"] in row["found"] for row in stated if row["subject"].startswith(sender)] == [True]
    assert not len(night.lake.rows(CERTIFICATE, "release = 3 and statement = 'repayments that no bank entry backs'"))
