"""Status codes of the credit reference system: each state of a loan has the code of its account class."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from extract.test_east import NOTE, noted

from loanwatch.extract import checks, layout
from loanwatch.report.base_tables import BASE_LOAN

FORMS = Path(__file__).parents[2] / "conf" / "extracts" / "pboc"
PLAIN = NOTE | {
    "month_status": "N", "sued": False, "revolving": None, "days_past_due": 0, "arrears_minor": 0, "missed_instalments": 0,
}  # fmt: skip
GONE = {"left_on": date(2025, 3, 9), "balance_minor": 0, "last_class": None}
STATES: list[tuple[dict[str, Any], str, str]] = [
    ({}, "1", "1"), ({"month_status": "*"}, "1", "1"), ({"month_status": "D"}, "1", "1"),
    ({"month_status": "1", "days_past_due": 1, "arrears_minor": 1}, "2", "2"),
    ({"month_status": "7", "days_past_due": 181, "arrears_minor": 1, "sued": True}, "8", "8"),
    ({"month_status": "B", "written_off": True, "sued": True, "days_past_due": 400}, "4", "4"),
    (GONE | {"month_status": "C", "left_because": "repaid"}, "3", "3"),
    (GONE | {"month_status": "C", "left_because": "settled", "written_off": True}, "3", "3"),
    (GONE | {"month_status": "G", "left_because": "transfer"}, "5", "3"),
    (GONE | {"month_status": "G", "left_because": "buy_back"}, "5", "3"),
]


def reported(folder: Path, kind: str, row: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    return noted(folder, f"../pboc/{kind}", BASE_LOAN, row)


@pytest.mark.parametrize(("state", "once", "revolving"), STATES)
def test_each_state_of_a_loan_has_its_code(tmp_path: Path, state: dict[str, Any], once: str, revolving: str) -> None:
    (record,), faults = reported(tmp_path, "D1", PLAIN | state)
    assert (record["ACCT_STATUS"], faults) == (once, [])
    assert record["RPY_STATUS"] == (PLAIN | state)["month_status"]
    (record,), faults = reported(tmp_path, "R1", PLAIN | state | {"revolving": True})
    assert (record["ACCT_STATUS"], faults) == (revolving, [])
    assert reported(tmp_path, "R1", PLAIN | state)[0] == reported(tmp_path, "D1", PLAIN | state | {"revolving": True})[0] == []


def test_a_record_is_as_the_base_table_has_it(tmp_path: Path) -> None:
    row = PLAIN | {"month_status": "3", "days_past_due": 61, "arrears_minor": 12_34, "missed_instalments": 3}
    assert reported(tmp_path, "D1", row)[0] == [{
        "ACCT_TYPE": "D1", "ACCT_CODE": "P01:L1", "MONTH": "20250331", "ACCT_STATUS": "2", "RPY_STATUS": "3", "FIVE_CATE": "3",
        "CURRENCY": "CNY", "ACCT_BAL": "8000.00", "TOT_OVERD": "12.34", "OVERD_PRD": "3", "CLOSE_DATE": "99991231",
    }]  # fmt: skip
    classes = ("normal", "special_mention", "substandard", "doubtful", "loss", None)
    given = [reported(tmp_path, "D1", PLAIN | {"last_class": word})[0][0]["FIVE_CATE"] for word in classes]
    assert given == ["1", "2", "3", "4", "5", "9"]


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"days_past_due": None, "month_status": "#"}, "status_told"),
        ({"month_status": "N", "days_past_due": 5, "arrears_minor": 1}, "overdue"), ({"month_status": "1"}, "not_overdue"),
        ({"arrears_minor": 1}, "sum_due"), ({"month_status": "B"}, "written_off"),
        ({"month_status": "1", "written_off": True}, "bad_debt"),
        ({"month_status": "C", "left_because": "repaid", "left_on": date(2025, 3, 9)}, "settled_owes_nothing"),
    ],
)  # fmt: skip
def test_statuses_that_do_not_go_together_are_found(tmp_path: Path, change: dict[str, Any], check: str) -> None:
    for kind in ("D1", "R1"):
        assert check in reported(tmp_path, kind, PLAIN | change | {"revolving": kind == "R1"})[1]
        of = layout.read(FORMS / kind / layout.FILE)
        assert check in {one.name for one in checks.read(FORMS / kind / checks.FILE, of)}
