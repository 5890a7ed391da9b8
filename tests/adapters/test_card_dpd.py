"""The adapter `card-dpd`: every status comes back as days within its range, nothing is repaid by silence."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from adapters.deliveries import contents, faults
from adapters.loan_clock import LoanClock

from loanwatch.adapters import perform
from loanwatch.adapters.card_dpd import DUE_DAY
from loanwatch.errors import UsageError

ENDS = [stamp.date() for stamp in pd.date_range("2019-01-31", "2020-01-31", freq="ME")]
RANGES = {"0": (1, 29), "1": (30, 59), "2": (60, 89), "3": (90, 119), "4": (120, 149), "5": (150, 9999)}
ACCOUNTS = {  # statuses from the oldest month on; the last is that of January 2020
    "1": "X0123455CC0XX",
    "2": "0000000000000",
    "3": "XXX3012XXX",  # jumps to 3; X after 2 is no recovery
    "4": "CCCCCCCXXXXXX",
    "5": "0012",
    "6": "5555555555555",
    "7": "001C0X1",
}


def write(folder: Path, accounts: dict[str, str], ago: int = 0) -> Path:
    rows = [f"{number},{-back - ago},{status}" for number, statuses in accounts.items()
            for back, status in enumerate(reversed(statuses))]  # fmt: skip
    (path := folder / "credit_record.csv").write_text("\n".join(["ID,MONTHS_BALANCE,STATUS", *rows, ""]))
    return path


def run(path: Path, out: Path) -> Path:
    perform("card-dpd", [path], out, lambda line: None)
    return out / "inbox"


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cards")
    return run(write(folder, ACCOUNTS), folder / "out")


@pytest.fixture(scope="module")
def clock(inbox: Path) -> LoanClock:
    return LoanClock(inbox)


def days(clock: LoanClock, end: date, number: str) -> tuple[int, int] | None:
    """Days past due and balance; None = not lent."""
    loans = clock.loan_day(end)
    if f"CARDS:{number}" not in loans.index or pd.isna(loans.loc[f"CARDS:{number}", "principal"]):
        return None
    row = loans.loc[f"CARDS:{number}"]
    return int(row["days"]), int(row["balance"])


@pytest.mark.parametrize("number", ["1", "2", "4", "6", "7"])
def test_each_status_comes_back(clock: LoanClock, number: str) -> None:
    statuses = ACCOUNTS[number]
    for status, end in zip(statuses, ENDS[-len(statuses) :], strict=True):
        found = days(clock, end, number)
        if status in RANGES:
            assert found is not None
            low, high = RANGES[status]
            assert low <= found[0] <= high, end
            assert found[1] >= 100 * (int(status) + 1)
        else:
            assert found in {None, (0, 0)}, end


def test_no_loan_after_a_month_of_arrears_is_no_recovery(clock: LoanClock) -> None:
    seen = [days(clock, end, "3") for end in ENDS[3:]]
    assert [each and each[1] // 100 for each in seen] == [None, None, None, 4, 1, 2, 3, 3, 3, 3]
    assert [each[0] for each in seen[-4:] if each] == [77, 107, 138, 169]


def test_an_account_that_is_told_of_no_more_runs_on(tmp_path: Path) -> None:
    clock = LoanClock(run(write(tmp_path, {"5": "0012"}, ago=3), tmp_path / "out"))
    since = date(2019, 8, DUE_DAY)
    assert [days(clock, end, "5") for end in (ENDS[-4], ENDS[-1])] == [((end - since).days, 300) for end in (ENDS[-4], ENDS[-1])]


def test_five_goes_on_getting_older(clock: LoanClock) -> None:
    found = [seen[0] for end in ENDS if (seen := days(clock, end, "6"))]
    assert found == [(end - date(2018, 8, DUE_DAY)).days for end in ENDS]


def test_every_status_falls_into_its_range_in_every_month(tmp_path: Path) -> None:
    accounts = {str(start): "0" * start + "01234" for start in range(1, 49)}
    clock = LoanClock(run(write(tmp_path, accounts), tmp_path / "out"))
    for month in range(1, 53):
        end = (pd.Timestamp("2020-01-31") - pd.offsets.MonthEnd(month)).date()
        loans = clock.loan_day(end)
        for number, statuses in accounts.items():
            if month < len(statuses):
                low, high = RANGES[statuses[-1 - month]]
                assert low <= loans.loc[f"CARDS:{number}", "days"] <= high, (end, number)


def test_admission_takes_every_row(inbox: Path) -> None:
    assert faults(inbox) == []


def test_no_delivery_knows_a_later_month(inbox: Path, tmp_path: Path) -> None:
    early = {number: statuses[:-4] for number, statuses in ACCOUNTS.items() if statuses[:-4]}
    known = contents(run(write(tmp_path, early, ago=4), tmp_path / "out"))
    assert known == contents(inbox, ENDS[-5].isoformat())


def test_rows_that_cannot_be_read_are_left_out_and_listed(tmp_path: Path) -> None:
    path = write(tmp_path, {"1": "00"})
    path.write_text(path.read_text() + "1,-2,7\n1,x,0\n1,1,0\n=1+1,0,0\n1\n")
    run(path, tmp_path / "out")
    assert (tmp_path / "out" / "unread.csv").read_text().splitlines() == [
        "file,row,column,what",
        "credit_record.csv,3,status,not of the words that the mapping translates",
        "credit_record.csv,4,months_ago,not integer",
        "credit_record.csv,5,months_ago,above 0",
        "credit_record.csv,6,number,not of the form",
        "credit_record.csv,7,,another number of cells than the layout",
    ]


def test_a_taken_inbox_is_left_alone(inbox: Path, tmp_path: Path) -> None:
    before = contents(inbox)
    with pytest.raises(UsageError, match="is not empty"):
        run(write(tmp_path, {"1": "0"}), inbox.parent)
    assert contents(inbox) == before
