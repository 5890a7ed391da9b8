"""Rows of feeds without Spark: the winners known by K, true on the date, as a night reads them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from lakes import released

from loanwatch.admit.feeds import PLEDGE, REPAYMENT
from loanwatch.admit.tables import SUPERSEDED
from loanwatch.explanation.known import known_rows

D = date(2025, 3, 1)
LATER = date(2025, 3, 2)


def test_the_rows_that_a_release_knew(tmp_path: Path) -> None:
    """Columns: number, delivery, line, other facts; whether it is among them."""
    cases: list[tuple[str, int, int, dict[str, Any], bool]] = [
        ("plain", 1, 1, {}, True),
        ("another_loan", 1, 2, {"loan_id": "P01:2"}, False),
        ("dated_after_the_day", 1, 3, {"paid_on": LATER}, False),
        ("delivered_after_k", 4, 1, {}, False),
        ("taken_back", 1, 4, {"withdrawn": True}, False),
        ("lost_by_k", 1, 5, {}, False),
        ("lost_after_k", 1, 6, {}, True),
        ("of_another_feed_lost", 2, 1, {}, True),
    ]
    rows = [
        {"repayment_id": name, "delivery_no": delivery, "line_no": line, "paid_on": D, "withdrawn": False, **facts}
        for name, delivery, line, facts, _ in cases
    ]
    lost = [("repayment", 1, 5, 2), ("repayment", 1, 6, 4), ("pledge", 2, 1, 2)]
    tables = {
        REPAYMENT.table: rows,
        SUPERSEDED: [dict(zip(("feed", "delivery_no", "line_no", "by"), row, strict=True)) for row in lost],
    }
    lake, attempt = released(tmp_path / "lake", D, tables, known=3)
    found = known_rows(lake, REPAYMENT, attempt, "loan_id", ["P01:1", "P01:o'clock"])
    assert {row["repayment_id"] for row in found} == {name for name, *_, there in cases if there}


def test_of_a_state_the_row_that_holds_on_the_day(tmp_path: Path) -> None:
    dated = [(date(2025, 1, 1), 1), (date(2025, 2, 1), 3), (date(2025, 2, 15), 2), (LATER, 4)]
    rows = [
        {"valid_from": day, "delivery_no": number, "line_no": number, "lien_rank": number, "withdrawn": False}
        for day, number in dated
    ]
    lake, attempt = released(tmp_path / "lake", D, {PLEDGE.table: rows}, known=9)
    assert [row["lien_rank"] for row in known_rows(lake, PLEDGE, attempt, "loan_id", ["P01:1"])] == [2]
