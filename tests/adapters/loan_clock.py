"""What `balance.loan_day` makes of an inbox, in plain pandas: the same rules, no Spark.

Newest version of each key by delivery date, money to instalments by due date, interest first within one,
past due from the day after the due date.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from loanwatch.admit.delivery import MANIFEST
from loanwatch.admit.feeds import FEEDS

GONE = ("settled", "buy_back", "transfer")


def rows(inbox: Path, feed: str) -> pd.DataFrame:
    """All delivered rows of a feed with `from_on`, their business date, and `until_on`, when a version took over."""
    folders = sorted((path.parent for path in (inbox / feed).rglob(MANIFEST)), key=lambda folder: folder.parent.name)
    parts = [
        pd.read_parquet(folder / f"{feed}.parquet").assign(from_on=np.datetime64(folder.parent.name))
        for folder in folders
    ]
    parts = [part for part in parts if len(part)]
    if not parts:
        names = [column.name for column in FEEDS[feed].row]
        return pd.DataFrame(columns=names).assign(from_on=pd.Timestamp.max, until_on=pd.Timestamp.max)
    found = pd.concat(parts, ignore_index=True)
    identity = [name for name in FEEDS[feed].identity if name in found.columns and name != FEEDS[feed].on.name]
    found["until_on"] = found.groupby(identity, sort=False)["from_on"].shift(-1).fillna(pd.Timestamp("2200-01-01"))
    return found


class LoanClock:
    """The inbox, read once; ask for the loans of a date."""

    def __init__(self, inbox: Path) -> None:
        self.loan = rows(inbox, "loan")
        self.repayment = rows(inbox, "repayment")
        self.loan_event = rows(inbox, "loan_event")
        self.loan_ids = pd.Index(self.loan["loan_id"].unique())
        found = rows(inbox, "instalment").assign(total=lambda i: i["principal_minor"] + i["interest_minor"])
        found["loan"] = self.loan_ids.get_indexer(found["loan_id"])
        found = found.sort_values(["loan", "due_on", "instalment_no"], kind="stable").drop(columns="loan_id")
        dates = {name: pd.to_datetime(found[name]) for name in ("due_on", "agreed_on")}
        self.instalment = found.assign(**dates)

    def loan_day(self, as_of: date) -> pd.DataFrame:
        """By loan: principal, balance, arrears, days past due by both clocks, gone and written off."""
        day = pd.Timestamp(as_of)
        principal = _known(self.loan, day).set_index("loan_id")["principal_minor"].reindex(self.loan_ids)
        repayment, event = _known(self.repayment, day), _known(self.loan_event, day)
        instalment = _known(self.instalment, day)
        instalment = instalment[instalment["agreed_on"] <= day]
        by_anybody = self._allocated(instalment, repayment, day)
        by_borrower = self._allocated(instalment, repayment[repayment["payer"] == "borrower"], day)
        return pd.DataFrame({
            "principal": principal,
            "balance": principal - by_anybody["principal"],
            "arrears": by_anybody["arrears"],
            "days": by_anybody["days"],
            "own_days": by_borrower["days"],
            "gone": self.loan_ids.isin(event.loc[event["kind"].isin(GONE), "loan_id"]),
            "written_off": self.loan_ids.isin(event.loc[event["kind"] == "write_off", "loan_id"]),
        })  # fmt: skip

    def _allocated(self, instalment: pd.DataFrame, repayment: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
        paid = repayment.groupby("loan_id")["paid_minor"].sum().reindex(self.loan_ids).fillna(0).to_numpy(np.int64)
        loan, total = instalment["loan"], instalment["total"]
        before = total.groupby(loan, sort=False).cumsum() - total
        covered = (paid[loan] - before).clip(lower=0, upper=total)
        past = instalment["due_on"] < day
        unpaid = past & (covered < total)
        since = instalment.loc[unpaid, "due_on"].groupby(loan[unpaid]).min()
        by_loan = pd.DataFrame({
            "principal": (covered - instalment["interest_minor"]).clip(lower=0).groupby(loan).sum(),
            "arrears": (total - covered).where(past, 0).groupby(loan).sum(),
            "days": (day - since).dt.days,
        })  # fmt: skip
        by_loan = by_loan.reindex(range(len(self.loan_ids))).fillna(0).astype("int64")
        return by_loan.set_index(self.loan_ids)


def _known(found: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The versions that stood at the end of the day."""
    return found[(found["from_on"] <= day) & (found["until_on"] > day)]
