"""Six months of real vehicle loans, from the tape to the watch list."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import JARS
from real.lead_time import perform, warned

from loanwatch.adapters.abs_ee.endings import charge_offs
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.seal import publication
from loanwatch.seal.tables import CERTIFICATE

pytestmark = pytest.mark.slow
LAST = date(2017, 10, 31)


def test_six_months_of_real_loans(real_data: Path, tmp_path: Path) -> None:
    tape = real_data / "02-auto-loan-abs-ee"
    lake = perform(tape, tmp_path, LAST, spark={"jars": str(JARS)})
    current = publication.current(publication.attempts(lake))
    assert max(current) == LAST and len(current) == 6
    losses = charge_offs(sorted(tape.glob("*.csv.gz")))
    assert len(losses) == 110
    (rows,) = lake.rows(LOAN_DAY, f"release = {current[LAST].release}", ("count(*) as n",))["n"].to_pylist()
    assert 3_000 < rows < 3_513
    stated = lake.rows(CERTIFICATE, f"release = {current[LAST].release}", ("statement",))["statement"].to_pylist()
    assert "reconcile: none" in stated
    known, _, red_or_amber = warned(lake, losses)[1]
    assert known > 0
    assert red_or_amber == known  # every loan charged off in these months was past due the month before
