"""From which date on late arrivals concern what was published (runs.md 10), on admitted deliveries, without Spark."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from admit.desk import Desk

from loanwatch.admit.delivery import MANIFEST
from loanwatch.gaps import Expected
from loanwatch.seal import publication
from loanwatch.seal.publication import Attempt
from loanwatch.seal.touched import touched_from

D1 = date(2025, 3, 1)
D2, D3 = D1 + timedelta(1), D1 + timedelta(2)
EXPECTED = Expected("daily", {"repayment": 0, "behaviour": 1}, {})


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Two published nights: a repayment of D1, known to the first, and one of D2, known to the second."""
    desk = Desk(tmp_path)
    for day, number in ((D1, "R1"), (D2, "R2")):
        desk.send("repayment", [paid(number, day)], day)
        publication.publish(desk.lake, night(desk, day))
    return desk


def night(desk: Desk, day: date) -> Attempt:
    known = desk.admit(day)
    return publication.fix(desk.lake, publication.open_attempt(desk.lake, day, "a test"), known, "conf", "code")


def paid(number: str, day: date) -> dict[str, Any]:
    return {"repayment_id": number, "paid_on": day, "loan_id": "P01:L1", "paid_minor": 100}


@pytest.mark.parametrize(
    ("feed", "rows", "business_on", "expected"),
    [
        ("repayment", [paid("R3", D3)], D3, None),
        ("repayment", [paid("R3", D2)], D3, D2),
        ("repayment", [paid("R3", D3), paid("R4", D1)], D3, D1),
        ("repayment", [paid("R3", date(2020, 1, 1))], D3, D1),  # no date before the first can be restated
        ("repayment", [paid("R2", D3)], D3, D2),  # supersedes the one of D2
        ("repayment", [paid("R1", D2)], D3, D1),
        ("repayment", [paid("R1", D3 + timedelta(9))], D3, D1),  # moved to what is yet to come
        ("repayment", [], D3, None),
        ("behaviour", [], D2, None),  # may be a day behind: nobody missed it on D2
        ("behaviour", [], D1, D2),
    ],
)
def test_the_least_date_that_is_concerned(
    desk: Desk, feed: str, rows: list[dict[str, Any]], business_on: date, expected: date | None
) -> None:
    desk.send(feed, rows, business_on, sequence=2, sent_on=D3 + timedelta(9))
    assert touched_from(desk.lake, night(desk, D3), EXPECTED) == expected


def test_a_gap_that_closes_without_a_row(desk: Desk) -> None:
    desk.send("repayment", [], D2, sequence=2)
    assert touched_from(desk.lake, night(desk, D3), EXPECTED) == D2


def test_the_first_night_and_one_that_knows_nothing_new_concern_no_date_before(desk: Desk) -> None:
    first = publication.find(desk.lake, D1)
    assert touched_from(desk.lake, first, EXPECTED) is None
    desk.send("repayment", [paid("R3", D1)], D3)
    publication.publish(desk.lake, night(desk, D3))
    assert touched_from(desk.lake, night(desk, D3 + timedelta(1)), EXPECTED) is None


def test_a_delivery_that_was_refused_concerns_nothing(desk: Desk) -> None:
    folder = desk.send("repayment", [paid("R3", D1)], D2, sequence=3)
    next(file for file in folder.iterdir() if file.name != MANIFEST).write_bytes(b"broken")
    assert touched_from(desk.lake, night(desk, D3), EXPECTED) is None
    assert {row["outcome"] for row in desk.ledger()} == {"admitted", "refused"}
