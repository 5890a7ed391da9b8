"""The adapter `agency`: balances to the cent, months delinquent as unpaid payments, endings; Freddie Mac's layout too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from adapters.deliveries import contents, faults
from adapters.loan_clock import LoanClock, rows

from loanwatch import adapters
from loanwatch.adapters.agency import level

Row = dict[str, str]
FIRST = pd.Timestamp("2019-01-31")
ORIGINAL, RATE, TERM = 120_000.0, 4.5, 360
TERMS: Row = {
    "CHANNEL": "R", "ORIG_RATE": "4.500", "ORIG_UPB": "120000.00", "ORIG_TERM": "360", "ORIG_DATE": "122018", "FIRST_PAY": "022019",
    "MATR_DT": "012049", "OLTV": "80", "PROP": "CO", "STATE": "OH", "CURR_RATE": "4.500", "MOD_FLAG": "N",
}  # fmt: skip
Month = tuple[str, float]  # status, balance


def told(number: str, months: list[Month], last: Row | None = None, **changes: Row) -> list[Row]:
    """A loan's rows from January 2019 on; `last` goes into the last, `changes` (m3=…) into the third and all later ones."""
    found, so_far = [], dict(TERMS)
    for i, (status, balance) in enumerate(months, start=1):
        so_far |= changes.get(f"m{i}", {})
        month = (FIRST + pd.offsets.MonthEnd(i - 1)).strftime("%m%Y")
        found.append({**so_far, "LOAN_ID": number, "ACT_PERIOD": month, "DLQ_STATUS": status, "CURRENT_UPB": f"{balance:.2f}"})
    found[-1] |= last or {}
    return found


def write(folder: Path, book: list[list[Row]]) -> Path:
    names = adapters.mapping("agency").files["performance"].columns
    lines = ["|".join(row.get(name, "") for name in names) for loan in book for row in loan]
    (path := folder / "2019Q1.csv").write_text("\n".join([*lines, ""]))
    return path


