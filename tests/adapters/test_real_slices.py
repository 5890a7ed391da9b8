"""Real files through their adapters: a slice of customers each, statuses and balances against what was read from the inbox."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from adapters.deliveries import faults
from adapters.loan_clock import LoanClock
from adapters.test_card_dpd import RANGES

from loanwatch import adapters

CUSTOMERS = 400


def a_slice(source: Path, folder: Path, keep: Callable[[str], bool]) -> Path:
    """The lines of a file that are to be kept, under its own name."""
    with gzip.open(source, "rt") as lines:
        text = "".join(line for line in lines if keep(line))
    (path := folder / source.name.removesuffix(".gz")).write_text(text)
    return path


def run(name: str, out: Path, path: Path) -> LoanClock:
    adapters.perform(name, [path], out, print)
    assert faults(out / "inbox") == []
    return LoanClock(out / "inbox")


def test_card_statuses(real_data: Path, tmp_path: Path) -> None:
    whole = pd.read_csv(real_data / "01-card-monthly-dpd" / "credit_record.csv.gz")
    late = whole.loc[whole["STATUS"].isin(["2", "3", "4", "5"]), "ID"].unique()[:CUSTOMERS]
    seen = whole[whole["ID"].isin(late)]
    seen.to_csv(tmp_path / "credit_record.csv", index=False)
    clock = run("card-dpd", tmp_path / "out", tmp_path / "credit_record.csv")
    compared = 0
    for ago in range(0, 60, 6):
        loans = clock.loan_day((pd.Timestamp("2020-01-31") - pd.offsets.MonthEnd(ago)).date())
        for row in seen[seen["MONTHS_BALANCE"] == -ago].itertuples():
            days = loans["days"].get(f"CARDS:{row.ID}", 0)
            low, high = RANGES.get(str(row.STATUS), (0, 0))
            if row.STATUS != "X":  # no loan after arrears is no recovery
                compared += 1
                assert low <= days <= high, (row.ID, ago)
    print(f"{len(late)} customers, {compared} months compared")
    assert compared > 1_000


def test_taiwan_bills_and_months_late(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "05-card-default-taiwan" / "UCI_Credit_Card.csv.gz"
    number = iter(range(CUSTOMERS * 10))
    path = a_slice(source, tmp_path, lambda line: next(number, CUSTOMERS * 10) < CUSTOMERS * 10)
    loans = run("taiwan-cards", tmp_path / "out", path).loan_day(pd.Timestamp("2005-09-30").date())
    seen = pd.read_csv(path)
    ours = loans.reindex("TWC:" + seen["ID"].astype(str))
    bill = (seen["BILL_AMT1"].clip(lower=0) * 100).round().to_numpy()
    assert ((ours["balance"].fillna(0).to_numpy() - bill) == 0).all()
    lent = ours["principal"].notna().to_numpy() & (bill > 0)
    late = seen.loc[lent, "PAY_0"].to_numpy().clip(0)
    assert (ours.loc[lent, "days"].floordiv(30).to_numpy() == late).all()
    assert (late > 1).sum() > 100


def test_agency_months_delinquent(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "16-agency-mortgage-format-samples" / "sf-loan-performance-data-sample.csv.gz"
    path = a_slice(source, tmp_path, lambda line: True)
    clock = run("agency", tmp_path / "out", path)
    names = adapters.mapping("agency").files["performance"].columns
    seen = pd.read_csv(path, sep="|", names=list(names), dtype=str)
    compared = 0
    told = seen[(seen["DLQ_STATUS"] != "XX") & seen["ACT_PERIOD"].str[:2].isin(["03", "08"])]
    for month, rows in told.groupby("ACT_PERIOD"):
        end = pd.to_datetime(str(month), format="%m%Y") + pd.offsets.MonthEnd(0)
        loans = clock.loan_day(end.date())
        for row in rows.to_dict("records"):
            ours, late = loans.loc[f"FNMA:{row['LOAN_ID']}"], int(row["DLQ_STATUS"])
            since = (end.to_period("M") - late + 1).to_timestamp()
            assert ours["days"] == ((end - since).days if late else 0), row["LOAN_ID"]
            stated = round(float(row["CURRENT_UPB"]) * 100)
            assert not stated or ours["balance"] == stated, row["LOAN_ID"]
            compared += 1
    assert compared == len(told) > 100
