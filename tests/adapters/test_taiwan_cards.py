"""The adapter `taiwan-cards`: bills to the cent, months late as days, real money, spending."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from adapters.deliveries import contents, faults
from adapters.loan_clock import LoanClock, rows

from loanwatch.adapters import perform
from loanwatch.errors import UsageError

ENDS = [stamp.date() for stamp in pd.date_range("2005-04-30", "2005-09-30", freq="ME")]
LATE, BILL, PAID = (["PAY_6", "PAY_5", "PAY_4", "PAY_3", "PAY_2", "PAY_0"], [f"BILL_AMT{i}" for i in range(6, 0, -1)],
                    [f"PAY_AMT{i}" for i in range(6, 0, -1)])  # fmt: skip
CLIENTS = {  # months late, bills, payments, April to September
    1: ([0, 0, 0, 0, 0, 0], [1000, 1100, 1200, 900, 900, 950], [100, 100, 100, 500, 100, 100]),
    2: ([-1, -1, 0, 2, 3, 4], [500, 500, 700, 800, 900, 1000], [500, 500, 100, 0, 0, 0]),
    3: ([2, 2, 3, 2, 0, -2], [900, 950, 990, 700, 300, 0], [0, 50, 0, 350, 400, 300]),
    4: ([-2, -2, -2, -2, -2, 1], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]),
    5: ([-2, -1, -1, 0, 0, 0], [0, 0, 400, -50, 0, 200], [0, 0, 0, 450, 0, 0]),
    6: ([9, 8, 2, 0, 0, 0], [100000, 100000, 100000, 90000, 80000, 70000], [0, 0, 0, 20000, 20000, 20000]),
}


def write(folder: Path, clients: dict[int, tuple[list[int], list[int], list[int]]]) -> Path:
    frame = pd.DataFrame({number: [*late, *bill, *paid] for number, (late, bill, paid) in clients.items()}).T
    frame.columns = pd.Index([*LATE, *BILL, *PAID])
    frame.rename_axis("ID").to_csv(folder / "clients.csv")
    text = (folder / "clients.csv").read_text().replace("100000,", "1.00E+05,")
    (folder / "clients.csv").write_text(text)
    return folder / "clients.csv"


def run(path: Path, out: Path) -> Path:
    perform("taiwan-cards", [path], out, lambda line: None)
    return out / "inbox"


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clients")
    return run(write(folder, CLIENTS), folder / "out")


def test_bills_to_the_cent_and_months_late_as_days(inbox: Path) -> None:
    clock = LoanClock(inbox)
    for month, end in enumerate(ENDS):
        loans = clock.loan_day(end)
        for number, (late, bill, _) in CLIENTS.items():
            if f"TWC:{number}" not in loans.index or pd.isna(loans.loc[f"TWC:{number}", "principal"]):
                assert not any(bill[: month + 1]), (number, end)
                continue
            row = loans.loc[f"TWC:{number}"]
            since = pd.Timestamp(end).to_period("M") - max(late[month], 0)
            expected = (pd.Timestamp(end) - (since.to_timestamp() + pd.Timedelta(days=14))).days if late[month] > 0 else 0
            assert (int(row["balance"]), int(row["days"])) == (max(bill[month], 0) * 100, expected), (number, end)


def test_money_is_the_files(inbox: Path) -> None:
    paid = rows(inbox, "repayment").groupby("loan_id")["paid_minor"].sum().to_dict()
    assert paid == {f"TWC:{number}": sum(amounts) * 100 for number, (_, _, amounts) in CLIENTS.items() if sum(amounts)}


def test_spending_is_what_the_bill_rose_by_beyond_what_was_paid(inbox: Path) -> None:
    spent = rows(inbox, "behaviour")
    first = spent[spent["customer_id"] == "TWC:1"]
    assert first["amount_minor"].tolist() == [20_000, 20_000, 20_000, 10_000, 15_000]
    assert first["happened_on"].tolist() == ENDS[1:]
    assert spent[spent["customer_id"] == "TWC:4"].empty


def test_admission_takes_every_row_and_no_month_is_silent(inbox: Path) -> None:
    assert faults(inbox) == []
    for feed in ("repayment", "behaviour"):
        assert sorted(path.name for path in (inbox / feed / "TWC").iterdir()) == [end.isoformat() for end in ENDS]


def test_a_later_month_changes_no_earlier_delivery(inbox: Path, tmp_path: Path) -> None:
    other = {number: ([*late[:5], 2], [*bill[:5], 7], [*paid[:5], 3]) for number, (late, bill, paid) in CLIENTS.items()}
    changed = run(write(tmp_path, other), tmp_path / "out")
    assert contents(changed, ENDS[-2].isoformat()) == contents(inbox, ENDS[-2].isoformat())
    assert contents(changed) != contents(inbox)


def test_a_client_is_one_row(tmp_path: Path) -> None:
    path = write(tmp_path, CLIENTS)
    path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n")
    with pytest.raises(UsageError, match="1 rows repeat a client's number"):
        run(path, tmp_path / "out")


def test_a_client_with_an_unreadable_cell_is_listed(tmp_path: Path) -> None:
    path = write(tmp_path, CLIENTS)
    path.write_text(path.read_text().replace("1000,1100", "1000,nan").replace("\n3,2,", "\n3,10,"))
    out = run(path, tmp_path / "out").parent
    assert (out / "unread.csv").read_text().splitlines()[1:] == [
        "clients.csv,1,bill_2_minor,missing", "clients.csv,3,late_1,above 9",
    ]  # fmt: skip
    sent = pq.ParquetFile(next((out / "inbox" / "borrower").rglob("*.parquet"))).read()["customer_id"].to_pylist()
    assert sent == [f"TWC:{number}" for number in (2, 4, 5, 6)]
