"""The certificate limits the share of provisional classes, rounded up, and names what they lack; without Spark."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.lake import Lake
from loanwatch.seal import publication
from loanwatch.seal.provisional import provisional
from loanwatch.seal.statement import Statement

D = date(2025, 3, 1)
MISSING = [[], [], ["repayment"], ["own_days_past_due", "repayment"], ["repayment"], []]


@pytest.mark.parametrize(("limit_bp", "holds"), [(5_000, True), (4_999, False), (0, False), (10_000, True)])
def test_the_share_is_limited_and_what_lacks_is_counted(tmp_path: Path, limit_bp: int, holds: bool) -> None:
    lake = Lake(tmp_path / "lake")
    lake.open("test")
    attempt = publication.open_attempt(lake, D, "a test")
    row = {"as_of": D, "release": attempt.release, "five_class": "normal", "floor": "none"}
    lake.append(LOAN_CLASS, [{**row, "loan_id": f"P01:{n}", "provisional": bool(names), "missing": names}
                             for n, names in enumerate(MISSING)])  # fmt: skip
    assert list(provisional(lake, attempt, limit_bp)) == [
        Statement("loans with a provisional class, basis points", "classify.loan_class", f"{limit_bp} at most", "5000", holds),
        Statement("loans with a provisional class, for want of", "repayment", None, "2", None),
        Statement("loans with a provisional class, for want of", "own_days_past_due, repayment", None, "1", None),
    ]


def test_one_loan_of_many_is_more_than_nothing(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.open("test")
    attempt = publication.open_attempt(lake, D, "a test")
    assert [s.holds for s in provisional(lake, attempt, 0)] == [True]
    row = {"as_of": D, "release": attempt.release, "five_class": "normal", "floor": "none"}
    lake.append(LOAN_CLASS, [{**row, "loan_id": f"P01:{n}", "provisional": n == 7, "missing": []} for n in range(10_001)])
    assert next(iter(provisional(lake, attempt, 0))).holds is False
