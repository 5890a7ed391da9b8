"""Forms that are of contracts and not of loans: handed in, held to each other and to the last hand-in, drilled; without Spark."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cli import loanwatch
from extract.test_hand_in import BANK, D, sealed_lake

from loanwatch.admit.filing_feeds import TRANSFER, TRANSFER_LOAN
from loanwatch.lake import Lake
from loanwatch.report.base_tables import BASE_TRANSFER, BASE_TRANSFER_LOAN
from loanwatch.report.tables import HAND_IN

CONTRACT: dict[str, Any] = {
    "transfer_id": "ZR1", "month_end": D, "direction": "in", "kind": "direct", "state": "ended", "settled_on": date(2025, 2, 1),
    "currency": "CNY", "price_minor": 700_00, "price_paid_minor": 700_00, "first_paid_on": date(2025, 2, 3), "deposit_minor": 0,
    "platform": "registry", "registered": True, "counterparty_name": "c" * 32, "loans": 1, "transferred_principal_minor": 700_00,
    "transferred_interest_minor": 9_00,
}  # fmt: skip
OF_LOAN: dict[str, Any] = {
    "loan_id": "P01:L1", "transfer_id": "ZR1", "partner_id": "P01", "currency": "CNY", "month_end": D,
    "transferred_principal_minor": 700_00, "transferred_interest_minor": 9_00,
}  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    told = {"withdrawn": False, "valid_from": date(2025, 2, 1), "transfer_id": "ZR1"}
    delivered = {
        TRANSFER.table: [told | {"line_no": 3}],
        TRANSFER_LOAN.table: [told | {"loan_id": f"P01:L{n}", "line_no": n} for n in range(1, 6)],
    }
    return sealed_lake(tmp_path / "lake", {BASE_TRANSFER: [CONTRACT], BASE_TRANSFER_LOAN: [OF_LOAN], **delivered})


def asked(lake: Lake, *command: str, code: int = 0) -> str:
    business = json.dumps({**BANK, "forms": ["east/703", "east/704"]})
    done = loanwatch(*command, "--lake", lake.path, "--env", "test", LOANWATCH__BUSINESS=business)
    assert done.returncode == code, done.stderr
    return "\n".join(line for line in (done.stdout + done.stderr).splitlines() if "is not set" not in line)


def hand_in(lake: Lake, day: date = D, code: int = 0) -> str:
    return asked(lake, "form", "hand-in", "east/704", "--date", str(day), "--out", str(lake.path.parent / "out"), code=code)


def test_a_contract_is_drilled_as_a_loan_is(lake: Lake) -> None:
    of_date = ("--date", str(D))
    heading, row = asked(lake, "drill", "east/703", "ZRZJ", *of_date).splitlines()
    assert "the first transfers" in heading and row.split() == ["700.00", "1", "ZR1"]
    told = asked(lake, "drill", "east/703", "ZRZJ", "--loan", "ZR1", *of_date).splitlines()
    assert told[2] == "  from report.base_transfer: transfer_id ZR1, price_minor 70000"
    assert told[3].startswith("  rests on transfer: delivery 1 line 3 of 2025-02-01")
    assert told[4].startswith("  rests on transfer_loan: delivery 1 line 5 of 2025-02-01; ") and told[4].endswith("and 2 older")
    assert "transfer 'ZR2' is in no record" in asked(lake, "drill", "east/703", "ZRZJ", "--loan", "ZR2", *of_date, code=2)
    of_loan = asked(lake, "drill", "east/704", "ZRDKBJ", "--loan", "P01:L1", *of_date)
    assert "rests on transfer: delivery 1 line 3" in of_loan and "rests on transfer_loan: delivery 1 line 1" in of_loan


def test_what_is_handed_in_is_held_to_the_contracts_and_each_check_is_kept(lake: Lake) -> None:
    hand_in(lake)
    (noted,) = lake.rows(HAND_IN).to_pylist()
    assert noted["checks"][-2:] == ["of_a_contract: holds", "within_703: holds"]
    assert "704" in asked(lake, "where", "P01:L1")


def test_a_loan_of_a_contract_that_is_not_there_keeps_the_form_back(lake: Lake) -> None:
    april = date(2025, 4, 30)
    rows = [OF_LOAN | {"month_end": april}, OF_LOAN | {"month_end": april, "loan_id": "P01:L2", "transfer_id": "ZR2"}]
    sealed_lake(lake.path, {BASE_TRANSFER: [CONTRACT | {"month_end": april}], BASE_TRANSFER_LOAN: rows}, april)
    assert "of_a_contract: by a contract that is not in 703" in hand_in(lake, april, code=1)
    assert lake.rows(HAND_IN).num_rows == 0


def test_without_the_other_form_the_check_is_said_not_to_be_made(tmp_path: Path) -> None:
    lake = sealed_lake(tmp_path / "lake", {BASE_TRANSFER_LOAN: [OF_LOAN]})
    hand_in(lake)
    (noted,) = lake.rows(HAND_IN).to_pylist()
    left = "not checked, there is nothing to hold it to"
    assert noted["checks"][-2:] == [f"of_a_contract: {left}", f"within_703: {left}"]


def test_of_one_pool_it_is_not_held_to_contracts_that_are_of_none(tmp_path: Path) -> None:
    lake = sealed_lake(tmp_path / "lake", {BASE_TRANSFER: [CONTRACT], BASE_TRANSFER_LOAN: [OF_LOAN | {"pool_id": "T1"}]})
    asked(lake, "form", "hand-in", "east/704", "--date", str(D), "--pool", "T1", "--out", str(lake.path.parent / "out"))
    (noted,) = lake.rows(HAND_IN).to_pylist()
    assert noted["records"] == 1 and noted["checks"][-1].startswith("within_703: not checked")


def test_a_form_of_contracts_is_of_no_pool(lake: Lake) -> None:
    said = asked(lake, "form", "fill", "east/703", "--date", str(D), "--pool", "T1", "--out", str(lake.path / "x"), code=2)
    assert "east/703 is of no pool" in said
