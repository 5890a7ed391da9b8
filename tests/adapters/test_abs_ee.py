"""The adapter `abs-ee` on a hand-made file: the balance to the cent, the clock, the endings, no look ahead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from adapters import abs_ee_file
from adapters.abs_ee_file import LEVEL, OPENING, loan
from adapters.loan_clock import LoanClock

from loanwatch.adapters import perform
from loanwatch.adapters.abs_ee import charge_offs
from loanwatch.admit.checking import check
from loanwatch.admit.delivery import MANIFEST, Manifest
from loanwatch.admit.feeds import FEEDS
from loanwatch.errors import UsageError

MONTH_ENDS = [stamp.date() for stamp in pd.date_range("2017-05-31", periods=9, freq="ME")]
REGULAR, CURED, LOST, REPAID, PREPAID, LATE, SILENT, SOLD, RAISED, AHEAD = range(1, 11)

SOLD_IN = 4

P = LEVEL
PAID_IN_FULL = OPENING * (1 + abs_ee_file.RATE / 12)
LOANS = [
    loan(REGULAR, [P] * 8),
    loan(CURED, [P, 0, 0, 3 * P, P, P, P, P]),
    loan(LOST, [P, 0, 0, 0, 20, None, None, None], BAL5=0.0, PRC5=0.0, REP5=500.0, REP6=-300.0, REC7=25.0),
    loan(REPAID, [PAID_IN_FULL, *[None] * 7]),
    loan(PREPAID, [P, 1000, 0, 0, 0, P, P, P]),
    loan(LATE, [P, P, 2 * P, P, P, P, P, P], currentDelinquencyStatus=40, nextReportingPeriodPaymentAmountDue=3 * P),
    loan(SILENT, [P, 0, 0, 0, None, None, None, None]),
    loan(SOLD, [P, 0, 0, 0, None, None, None, None], REP4=700.0, REC6=9000.0),
    loan(RAISED, [P, 0, P, P, P, P, P, P]),
    loan(AHEAD, [0, P, P, P, P, P, P, P], nextReportingPeriodPaymentAmountDue=0),
]  # fmt: skip
for month in range(2, 9):  # a payment came back: the balance goes up and stays up
    LOANS[RAISED - 1][f"BAL{month}"] = round(float(str(LOANS[RAISED - 1][f"BAL{month}"])) + 50, 2)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return abs_ee_file.write(tmp_path_factory.mktemp("abs-ee") / "pool1.csv", LOANS)


@pytest.fixture(scope="module")
def inbox(source: Path) -> Path:
    return run(source, source.parent / "out")


@pytest.fixture(scope="module")
def clock(inbox: Path) -> LoanClock:
    return LoanClock(inbox)


def run(source: Path, out: Path) -> Path:
    perform("abs-ee", [source], out, lambda line: None)
    return out / "inbox"


def cents(cell: object) -> int:
    return round(float(str(cell)) * 100)


def days(clock: LoanClock, number: int) -> list[int]:
    """Days past due at each month-end; the due day is the 15th unless told otherwise."""
    return [int(clock.loan_day(end).loc[f"ALLY:{number}", "days"]) for end in MONTH_ENDS]


def test_balances_are_the_files_to_the_cent(clock: LoanClock) -> None:
    for month, end in enumerate(MONTH_ENDS):
        loans = clock.loan_day(end)
        loans = loans[~loans["gone"] & ~loans["written_off"]]
        column = f"BAL{month}" if month else "reportingPeriodActualEndBalanceAmount"
        stated = {f"ALLY:{row['assetNumber']}": cents(row[column]) for row in LOANS if row.get(column)}
        if month >= SOLD_IN:  # written off when its vehicle was sold; the file takes it off a month later
            stated.pop(f"ALLY:{SOLD}", None)
        assert loans["balance"].to_dict() == stated, end


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (REGULAR, [0] * 9),
        (CURED, [0, 0, 16, 47, 0, 0, 0, 0, 0]),
        # A lump sum pays one instalment ahead, the rest is a prepayment of principal.
        (PREPAID, [0, 0, 0, 0, 15, 46, 46, 46, 47]),
        # 40 days at the first report: two unpaid, of 21 April and 21 May; one is made good in month 3.
        (LATE, [40, 40, 40, 10, 9, 10, 9, 10, 10]),
        (RAISED, [0, 0, 16, 16, 15, 16, 15, 16, 16]),
        (AHEAD, [0] * 9),
    ],
)
def test_days_past_due(clock: LoanClock, number: int, expected: list[int]) -> None:
    assert days(clock, number) == expected


def test_a_charge_off_stays_on_the_book_and_recoveries_reduce_it(clock: LoanClock) -> None:
    ends = {end: clock.loan_day(end).loc[f"ALLY:{LOST}"] for end in MONTH_ENDS}
    owed = cents(LOANS[LOST - 1]["BAL4"])
    assert ends[date(2017, 9, 30)][["balance", "days", "written_off"]].to_list() == [owed, 77, False]
    assert ends[date(2017, 10, 31)][["balance", "written_off"]].to_list() == [owed - 500_00, True]
    assert ends[date(2017, 12, 31)]["balance"] == owed - 500_00 - 25_00
    assert ends[date(2017, 10, 31)]["own_days"] > ends[date(2017, 10, 31)]["days"]


def test_recoveries_beyond_the_debt_are_not_principal(clock: LoanClock) -> None:
    balances = [int(clock.loan_day(end).loc[f"ALLY:{SOLD}", "balance"]) for end in MONTH_ENDS]
    owed = cents(LOANS[SOLD - 1]["BAL4"])
    assert balances[3:] == [owed, owed - 700_00, owed - 700_00, 0, 0, 0]


def test_events(clock: LoanClock) -> None:
    events = clock.loan_event
    found = {(row.kind, int(row.loan_id.removeprefix("ALLY:")), row.happened_on) for row in events.itertuples()}
    assert found == {
        ("settled", REPAID, date(2017, 6, 30)),
        ("write_off", LOST, date(2017, 10, 31)),
        ("repossession", LOST, date(2017, 10, 31)),
        ("write_off", SILENT, date(2017, 10, 31)),
        ("write_off", SOLD, date(2017, 9, 30)),
        ("repossession", SOLD, date(2017, 9, 30)),
    }


def test_charge_offs_are_balances_written_to_zero_unpaid(source: Path) -> None:
    assert charge_offs([source]) == [(f"ALLY:{LOST}", date(2017, 10, 31))]


def test_every_delivered_row_is_admissible_and_repayments_never_miss_a_month(inbox: Path) -> None:
    delivered = {}
    for path in inbox.rglob(MANIFEST):
        manifest = Manifest.model_validate_json(path.read_text())
        rows = pq.ParquetFile(path.parent / manifest.files[0].name).read()
        faults = check(FEEDS[manifest.feed], rows, manifest.sender, manifest.business_on).faults
        assert [(column, what) for column, what, _ in faults] == [], path
        assert manifest.sent_on == manifest.business_on
        delivered[manifest.feed, manifest.business_on] = manifest.rows
    assert [on for feed, on in sorted(delivered) if feed == "repayment"] == MONTH_ENDS
    first = {feed for feed, on in delivered if on == MONTH_ENDS[0]}
    assert first == {
        "partner", "pool", "borrower", "loan", "instalment", "asset", "pledge", "valuation", "repayment",
    }  # fmt: skip


@pytest.mark.parametrize("months", [1, 3, 6])
def test_no_delivery_knows_a_later_month(inbox: Path, source: Path, tmp_path: Path, months: int) -> None:
    earlier = run(abs_ee_file.cut(tmp_path / source.name, source, months), tmp_path / "out")
    known = {path.relative_to(earlier): path.read_text() for path in earlier.rglob(MANIFEST)}
    whole = {path.relative_to(inbox): path.read_text() for path in inbox.rglob(MANIFEST)}
    last = MONTH_ENDS[months].isoformat()
    assert known == {place: text for place, text in whole.items() if place.parts[2] <= last}


def test_a_taken_inbox_is_left_alone(inbox: Path, source: Path) -> None:
    with pytest.raises(UsageError, match="is not empty"):
        run(source, inbox.parent)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: f.drop(columns=["originalLoanTerm", "PMT3", "BAL8"], errors="ignore"), r"missing columns: .*PMT3"),
        (lambda f: f.drop(columns=["originationDate"]), "missing columns: originationDate"),
        (lambda f: f.drop(columns=[c for c in f if c[:3] == "BAL"]), r"missing columns: BAL1$"),
        (lambda f: f.assign(PRC2="x"), "not numbers: PRC2"),
        (lambda f: f.assign(originalLoanAmount=None), "empty cells: originalLoanAmount"),
        (lambda f: f.assign(originationDate="2016"), r"not dates: originationDate \(not like %m/%Y\)"),
        (lambda f: f.assign(assetNumber=7), "assetNumber: 9 rows repeat a loan"),
        (lambda f: f.iloc[:0], "no rows"),
    ],
)
def test_another_layout_is_refused_by_name(
    source: Path, tmp_path: Path, spoil: Callable[[pd.DataFrame], pd.DataFrame], message: str
) -> None:
    path = tmp_path / "spoilt.csv"
    spoil(pd.read_csv(source)).to_csv(path, index=False)
    with pytest.raises(UsageError, match=message):
        run(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no such file: .*nowhere\.csv"):
        run(tmp_path / "nowhere.csv", tmp_path / "out")
    (broken := tmp_path / "broken.csv.gz").write_bytes(b"\x1f\x8b\x08")
    with pytest.raises(UsageError, match=r"broken\.csv\.gz: cannot be read"):
        run(broken, tmp_path / "out")
    with pytest.raises(UsageError, match="no files"):
        perform("abs-ee", [], tmp_path / "out", print)