GONE = {"CURR_RATE": "", "MATR_DT": "", "MOD_FLAG": ""}
B = 119_000.0
BOOK = [
    told("1", [("00", 0), ("00", 0), ("00", 0), ("00", B), ("00", B - 200), ("00", B - 5_000), ("00", B - 4_900)]),
    told("2", [("00", 0), ("00", B), ("01", B), ("02", B), ("02", B - 150), ("01", B - 500), ("00", B - 700)]),
    told("3", [("00", B), ("01", B), ("02", B), ("03", B), ("00", B + 3_000), ("00", B + 2_900), ("00", B + 2_800)],
         m4={"MOD_FLAG": "Y"}, m5={"CURR_RATE": "3.000", "MATR_DT": "012059"}),
    told("4", [("00", B), ("00", B - 150), ("XX", 0)], last={**GONE, "ZERO_BAL_CODE": "01"}),
    told("5", [("00", B), ("01", B), ("02", B), ("03", B), ("XX", 0)],
         last={**GONE, "ZERO_BAL_CODE": "09", "NET_SALES_PROCEEDS": "100000.00"}),
    told("6", [("00", B), ("01", B), ("XX", 0)], last={**GONE, "ZERO_BAL_CODE": "06"}),
    told("7", [("00", B), ("01", B), ("XX", 0), ("03", B)]),  # a month without a status, then three are missing
    told("8", [("00", B), ("01", B), ("XX", 0)], last={**GONE, "ZERO_BAL_CODE": "98"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("agency")
    return run("agency", folder / "out", write(folder, BOOK))


@pytest.fixture(scope="module")
def clock(inbox: Path) -> LoanClock:
    return LoanClock(inbox)


def run(name: str, out: Path, *files: Path) -> Path:
    adapters.perform(name, files, out, lambda line: None)
    return out / "inbox"


def loan_day(clock: LoanClock, month: int, number: str) -> pd.Series[float]:
    """A loan at the end of a month, from 1."""
    return clock.loan_day((FIRST + pd.offsets.MonthEnd(month - 1)).date()).loc[f"FNMA:{number}"]


def test_stated_balances_come_back_to_the_cent(clock: LoanClock) -> None:
    for loan in BOOK:
        for month, row in enumerate(loan, start=1):
            balance = round(float(row["CURRENT_UPB"]) * 100)
            if balance:
                assert loan_day(clock, month, row["LOAN_ID"])["balance"] == balance, (row["LOAN_ID"], month)


def test_undisclosed_balances_are_the_schedules(clock: LoanClock) -> None:
    payment, balance = 608_02, 120_000_00
    assert level(*(np.array([value]) for value in (balance, 4_500, TERM))).tolist() == [payment]
    assert loan_day(clock, 1, "1")["balance"] == balance
    for month in (2, 3):
        balance -= payment - round(balance * RATE / 1200)
        assert loan_day(clock, month, "1")["balance"] == balance


def test_the_oldest_unpaid_payment_is_of_as_many_months_ago_as_the_status_says(clock: LoanClock) -> None:
    for loan in BOOK:
        for month, row in enumerate(loan, start=1):
            if row["DLQ_STATUS"] == "XX":
                continue
            end, late = FIRST + pd.offsets.MonthEnd(month - 1), int(row["DLQ_STATUS"])
            since = (end.to_period("M") - late + 1).to_timestamp()
            days = (end - since).days if late else 0
            assert loan_day(clock, month, row["LOAN_ID"])["days"] == days, (row["LOAN_ID"], month)
            assert late == 0 or 30 * late - 3 <= days <= 30 * late + late // 2 + 1


def test_new_terms_are_no_money(inbox: Path) -> None:
    paid = rows(inbox, "repayment")
    assert paid[paid["loan_id"] == "FNMA:3"].groupby("from_on")["paid_minor"].sum().iloc[1:].gt(100_00).all()
    assert "2019-05" not in " ".join(paid.loc[paid["loan_id"] == "FNMA:3", "repayment_id"])
    contract = rows(inbox, "loan")
    newest = contract[contract["loan_id"] == "FNMA:3"].iloc[-1]
    assert (newest["rate_bp"], str(newest["matures_on"])) == (300, "2059-01-01")


def test_events_and_what_was_recovered(inbox: Path, clock: LoanClock) -> None:
    events = rows(inbox, "loan_event")
    found = {(str(row.loan_id)[5:], row.kind, str(row.happened_on), row.amount_minor) for row in events.itertuples()}
    owed = round(B * 100)
    assert found == {
        ("3", "restructuring", "2019-04-30", owed),
        ("4", "settled", "2019-03-31", owed - 150_00),
        ("5", "write_off", "2019-05-31", owed),
        ("5", "repossession", "2019-05-31", 100_000_00),
        ("6", "buy_back", "2019-03-31", owed),
    }
    lost = loan_day(clock, 5, "5")
    assert (lost["balance"], lost["written_off"]) == (owed - 100_000_00, True)
    assert lost["own_days"] >= lost["days"] > 90
    paid = rows(inbox, "repayment")
    assert paid.loc[paid["payer"] == "collateral", "paid_minor"].tolist() == [100_000_00]


def test_an_ending_that_says_nothing_ends_nothing(clock: LoanClock) -> None:
    after = loan_day(clock, 5, "8")
    assert (after["balance"], after["days"], after["gone"]) == (round(B * 100), 119, False)


def test_the_home_is_worth_what_the_loan_to_value_says(inbox: Path) -> None:
    assert rows(inbox, "valuation")["value_minor"].unique().tolist() == [150_000_00]
    assert rows(inbox, "asset")["kind"].unique().tolist() == ["flat"]


def test_admission_takes_every_row(inbox: Path) -> None:
    assert faults(inbox) == []


def test_no_delivery_knows_a_later_month(inbox: Path, tmp_path: Path) -> None:
    early = run("agency", tmp_path / "out", write(tmp_path, [loan[:3] for loan in BOOK]))
    assert contents(early) == contents(inbox, "2019-03-31")


def test_a_row_of_another_length_is_listed(tmp_path: Path) -> None:
    path = write(tmp_path, BOOK[:1])
    path.write_text("|1|x\n" + path.read_text())
    out = run("agency", tmp_path / "out", path).parent
    assert (out / "unread.csv").read_text().splitlines()[1:] == ["2019Q1.csv,1,,another number of cells than the layout"]


ORIGINATION = {
    "LOAN_SEQUENCE_NUMBER": "LOAN_ID", "ORIGINAL_UPB": "ORIG_UPB", "ORIGINAL_RATE": "ORIG_RATE", "ORIGINAL_TERM": "ORIG_TERM",
    "STATE": "STATE", "PROPERTY_TYPE": "PROP", "LTV": "OLTV",
}  # fmt: skip
MONTHLY = {
    "LOAN_SEQUENCE_NUMBER": "LOAN_ID", "CURRENT_UPB": "CURRENT_UPB", "CURRENT_RATE": "CURR_RATE",
    "ZERO_BALANCE_CODE": "ZERO_BAL_CODE", "NET_SALES_PROCEEDS": "NET_SALES_PROCEEDS",
}  # fmt: skip


def test_freddie_macs_layout_says_the_same(inbox: Path, tmp_path: Path) -> None:
    files = adapters.mapping("agency-freddie").files
    lines: dict[str, list[str]] = {name: [] for name in files}
    for loan in (BOOK[0], BOOK[1], BOOK[4]):
        months = [{"FIRST_PAYMENT_DATE": "201902", "MATURITY_DATE": "204901", **{k: loan[0][v] for k, v in ORIGINATION.items()}}]
        lines["origination"] += ["|".join(row.get(name, "") for name in files["origination"].columns) for row in months]
        months = [{**{ours: row.get(theirs, "") for ours, theirs in MONTHLY.items()}, "REPORTING_PERIOD":
                   f"{row['ACT_PERIOD'][2:]}{row['ACT_PERIOD'][:2]}", "DELINQUENCY_STATUS": row["DLQ_STATUS"].lstrip("0") or "0",
                   "MODIFICATION_FLAG": ""} for row in loan]  # fmt: skip
        lines["monthly"] += ["|".join(row.get(name, "") for name in files["monthly"].columns) for row in months]
    names = {"origination": "historical_data_2019Q1.txt", "monthly": "historical_data_time_2019Q1.txt"}
    for name, path in names.items():
        (tmp_path / path).write_text("\n".join([*lines[name], ""]))
    found = run("agency-freddie", tmp_path / "out", *(tmp_path / path for path in names.values()))
    assert faults(found) == []
    for feed in ("instalment", "repayment"):
        theirs, ours = (_of(rows(folder, feed)) for folder in (found, inbox))
        assert theirs == [row for row in ours if row[0] in {"1", "2", "5"}], feed


def _of(found: pd.DataFrame) -> list[tuple[str, ...]]:
    cells = found.drop(columns=["from_on", "until_on"]).assign(loan_id=found["loan_id"].str.partition(":")[2])
    return sorted(tuple(map(str, (row.pop("loan_id"), *row.values()))) for row in cells.to_dict("records"))
