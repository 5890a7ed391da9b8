"""Admission on a real lake, without Spark: workers called in this process."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from admit.desk import DAY, Desk

from loanwatch.admit.batch import Admission
from loanwatch.admit.delivery import MANIFEST, DeliveryWriter, Place
from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.tables import BATCH, DELIVERY, SUPERSEDED
from loanwatch.lake import Lake


def repayment(number: str = "R1", paid_minor: int | None = 100, loan_id: str = "P01:L1") -> dict[str, Any]:
    return {"repayment_id": number, "paid_on": DAY, "loan_id": loan_id, "paid_minor": paid_minor, "payer": "borrower"}


def spoil(folder: Path, before: str, after: str) -> None:
    """Change the text of a CSV delivery and make its manifest true again."""
    import hashlib

    data = next(folder.glob("*.csv"))
    data.write_text(data.read_text().replace(before, after))
    manifest = json.loads((folder / MANIFEST).read_text())
    content = data.read_bytes()
    manifest["files"][0] |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_rows_in_are_admitted_rejected_and_repeated(desk: Desk) -> None:
    folder = desk.send("repayment", [repayment("R1"), repayment("R2"), repayment("R3", loan_id="P02:L9")])
    assert desk.admit() == 1
    (receipt,) = desk.ledger()
    assert (receipt["rows_in"], receipt["rows_admitted"], receipt["rows_rejected"]) == (3, 2, 1)
    assert json.loads(receipt["sums"])["paid_minor"] == {
        "stated": 300, "admitted": 200, "rejected": 100, "repeated": 0, "unread": 0,
    }  # fmt: skip
    (folder / MANIFEST).touch()  # the same bytes arrive again
    assert desk.admit() == 1
    repeat = next(row for row in desk.ledger() if row["outcome"] == "repeated")
    assert (repeat["rows_in"], repeat["rows_repeated"], repeat["delivery_no"]) == (3, 3, None)
    assert len(desk.rows("repayment")) == 2


def test_every_fault_of_a_row_is_listed_and_none_of_its_values(desk: Desk) -> None:
    folder = desk.send("repayment", [repayment("R1"), repayment("R2")])
    spoil(folder, '"R2",2025-03-01,"P01:L1",100,"borrower"', "R2,2025-02-30,Zhang San,12x,nobody")
    desk.admit()
    (row,) = desk.rejected()
    assert sorted(row["reasons"]) == [
        "loan_id: names another partner's",
        "loan_id: not a well-formed number",
        "paid_minor: not a long",
        "paid_on: not a date",
        "payer: not of the code list payer",
    ]
    assert (row["line_no"], row["file"]) == (2, "repayment.csv")
    assert "Zhang" not in row["record"]
    assert json.loads(row["record"])["loan_id"] == "xxxxx xxx"


def test_a_row_with_a_cell_too_many_is_rejected_and_later_rows_keep_their_numbers(desk: Desk) -> None:
    folder = desk.send("repayment", [repayment("R1"), repayment("R2"), repayment("R3")])
    spoil(folder, '"R2",2025-03-01,"P01:L1",100,"borrower",', "R2,2025-03-01,P01:L1,100,borrower,,surplus")
    desk.admit()
    assert [row["line_no"] for row in desk.rejected()] == [2]
    assert sorted((row["repayment_id"], row["line_no"]) for row in desk.rows("repayment")) == [("R1", 1), ("R3", 3)]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (lambda m: m["files"][0].update(sha256="0" * 64), "sha256 is not the manifest's"),
        (lambda m: m["files"][0].update(rows=7), "2 rows, the manifest states 7"),
        (lambda m: m["sums"].update(paid_minor=1), "sum of paid_minor is 200, the manifest states 1"),
        (lambda m: m["files"][0].update(name="other.csv"), "named in the manifest, not delivered"),
        (lambda m: m.update(sender="P02"), "speaks of another delivery"),
        (lambda m: m.pop("sent_on"), "sent_on: Field required"),
    ],
)
def test_a_delivery_that_is_not_what_it_says_is_refused_whole(desk: Desk, fault: Any, reason: str) -> None:
    folder = desk.send("repayment", [repayment("R1"), repayment("R2")])
    right = (folder / MANIFEST).read_text()
    manifest = json.loads(right)
    fault(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest))
    assert desk.admit() == 1
    (receipt,) = desk.ledger()
    assert receipt["outcome"] == "refused"
    assert reason in receipt["reason"]
    assert desk.rows("repayment") == []
    (folder / MANIFEST).write_text(right)  # mended: judged again, under a new number
    assert desk.admit() == 2
    assert len(desk.rows("repayment")) == 2


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("paid_minr", "unknown column 'paid_minr' (did you mean paid_minor?)"),
        ("x" * 70_000, "no end of the first line"),
    ],
)
def test_a_header_that_is_not_the_feeds_is_refused(desk: Desk, header: str, reason: str) -> None:
    folder = desk.send("repayment", [repayment()])
    spoil(folder, "paid_minor", header)
    desk.admit()
    assert reason in desk.ledger()[0]["reason"]


def test_binary_rubbish_is_refused_and_other_deliveries_go_on(desk: Desk) -> None:
    folder = desk.send("repayment", [repayment()])
    (folder / "repayment.csv").write_bytes(b"\xff\x00" * 999)
    desk.send("loan_event", [{"event_id": "E1", "happened_on": DAY, "loan_id": "P01:L1", "kind": "settled"}])
    desk.admit()
    assert [row["outcome"] for row in desk.ledger()] == ["refused", "admitted"]
    assert len(desk.rows("loan_event")) == 1


def test_without_a_manifest_a_delivery_is_not_there_yet(desk: Desk) -> None:
    folder = desk.send("repayment", [repayment()])
    (folder / MANIFEST).rename(folder / "manifest.later")
    assert desk.admit() == 0
    (folder / "manifest.later").rename(folder / MANIFEST)
    assert desk.admit() == 1


def test_the_senders_order_decides_not_the_arrival(desk: Desk) -> None:
    """runs.md 4, 5: `by` is the lowest delivery number that holds a higher version."""
    desk.send("repayment", [repayment(paid_minor=3)], DAY, 1, sent_on=date(2025, 3, 9))
    desk.admit(DAY)
    desk.send("repayment", [repayment(paid_minor=1)], date(2025, 3, 2), 1, sent_on=date(2025, 3, 2))
    desk.send("repayment", [repayment(paid_minor=4)], date(2025, 3, 3), 1, sent_on=date(2025, 3, 10))
    desk.admit(date(2025, 3, 3))
    lost = {(row["delivery_no"], row["by"]) for row in desk.lake.rows(SUPERSEDED).to_pylist()}
    assert lost == {(2, 2), (1, 3)}
    assert sorted(row["paid_minor"] for row in desk.rows("repayment")) == [1, 3, 4]


def test_the_later_line_of_one_delivery_wins(desk: Desk) -> None:
    desk.send("repayment", [repayment(paid_minor=1), repayment(paid_minor=2)])
    desk.admit()
    (lost,) = desk.lake.rows(SUPERSEDED).to_pylist()
    assert (lost["line_no"], lost["by"]) == (1, 1)


def test_personal_values_become_tokens_and_one_person_one_token(desk: Desk) -> None:
    person = {"id_type": "id_card", "id_number": "110101199003071234", "name": "王小明", "phone": "13800001111"}
    desk.send("borrower", [{"customer_id": "P01:C1", **person}, {"customer_id": "P01:C2", **person, "phone": "138 0000 1111"}])
    desk.send("borrower", [{"customer_id": "P01:C3", "name": "王小明"}], sequence=2)
    desk.admit()
    first, second, third = sorted(desk.rows("borrower"), key=lambda row: row["customer_id"])
    assert first["borrower_id"] == second["borrower_id"]
    assert first["phone"] == second["phone"]
    assert third["borrower_id"] == "P01:C3"
    assert first["name"] == third["name"]
    assert desk.vault.reveal([first["name"], first["phone"]]).keys() == {first["name"], first["phone"]}
    for file in desk.lake.path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not any(value.encode() in content for value in person.values() if value != "id_card")


def test_a_killed_admission_leaves_nothing_and_the_next_one_begins_anew(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.send("repayment", [repayment()])
    with monkeypatch.context() as patch:
        patch.setattr(Admission, "_commit", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            desk.admit()
    assert desk.rows("repayment") == []
    assert desk.admit() == 1
    assert len(desk.rows("repayment")) == 1
    assert len(list(desk.lake.at(FEEDS["repayment"].table).glob("*.parquet"))) == 1


@pytest.mark.parametrize("dies_in", ["add_files", "append"])
def test_a_listed_batch_is_finished_exactly(desk: Desk, monkeypatch: pytest.MonkeyPatch, dies_in: str) -> None:
    """runs.md 2: recovery finishes the list, and what arrived meanwhile comes after it."""
    desk.send("repayment", [repayment()])
    real = getattr(Lake, dies_in)

    def die(lake: Lake, table: Any, *args: Any) -> None:
        if table.name in ("admit.repayment", DELIVERY.name):
            raise KeyboardInterrupt
        real(lake, table, *args)

    with monkeypatch.context() as patch:
        patch.setattr(Lake, dies_in, die)
        with pytest.raises(KeyboardInterrupt):
            desk.admit()
    desk.send("repayment", [repayment("R2")], sequence=2)
    assert desk.admit() == 2
    assert [row["batch_no"] for row in desk.ledger()] == [1, 2]
    assert len(desk.lake.rows(BATCH)) == 2
    assert sorted((row["repayment_id"], row["delivery_no"]) for row in desk.rows("repayment")) == [("R1", 1), ("R2", 2)]


def test_parquet_and_csv_admit_alike(desk: Desk) -> None:
    rows = [repayment("R1"), repayment("R2", paid_minor=None)]
    for kind, sequence in (("csv", 1), ("parquet", 2)):
        place = Place("repayment", "P01", DAY, sequence)
        with DeliveryWriter(desk.inbox, FEEDS["repayment"], place, DAY, kind) as writer:  # type: ignore[arg-type]
            writer.write(pa.Table.from_pylist(rows, schema=writer.schema))
    desk.admit()
    csv, parquet = desk.ledger()
    assert (csv["rows_admitted"], csv["rows_rejected"]) == (parquet["rows_admitted"], parquet["rows_rejected"]) == (1, 1)
    assert {tuple(row["reasons"]) for row in desk.rejected()} == {("paid_minor: missing",)}
    assert len({row["key_hash"] for row in desk.rows("repayment")}) == 1


def test_a_part_of_a_personal_value_is_held_to_its_own_facts(desk: Desk) -> None:
    row = {"customer_id": "P01:C1", "id_number": "110101", "name": "Wang"}
    desk.send("borrower", [{**row, "id_type": "id_card"}, {**row, "id_type": "library_card"}])
    desk.admit()
    assert [row["reasons"] for row in desk.rejected()] == [["id_type: not of the code list id_type"]]
    assert len(desk.rows("borrower")) == 1
