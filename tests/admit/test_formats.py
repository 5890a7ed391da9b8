"""Files as senders write them: encodings, delimiters, compression, spellings of numbers; and files that are none."""

from __future__ import annotations

import gzip
import os
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from admit.desk import Desk

from loanwatch.admit.layout import CHUNK_BYTES, layout

BORROWERS = (
    "customer_id,id_type,id_number,name,phone,address,region\n"
    'P01:C1,id_card,11010119900307001X,张伟,13800000001,"成都, 一环路",chengdu\n'
    "P01:C2,id_card,110101199003070028,李娜,13800000002,,chengdu\n"
)
REPAYMENTS = "repayment_id,paid_on,loan_id,paid_minor,payer\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("borrower.csv", BORROWERS.encode()),
        ("borrower.csv", BORROWERS.encode("utf-8-sig")),
        ("borrower.csv", BORROWERS.encode("gb18030")),
        ("borrower.csv", BORROWERS.replace("\n", "\r\n").encode()),
        ("borrower.csv.gz", gzip.compress(BORROWERS.encode())),
        ("borrower.csv.gz", gzip.compress(BORROWERS.encode("gb18030"))),
    ],
    ids=["utf8", "bom", "gb18030", "crlf", "gzip", "gzip_gb18030"],
)
def test_the_same_rows_however_they_are_written(desk: Desk, name: str, content: bytes) -> None:
    desk.send_file("borrower", name, content, rows=2)
    desk.admit()
    assert desk.ledger()[0]["reason"] is None and desk.rejected() == []
    rows = {row["customer_id"]: row for row in desk.rows("borrower")}
    told = desk.vault.reveal([rows["P01:C1"]["name"], rows["P01:C1"]["address"], rows["P01:C2"]["name"]])
    assert sorted(told.values()) == sorted(["张伟", "成都, 一环路", "李娜"])


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_the_delimiter_is_found(desk: Desk, delimiter: str) -> None:
    text = REPAYMENTS + "R1,2025-03-01,P01:L1,100,borrower\n" + 'R2,2025-03-01,P01:L2,200,"borrower"\n'
    desk.send_file("repayment", "repayment.csv", text.replace(",", delimiter).encode(), rows=2)
    desk.admit()
    assert [(row["repayment_id"], row["paid_minor"]) for row in desk.rows("repayment")] == [("R1", 100), ("R2", 200)]


@pytest.mark.parametrize(
    ("paid_on", "paid_minor", "expected"),
    [
        ("20250301", "100", 100),
        ("2025-03-01", "１２３４", 1234),
        ("２０２５－０３－０１", "100", 100),
        ("2025-03-01", '"1,234,567"', 1234567),
        ("2025-03-01", "+7", 7),
    ],
)
def test_spellings_of_dates_and_numbers(desk: Desk, paid_on: str, paid_minor: str, expected: int) -> None:
    desk.send_file("repayment", "r.csv", f"{REPAYMENTS}R1,{paid_on},P01:L1,{paid_minor},borrower\n".encode(), rows=1)
    desk.admit()
    assert desk.rejected() == []
    assert [(row["paid_on"], row["paid_minor"]) for row in desk.rows("repayment")] == [(date(2025, 3, 1), expected)]


@pytest.mark.parametrize("paid_minor", ['"1,23,456"', '"12,3x4"', '",100"', "1.5", "1e3", "0x10", "９" * 19, "--1"])
def test_what_is_no_number_is_rejected(desk: Desk, paid_minor: str) -> None:
    text = f"{REPAYMENTS}R1,2025-03-01,P01:L1,{paid_minor},borrower\n"
    desk.send_file("repayment", "r.csv", text.encode(), rows=1)
    desk.admit()
    assert [row["reasons"] for row in desk.rejected()] == [["paid_minor: not a long"]]


