"""Six months of real vehicle loans, from the tape to the watch list."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import JARS, ROOT
from real.lead_time import perform, warned

from loanwatch.adapters.abs_ee.endings import charge_offs
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.extract import checks, edit_checks, filling, layout, mapping
from loanwatch.lake import Lake
from loanwatch.report.base_tables import BASE_LOAN
from loanwatch.seal import publication
from loanwatch.seal.publication import Attempt
from loanwatch.seal.tables import CERTIFICATE

pytestmark = pytest.mark.slow
LAST = date(2017, 10, 31)
CONF = ROOT / "conf"


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
    annex_5_is_filled(lake, current[LAST], rows)


# What no data set tells of the pools, for the test alone.
FILER: filling.Filer = {
    "securitisation_id": "7LTWFZYICNSX8D621K86N2017001", "pool_addition_date": "2017-05-31", "obligor_nuts": "USZZZ",
    "credit_impaired_obligor": "N", "purchase_price": "100", "originator_lei": "7LTWFZYICNSX8D621K86", "originator_country": "US",
}  # fmt: skip


def annex_5_is_filled(lake: Lake, attempt: Attempt, on_book: int) -> None:
    """ESMA's annex 5 of the whole real book for a month: without a fault, but for what only the institution knows."""
    path = CONF / "extracts" / "esma" / "annex5" / layout.FILE
    form = layout.read(path)
    how = mapping.read(path.with_name(mapping.FILE), form, {BASE_LOAN.name: {column.name: column for column in BASE_LOAN.columns}})
    between = checks.read(path.with_name(checks.FILE), form)
    files = lake.files(BASE_LOAN, attempt.as_of, attempt.release)
    filled = filling.fill(form, how, BASE_LOAN, files, FILER)
    assert [fault for fault in edit_checks.faults(form, filled.records, between) if fault.critical] == []
    records = filled.records.rows.to_pylist()
    states = Counter(record["AUTL70"] for record in records)
    assert len(records) - states["RDMD"] == on_book  # who has left in the month is told once more
    assert states["PERF"] > 2_500 and states["ARRE"] > 100 and states["DFLT"] > 0 and states["RDMD"] > 50
    owed = sum(Decimal(record["AUTL30"].removesuffix(" USD")) for record in records)
    (balance,) = lake.rows(LOAN_DAY, f"release = {attempt.release}", ("sum(balance_minor) as s",))["s"].to_pylist()
    assert owed * 100 == balance
    lost = [record for record in records if record["AUTL74"] != "0.00 USD"]
    assert 0 < len(lost) < states["DFLT"] and {record["AUTL70"] for record in lost} == {"DFLT"}
    bare = filling.fill(form, how, BASE_LOAN, files, {})
    lacking = [fault for fault in edit_checks.faults(form, bare.records, between) if fault.critical]
    assert {fault.field for fault in lacking} == {"AUTL1", "AUTL7", "AUTL13", "AUTL31", "AUTL83", "AUTL84"} < set(bare.unset)
    assert all((fault.says, fault.records) == ("missing", len(records)) for fault in lacking)
