"""Rejected rows: what is kept of them, what closes, and what puts them right; through the command line as its users see it."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from admit.desk import DAY, Desk
from cli import loanwatch

from loanwatch.admit.delivery import MANIFEST
from loanwatch.admit.tables import CLEARED
from loanwatch.seal import publication

Row = dict[str, Any]
NEXT = DAY + timedelta(1)


def paid(number: str, minor: int | None = 100, loan_id: str = "P01:L1") -> Row:
    return {"repayment_id": number, "paid_on": DAY, "loan_id": loan_id, "paid_minor": minor}


def loan(number: int, rate_bp: int) -> Row:
    return {"loan_id": f"P01:L{number}", "customer_id": "P01:C1", "pool_id": "HX", "product": "vehicle", "currency": "CNY",
            "principal_minor": 100, "rate_bp": rate_bp, "opened_on": DAY, "matures_on": DAY}  # fmt: skip


def publish(desk: Desk, day: date, known: int) -> None:
    """A release of a date that knows deliveries up to a number."""
    attempt = publication.open_attempt(desk.lake, day, "test")
    publication.publish(desk.lake, publication.fix(desk.lake, attempt, known, "conf", "code"))


def read(desk: Desk, table: str, day: date, to: Path) -> list[Row]:
    """`loanwatch read` of a date, as CSV."""
    done = loanwatch("read", table, "--date", day, "--lake", desk.lake.path, "--csv", to)
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(to.read_text(encoding="utf-8-sig").splitlines()))


def test_a_corrected_delivery_clears_what_it_corrects(desk: Desk, tmp_path: Path) -> None:
    desk.send("repayment", [paid("R1"), paid("R2", loan_id="P02:L1"), paid("R3", minor=None)])
    desk.send("loan", [loan(1, -1), loan(2, -1)])
    publish(desk, DAY, desk.admit(DAY))
    desk.send("repayment", [paid("R2")], NEXT)
    desk.send("loan", [loan(2, 500)], NEXT)  # of another business date, so true from another day on: the same loan
    publish(desk, NEXT, desk.admit(NEXT))
    before = read(desk, "admit.rejected", DAY, tmp_path / "before.csv")
    assert {row["state"] for row in before} == {"open"}
    after = read(desk, "admit.rejected", NEXT, tmp_path / "after.csv")
    number = {row["feed"]: row["delivery_no"] for row in desk.ledger() if row["business_on"] == NEXT}
    assert {(row["feed"], row["line_no"]): (row["state"], row["cleared_by"]) for row in after} == {
        ("repayment", "2"): ("cleared", str(number["repayment"])), ("repayment", "3"): ("open", ""),
        ("loan", "1"): ("open", ""), ("loan", "2"): ("cleared", str(number["loan"])),
    }  # fmt: skip
    columns = ("--columns", "feed,state,cleared_by,reasons")
    shown = loanwatch("read", "admit.rejected", "--date", NEXT, "--lake", desk.lake.path, *columns)
    assert "cleared" in shown.stdout and "paid_minor: missing" in shown.stdout


def cleared(desk: Desk) -> set[tuple[int, int, int]]:
    return {(row["delivery_no"], row["line_no"], row["by"]) for row in desk.lake.rows(CLEARED).to_pylist()}


def test_the_senders_order_decides_not_the_arrival(desk: Desk) -> None:
    """An older version that comes late puts nothing right; a reject that comes late has been put right already."""
    desk.send("repayment", [paid("R1", minor=None), paid("R2")], sequence=2)
    desk.admit()
    desk.send("repayment", [paid("R1"), paid("R2", minor=None)], sequence=1)
    desk.admit()
    assert cleared(desk) == {(2, 2, 2)}
    desk.send("repayment", [paid("R1")], sequence=3)
    desk.admit()
    assert cleared(desk) == {(2, 2, 2), (1, 1, 3)}


def test_a_later_line_of_the_same_delivery_clears_an_earlier_one(desk: Desk) -> None:
    desk.send("repayment", [paid("R1", minor=None), paid("R1"), paid("R2"), paid("R2", minor=None)])
    desk.admit()
    assert cleared(desk) == {(1, 1, 1)}


def test_a_faulty_key_is_not_kept_not_even_hashed(desk: Desk) -> None:
    """It might be anything: a name in the wrong column."""
    desk.send("repayment", [paid("Wang Xiaoming"), paid("R2", minor=None)])
    desk.admit()
    keys = {row["line_no"]: row["key_hash"] for row in desk.rejected()}
    assert keys[1] is None and keys[2] is not None


def sums(desk: Desk) -> dict[str | None, dict[str, Any]]:
    """The amounts of a repayment's receipts, by outcome."""
    return {row["outcome"]: json.loads(row["sums"])["paid_minor"] for row in desk.ledger()}


def test_amounts_close_as_rows_do(desk: Desk) -> None:
    folder = desk.send("repayment", [paid("R1", 100), paid("R2", 30, "P02:L1"), paid("R3", -7)])
    desk.admit()
    (folder / MANIFEST).touch()
    desk.admit()
    nothing = {"admitted": 0, "rejected": 0, "repeated": 0, "unread": 0}
    assert sums(desk) == {
        "admitted": {**nothing, "stated": 123, "admitted": 93, "rejected": 30},
        "repeated": {**nothing, "stated": 123, "repeated": 123},
    }


@pytest.mark.parametrize(
    ("row", "rejected", "unread"),
    [(b"R2,2025-03-01,P01:L1,12x", 0, 1), (b"R2,2025-03-01,P01:L1,", 0, 1), (b"R2,2025-03-01,P01:L1,5,5", 0, 1),
     (b"R2,2025-02-30,P01:L1,50", 50, 0)],
)  # fmt: skip
def test_an_amount_that_cannot_be_read_is_not_taken_for_none(desk: Desk, row: bytes, rejected: int, unread: int) -> None:
    desk.send_file("repayment", "r.csv", b"repayment_id,paid_on,loan_id,paid_minor\nR1,2025-03-01,P01:L1,100\n" + row + b"\n", 2)
    desk.admit()
    found = sums(desk)["admitted"]
    assert found == {"stated": None, "admitted": 100, "rejected": rejected, "repeated": 0, "unread": unread}


def test_all_of_a_refused_delivery_is_rejected(desk: Desk) -> None:
    folder = desk.send("repayment", [paid("R1", 100)])
    (folder / "repayment.csv").write_bytes(b"\xff\x00")
    desk.admit()
    assert sums(desk)["refused"] == {"stated": 100, "admitted": 0, "rejected": 100, "repeated": 0, "unread": 0}


def test_a_record_shows_what_may_be_seen(desk: Desk) -> None:
    """Restricted values as ***, faulty ones as their shape, the others as they are, JSON whatever they hold."""
    header = "customer_id,id_type,id_number,name,phone,region\n"
    rows = 'P02:C1,id_card,1101,Wang,138,"a ""b"" \\c"\nP01:C2,x,1101,,,a\tb\n'
    desk.send_file("borrower", "b.csv", (header + rows).encode(), 2)
    desk.admit()
    first, second = (json.loads(row["record"]) for row in sorted(desk.rejected(), key=lambda row: row["line_no"]))
    document = {"id_type": "***", "id_number": "***"}
    assert first == {"customer_id": "x99:x9", **document, "name": "***", "phone": "***", "region": 'x "x" \\x'}
    assert second == {"customer_id": "P01:C2", **document, "region": "x\tx"}