def swollen() -> bytes:
    return gzip.compress(REPAYMENTS.encode() + b"0" * 50_000_000)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("b.csv", BORROWERS.replace("\n", "張" * 40 + "\n").encode().replace("伟".encode(), b"\xe4\xbc"), "broken characters"),
        ("b.csv", b"name,phone\n\xff\xff\xff\xff\n", "neither UTF-8 nor GB18030"),
        ("b.csv", "customer_id,name\nP01:C1,Rémi Müller\nP01:C2,Zoë\n".encode("latin-1"), "neither UTF-8 nor GB18030"),
        ("b.csv", "P01:C1,张伟\nP01:C2,wangwei\n".encode(), "unknown column of 2 characters"),
        ("b.csv", os.urandom(200_000), "b.csv: "),
        ("b.csv", b"x" * 100_000, "no end of the first line within 65536 bytes"),
        ("b.csv", b"customer_id,name\n" + b"y" * 40_000_000, "b.csv: "),
        ("b.csv", ",".join(f"c{i}" for i in range(9_000)).encode() + b"\n", "unknown column of 2 characters"),
        ("b.csv", b"", "b.csv: "),
        ("b.csv.gz", BORROWERS.encode(), "not readable as gzip"),
        ("b.csv.gz", gzip.compress(BORROWERS.encode())[:-20], "not readable as gzip"),
        ("b.csv.gz", swollen(), "swells to more than 200 times"),
        ("b.parquet", BORROWERS.encode(), "not readable as parquet"),
    ],
    ids=["broken_utf8", "no_text", "latin", "no_header", "rubbish",
         "endless_header", "endless_line", "many_columns", "empty", "no_gzip", "cut_gzip",
         "bomb", "no_parquet"],
)  # fmt: skip
def test_a_file_that_is_none_is_refused_whole_and_others_go_on(desk: Desk, name: str, content: bytes, reason: str) -> None:
    desk.send_file("borrower", name, content, rows=2)
    good: dict[str, Any] = {"repayment_id": "R1", "paid_on": date(2025, 3, 1), "loan_id": "P01:L1", "paid_minor": 1}
    desk.send("repayment", [good])
    desk.admit()
    refused, admitted = sorted(desk.ledger(), key=lambda row: row["feed"])
    assert (refused["outcome"], admitted["outcome"]) == ("refused", "admitted")
    assert reason in refused["reason"], refused["reason"]
    assert desk.rows("borrower") == [] and len(desk.rows("repayment")) == 1


def test_a_blank_cell_is_a_missing_one(desk: Desk) -> None:
    text = REPAYMENTS + "R1,2025-03-01, ,100,borrower\n" + "R2,2025-03-01,\u3000,100, \n"
    desk.send_file("repayment", "r.csv", text.encode(), rows=2)
    desk.admit()
    assert [row["reasons"] for row in desk.rejected()] == [["loan_id: missing"]] * 2


def test_spaces_around_the_names_of_columns_are_none(desk: Desk) -> None:
    """A value is never lost for them, and a restricted one never shown."""
    text = "repayment_id, paid_on ,loan_id, paid_minor, payer, withdrawn\nR1,2025-03-01,P01:L1,1,partner,true\n"
    desk.send_file("repayment", "r.csv", text.encode(), rows=1)
    desk.send_file("borrower", "b.csv", "customer_id, name , phone\nP01:C1,张伟,138\nP01:C2, ,138\n".encode(), rows=2)
    desk.admit()
    (row,) = desk.rows("repayment")
    assert (row["payer"], row["withdrawn"]) == ("partner", True)
    (rejected,) = desk.rejected()
    assert rejected["reasons"] == ["name: missing"] and "138" not in rejected["record"]


@pytest.mark.parametrize(
    ("days", "admitted"),
    [
        (pa.array([date(2025, 3, 1)]), True),
        (pa.array(["2025-03-01"], pa.large_string()), True),
        (pa.array([20250301], pa.int32()), False),
        (pa.array([250301], pa.int64()), False),
    ],
)
def test_a_number_in_a_parquet_file_is_no_date(desk: Desk, days: pa.Array, admitted: bool, tmp_path: Path) -> None:
    columns = {"repayment_id": pa.array([" R1 "], pa.large_string()), "paid_on": days, "loan_id": ["P01:L1"], "paid_minor": [1]}
    pq.write_table(pa.table(columns), tmp_path / "r.parquet")
    desk.send_file("repayment", "r.parquet", (tmp_path / "r.parquet").read_bytes(), rows=1)
    desk.admit()
    assert [row["repayment_id"] for row in desk.rows("repayment")] == ["R1"] * admitted
    assert [row["reasons"] for row in desk.rejected()] == [["paid_on: not a date"]] * (not admitted)


def test_a_parquet_file_that_is_damaged_inside_is_refused(desk: Desk, tmp_path: Path) -> None:
    rows = {"repayment_id": [f"R{n}" for n in range(5000)], "paid_on": [date(2025, 3, 1)] * 5000, "loan_id": ["P01:L1"] * 5000,
            "paid_minor": list(range(5000))}  # fmt: skip
    pq.write_table(pa.table(rows), tmp_path / "r.parquet", compression="zstd")
    content = bytearray((tmp_path / "r.parquet").read_bytes())
    content[200:1200] = bytes(1000)
    desk.send_file("repayment", "r.parquet", bytes(content), rows=5000)
    desk.admit()
    assert [row["outcome"] for row in desk.ledger()] == ["refused"]


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_hexadecimal_cell_is_found_across_the_ends_of_chunks(tmp_path: Path, place: int) -> None:
    file = tmp_path / "r.csv"
    start = b"a,b\n" + b"1" * (CHUNK_BYTES - 4 - place)
    file.write_bytes(start + b",0x10\n")
    assert layout(file, ["a", "b"]).hexadecimal
    file.write_bytes(start + b"00X,10\n")  # an identity number
    assert not layout(file, ["a", "b"]).hexadecimal
