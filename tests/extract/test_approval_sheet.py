"""What two people look at before they approve a release: certificate, edit checks and changes, as Markdown that nothing breaks."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from extract.test_east import CHANGE
from extract.test_hand_in import BANK, D, handed_in, made_lake, sealed_lake

from loanwatch import settings
from loanwatch.approval_sheet import Sheet
from loanwatch.handing_in import filed
from loanwatch.lake import Lake
from loanwatch.report.base_tables import BASE_CHANGE, BASE_LOAN
from loanwatch.seal import publication
from loanwatch.seal.tables import CERTIFICATE
from loanwatch.settings import Settings

APRIL = date(2025, 4, 30)


def settings_of(lake: Lake, **business: Any) -> Settings:
    return settings.load("test", flags={"lake": str(lake.path), "business": {**BANK, **business}})


def sheet(lake: Lake, as_of: date, **business: Any) -> str:
    return Sheet.of(settings_of(lake, **business), publication.find(lake, as_of)).text()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = made_lake(tmp_path, ("张三",))
    stated = [("a", "loans", True), ("b", "cash", False), ("not delivered", "P02: x|y <b>*", None)]
    made.append(CERTIFICATE, [{"release": 1, "as_of": D, "statement": a, "subject": b, "holds": c} for a, b, c in stated])
    return made


def test_certificate_and_checks(lake: Lake) -> None:
    lines = sheet(lake, D).splitlines()
    assert lines[0].startswith(f"Release 1 of {D}, content `") and lines[0].endswith("1.en.html`.")
    assert lines[2] == "**Certificate**: 1 statements hold, 1 do not. For the record:"
    assert lines[4] == r"- not delivered: P02: x\|y \<b\>\*"
    assert [line for line in lines if line.startswith("**") and "/" in line] == [
        r"**1104/G01II: K0001H111000001-G01\_II-20250331.csv**: 11 cells.",
        "**east/705: K0001H111000001-DKWJXTBDB-20250331.txt**: 1 records.",
    ]
    assert "Edit checks: none is broken." in lines and "Not handed in before." in lines


def test_what_became_of_it_since_the_last_hand_in_and_what_is_broken(lake: Lake) -> None:
    assert handed_in(lake).returncode == 0
    rows = [{**CHANGE, "loan_id": f"P01:L{n}", "changed_on": date(2025, 4, 3), "month_end": APRIL} for n in range(3)]
    rows[0]["loan_id"] = "P01:" + "9" * 120  # too long for the form
    sealed_lake(lake.path, {BASE_CHANGE: rows, BASE_LOAN: []}, APRIL)
    text = sheet(lake, APRIL)
    assert f"Since hand-in 1 of {D}, release 1:" in text
    assert "| records | 1 | 3 | left -1, new 3 |" in text
    assert "Edit checks: broken" in text and "1 records, critical" in text


def test_who_files_nothing_is_told_so(lake: Lake) -> None:
    assert sheet(lake, D, institution="trust", book="trust").endswith("No form is filed from it.")
    assert filed(settings_of(lake, institution="trust", book="trust"), D) == []


def test_a_form_of_one_pool_a_file_is_filed_for_each_pool_that_the_settings_tell_of(lake: Lake) -> None:
    filer = {"securitisation_id": {"T2": "549300AAAAAAAAAAAAAAN202402", "T1": "549300AAAAAAAAAAAAAAN202401"}}
    of = settings_of(lake, institution="trust", jurisdiction="eu", book="trust", filer=filer, forms=None)
    assert [(form.layout.form, pool) for form, pool in filed(of, D)] == [("esma/annex5", "T1"), ("esma/annex5", "T2")]
