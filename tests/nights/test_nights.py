"""Whole nights on a small synthetic book: the truth, personal data, and dates that cannot be run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import LAST, application

from loanwatch.balance.tables import LOAN_DAY
from loanwatch.errors import NotNow, UsageError
from loanwatch.lake import Lake
from loanwatch.seal import publication
from loanwatch.seal.tables import CERTIFICATE

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("two nights")]
FIRST = date(2025, 4, 2)


def test_what_is_owed_equals_the_truth(lake: Lake, book: Path) -> None:
    """An independent computation by the generator of the book, at its last date, on both clocks."""
    release = publication.find(lake, LAST).release
    found = {row["loan_id"]: row for row in lake.rows(LOAN_DAY, f"release = {release}").to_pylist()}
    truth = pq.read_table(book / "truth" / "balance.parquet").to_pylist()
    owed = {row["loan_id"]: row for row in truth if row["loan_id"] in found}
    assert len(owed) == len(found) > 300
    for loan_id, row in found.items():
        expected = owed[loan_id]
        assert (row["balance_minor"], row["days_past_due"], row["own_days_past_due"]) == (
            expected["balance_minor"], expected["days_past_due"], expected["own_days_past_due"],
        ), loan_id  # fmt: skip


def test_the_certificate_holds(lake: Lake) -> None:
    rows = lake.rows(CERTIFICATE, "release = 2").to_pylist()
    assert {row["holds"] for row in rows} <= {True, None}
    stated = {row["statement"] for row in rows}
    assert {
        "rows delivered are accounted for", "amounts delivered are accounted for", "no loan is unaccounted for",
        "balances agree with our ledger",
    } <= stated  # fmt: skip


def test_no_planted_name_or_number_is_found_in_lake_or_page(lake: Lake, book: Path) -> None:
    people = [row for name in ("person", "contact") for row in pq.read_table(book / "truth" / f"{name}.parquet").to_pylist()]
    planted = {str(value).encode() for row in people for key, value in row.items()
               if key in ("name", "phone", "id_number", "address") and value and len(str(value)) > 2}  # fmt: skip
    assert len(planted) > 500
    for file in lake.path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            if file.suffix == ".parquet":
                content += str(pq.read_table(file).to_pydict()).encode()
            assert not any(value in content for value in planted), file


def test_a_date_that_is_published_changes_nothing(lake: Lake, book: Path) -> None:
    running = application(book / "inbox", lake.path)
    assert running.night(FIRST).release == 1
    assert "spark" not in running.__dict__
    with pytest.raises(NotNow, match="2025-04-04 is next"):
        running.night(date(2025, 4, 9))
    with pytest.raises(UsageError, match="before the first published date"):
        running.night(date(2025, 1, 1))
    assert len(publication.attempts(lake)) == 2


def test_an_empty_inbox_is_said_and_a_later_delivery_works(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    running = application(tmp_path / "inbox", tmp_path / "lake")
    with pytest.raises(UsageError, match="no delivery up to 2025-04-02; is --inbox right"):
        running.night(FIRST)
    running.stop()
