"""A tiny file of the ABS-EE layout: loans that behave as told, their balances by simple interest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from loanwatch.adapters.abs_ee.tape import TEXTS

Row = dict[str, object]

LEVEL, RATE, OPENING = 100.0, 0.06, 2000.0
FIRST_REPORT: Row = {
    "reportingPeriodEndingDate": "05-31-2017", "originationDate": "11/2016", "loanMaturityDate": "01/2019",
    "interestPaidThroughDate": "05-15-2017", "originatorName": "Ally Bank", "obligorGeographicLocation": "FL",
    "originalLoanAmount": 2500.0, "originalInterestRatePercentage": RATE, "vehicleModelYear": 2014,
    "vehicleNewUsedCode": 2, "vehicleValueAmount": 3000, "vehicleValueSourceCode": 98,
    "remainingTermtoMaturityNumber": 20, "nextReportingPeriodPaymentAmountDue": LEVEL,
    "reportingPeriodActualEndBalanceAmount": OPENING, "reportingPeriodScheduledPaymentAmount": LEVEL,
    "totalActualAmountPaid": LEVEL, "actualPrincipalCollectedAmount": 90.0, "currentDelinquencyStatus": 0,
    "paymentExtendedNumber": None,
}  # fmt: skip


def loan(number: int, payments: Sequence[float | None], **changes: object) -> Row:
    """A loan that pays so much month by month, interest first; None = reported no more.

    `changes` set cells: `BAL5=0` writes the balance off, and with it all that the file says later.
    """
    row: Row = {"assetNumber": number, **FIRST_REPORT}
    balance, unpaid_interest = float(str(changes.get("reportingPeriodActualEndBalanceAmount", OPENING))), 0.0
    for month, paid in enumerate(payments, start=1):
        unpaid_interest += balance * RATE / 12
        principal = round(max((paid or 0) - unpaid_interest, 0), 2)
        unpaid_interest -= (paid or 0) - principal
        balance = round(balance - principal, 2)
        cells = {"BAL": balance, "PRC": principal, "PMT": paid, "REC": None, "REP": 0.0}
        row |= {f"{name}{month}": None if paid is None else value for name, value in cells.items()}
    return row | changes


def write(path: Path, loans: Sequence[Row]) -> Path:
    """The file; dates as text, the rest as numbers."""
    frame = pd.DataFrame(list(loans))
    assert set(TEXTS) <= set(frame.columns)
    frame.to_csv(path, index=False)
    return path


def cut(path: Path, source: Path, months: int) -> Path:
    """The same file as it was so many months after the first report."""
    frame = pd.read_csv(source, low_memory=False)
    later = [name for name in frame if name[:3] in {"BAL", "PRC", "PMT", "REC", "REP"} and int(name[3:]) > months]
    frame.drop(columns=later).to_csv(path, index=False)
    return path
