"""Shares of a repayment add up to it, or the row is turned away."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from loanwatch.admit.checking import check
from loanwatch.admit.feeds import REPAYMENT

D = date(2025, 3, 1)
FAULT = "paid_minor: not the sum of funder_minor, partner_minor, guarantor_minor"


@pytest.mark.parametrize(
    ("paid", "funder", "partner", "guarantor", "faults"),
    [
        ("100", "97", "2", "1", []),
        ("100", "97", "2", "2", [FAULT]),
        ("100", "97", "2", "", [FAULT]),
        ("100", "98", "2", "", []),
        ("100", "100", "", "", []),
        ("100", "", "", "", []),
        ("-100", "-97", "-2", "-1", []),
        ("100", "0", "0", "0", [FAULT]),
        ("100", "9x", "2", "1", ["funder_minor: not a long", FAULT]),
        ("1x0", "97", "2", "1", ["paid_minor: not a long"]),
    ],
)
def test_shares_add_up(paid: str, funder: str, partner: str, guarantor: str, faults: list[str]) -> None:
    cells = {
        "repayment_id": "R1", "paid_on": "2025-03-01", "loan_id": "P01:1", "paid_minor": paid, "payer": "", "channel": "",
        "funder_minor": funder, "partner_minor": partner, "guarantor_minor": guarantor,
    }  # fmt: skip
    rows = pa.table({name: pa.array([cell or None], pa.string()) for name, cell in cells.items()})
    assert check(REPAYMENT, rows, "P01", D).reasons(0) == faults
    whole_only = [fault for fault in faults if fault == "paid_minor: not a long"]
    assert check(REPAYMENT.at(1), rows.select(list(cells)[:6]), "P01", D).reasons(0) == whole_only
