"""Feeds that a mapping alone says: from a sender's file to rows that admission takes, or turns away with the reason."""

from __future__ import annotations

import csv
import gzip
from datetime import date
from pathlib import Path

import pyarrow.csv as pa_csv
import pytest
from adapters.partner import FIRST, HEADER, MAPPING, SECOND, deliver, file

from loanwatch.adapters import source
from loanwatch.admit.checking import check
from loanwatch.admit.delivery import MANIFEST, Manifest
from loanwatch.admit.feeds import FEEDS
from loanwatch.errors import NotNow, UsageError

MARCH = date(2024, 3, 31)


def delivered(out: Path, day: date = MARCH, sequence: int = 1) -> tuple[list[dict[str, object]], list[list[str]]]:
    """The loans of a delivery as admission reads them, and each row's faults."""
    folder = out / "inbox" / "loan" / "P07" / day.isoformat() / f"{sequence:03d}"
    manifest = Manifest.model_validate_json((folder / MANIFEST).read_text())
    names = [column.name for column in FEEDS["loan"].file_columns]
    options = pa_csv.ConvertOptions(column_types=dict.fromkeys(names, "string"), strings_can_be_null=True)
    rows = pa_csv.read_csv(folder / "loan.csv", convert_options=options)
    checked = check(FEEDS["loan"], rows, manifest.sender, manifest.business_on)
    assert manifest.rows == len(rows)
    return rows.to_pylist(), [checked.reasons(row) for row in range(len(rows))]


def left_out(out: Path, name: str = "unread") -> list[list[str]]:
    path = out / f"{name}.csv"
    return list(csv.reader(path.open(encoding="utf-8")))[1:] if path.exists() else []


def test_rows_are_renamed_parsed_and_translated(tmp_path: Path) -> None:
    out = deliver(tmp_path, file(tmp_path, [FIRST, SECOND]))
    rows, faults = delivered(out)
    assert faults == [[], []]
    assert rows[0] == {
        "loan_id": "P07:A-1", "valid_from": None, "customer_id": "P07:1", "pool_id": "T1", "product": "consumer", "currency": "CNY",
        "principal_minor": "1234560", "rate_bp": "720", "opened_on": "2024-02-29", "matures_on": "2026-03-01",
        "refinances_loan_id": None,
    }  # fmt: skip
    assert [rows[1][name] for name in ("product", "opened_on", "rate_bp")] == ["home", "2023-12-01", "435"]
    assert left_out(out) == []


def test_rows_said_once_are_delivered_once(tmp_path: Path) -> None:
    out = deliver(tmp_path, file(tmp_path, [FIRST, SECOND]), file(tmp_path, [FIRST], "20240430"))
    pools = [path.relative_to(out / "inbox").parts for path in (out / "inbox" / "pool").rglob("*.csv")]
    assert pools == [("pool", "ledger", "2024-03-31", "001", "pool.csv")]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("消费", "租赁", "product: not of the code list product"),
        ("消费", "consumer", "product: not of the code list product"),  # a word of ours is none of theirs
        ("１２,345.60", "12.345,60", "principal_minor: not a long"),
        ("１２,345.60", "12345.605", "principal_minor: not a long"),
        ("１２,345.60", "-", "principal_minor: missing"),
        ("１２,345.60", "-5", "principal_minor: below 1"),
        ("113/02/29", "112/02/29", "opened_on: not a date"),
        ("113/02/29", "2024-02-29", "opened_on: not a date"),  # a date, but not of the kind that was agreed
        ("20260301", "2026-03-01", "matures_on: not a date"),
        ("A-1", "", "loan_id: missing"),
        ("A-1", "=HYPERLINK(1)", "loan_id: not a well-formed number"),
        ("A-1", "../../etc", "loan_id: not a well-formed number"),
        ("A-1", "P08:1", "loan_id: not a well-formed number"),
        ("7.2", "7.2%", "rate_bp: not a long"),
    ],
)
def test_a_cell_that_cannot_be_read_is_turned_away_by_admission(tmp_path: Path, old: str, new: str, reason: str) -> None:
    rows, faults = delivered(deliver(tmp_path, file(tmp_path, [FIRST.replace(old, new), SECOND])))
    assert len(rows) == 2
    assert reason in faults[0]
    assert faults[1] == []


def test_a_huge_cell_is_cut(tmp_path: Path) -> None:
    rows, faults = delivered(deliver(tmp_path, file(tmp_path, [FIRST.replace("消费", "消" * 100_000)])))
    assert len(str(rows[0]["product"])) < 50
    assert faults[0] == ["product: not of the code list product"]


def test_rows_with_a_wrong_number_of_cells_are_listed_with_their_place(tmp_path: Path) -> None:
    out = deliver(tmp_path, file(tmp_path, [FIRST, "A-3|1|消费", SECOND, f"{SECOND}|x"]))
    assert len(delivered(out)[0]) == 2
    assert left_out(out) == [["loans_20240331.txt", row, "", "another number of cells than the layout"] for row in ("2", "4")]


def test_the_lists_hold_nothing_that_a_spreadsheet_would_run(tmp_path: Path) -> None:
    text = MAPPING.replace("files: loans_*", 'files: "*"')
    path = file(tmp_path, ["A-3|1"]).rename(tmp_path / "=cmd_20240331.txt")
    assert left_out(deliver(tmp_path, path, text=text))[0][0] == "'=cmd_20240331.txt"


def test_a_business_date_of_each_row_makes_a_delivery_of_each_date(tmp_path: Path) -> None:
    text = MAPPING.replace("{name: yyyymmdd}", "{from: 到期日, parse: yyyymmdd}").replace("    snapshot: true\n", "")
    out = deliver(tmp_path, file(tmp_path, [FIRST, SECOND, SECOND.replace("20331201", "soon")]), text=text)
    assert [len(delivered(out, day)[0]) for day in (date(2026, 3, 1), date(2033, 12, 1))] == [1, 1]
    assert left_out(out) == [["loans_20240331.txt", "3", "business_on", "no business date"]]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("loans_.txt", "no dates of the kind yyyymmdd in its name"),
        ("loans_20240331_20240430.txt", "2 dates of the kind yyyymmdd"),
        ("loan_20240331.txt", "is of no layout of this adapter; by name, loans: loans_"),
        ("loans_20240330.txt", "2024-03-30 is no date of the calendar 'month_end'"),
    ],
)
def test_a_file_that_does_not_say_its_date_is_refused(tmp_path: Path, name: str, said: str) -> None:
    path = file(tmp_path, [FIRST]).rename(tmp_path / name)
    with pytest.raises(UsageError, match=said):
        deliver(tmp_path, path)
    assert not (tmp_path / "out" / "inbox").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"{HEADER.replace('年利率', '利率')}\n{FIRST}\n".encode("gb18030"), "no column '年利率'; did you mean '利率'"),
        (b"", "no column"),
        (b"\xff\xfe\x00\x01", "no column"),
        (f"{HEADER}\n{FIRST}\n".encode("gb18030") + b"\xff\xff\n", "not readable as gb18030 text with '|' between cells"),
    ],
)
def test_a_file_of_another_layout_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (path := tmp_path / "loans_20240331.txt").write_bytes(content)
    with pytest.raises(UsageError) as error:
        deliver(tmp_path, path)
    assert said in str(error.value)
    assert "12,345" not in str(error.value)


def test_gzip_is_read_and_a_broken_or_swelling_one_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = file(tmp_path, [FIRST]).read_bytes()
    (path := tmp_path / "loans_20240331.txt.gz").write_bytes(gzip.compress(plain))
    assert len(delivered(deliver(tmp_path, path))[0]) == 1
    (cut := tmp_path / "loans_20240430.txt.gz").write_bytes(gzip.compress(plain)[:30])
    with pytest.raises(UsageError, match=r"loans_20240430\.txt\.gz: not readable"):
        deliver(tmp_path, cut)
    monkeypatch.setattr(source, "SMALL", 0)
    (bomb := tmp_path / "loans_20240531.txt.gz").write_bytes(gzip.compress(plain + f"{FIRST}\n".encode("gb18030") * 100_000))
    with pytest.raises(UsageError, match="swells to more than 200 times its size"):
        deliver(tmp_path, bomb)


def test_what_changes_between_snapshots_is_delivered_and_what_is_gone_is_listed(tmp_path: Path) -> None:
    changed = SECOND.replace("50000", "40000")
    third = FIRST.replace("A-1", "A-3")
    out = deliver(tmp_path, file(tmp_path, [FIRST, SECOND]), file(tmp_path, [changed, FIRST, third], "20240430"),
                  file(tmp_path, [changed], "20240531"))  # fmt: skip
    found = [[row["loan_id"] for row in delivered(out, day)[0]] for day in (MARCH, date(2024, 4, 30), date(2024, 5, 31))]
    assert found == [["P07:A-1", "P07:A-2"], ["P07:A-2", "P07:A-3"], []]
    assert left_out(out, "gone") == [["loan", "2024-05-31", "P07:A-1"], ["loan", "2024-05-31", "P07:A-3"]]


def test_a_row_that_is_as_it_was_before_the_last_change_is_a_change(tmp_path: Path) -> None:
    files = [file(tmp_path, [row], day) for row, day in
             ((FIRST, "20240331"), (FIRST.replace("7.2", "8"), "20240430"), (FIRST, "20240531"))]  # fmt: skip
    out = deliver(tmp_path, *files)
    assert [delivered(out, day)[0][0]["rate_bp"] for day in (MARCH, date(2024, 4, 30), date(2024, 5, 31))] == ["720", "800", "720"]


def test_a_snapshot_waits_for_the_one_before(tmp_path: Path) -> None:
    march, april, may = (file(tmp_path, [FIRST], day) for day in ("20240331", "20240430", "20240531"))
    deliver(tmp_path, march)
    with pytest.raises(NotNow, match="snapshot of loan, 2024-05-31: waits for the one before, of 2024-04-30"):
        deliver(tmp_path, may)
    assert not (tmp_path / "out" / "inbox" / "loan" / "P07" / "2024-05-31").exists()
    deliver(tmp_path, may, april)
    assert delivered(tmp_path / "out", date(2024, 5, 31))[0] == []


def test_a_snapshot_is_corrected_until_the_next_has_come(tmp_path: Path) -> None:
    march = file(tmp_path, [FIRST, SECOND])
    deliver(tmp_path, march)
    deliver(tmp_path, file(tmp_path, [FIRST, SECOND.replace("50000", "40000")]))
    assert [row["principal_minor"] for row in delivered(tmp_path / "out", MARCH, 2)[0]] == ["4000000"]
    deliver(tmp_path, file(tmp_path, [FIRST], "20240430"))
    with pytest.raises(UsageError, match="that of 2024-04-30 is in already"):
        deliver(tmp_path, march)


def test_nothing_personal_is_remembered_of_a_snapshot(tmp_path: Path) -> None:
    out = deliver(tmp_path, file(tmp_path, [FIRST]))
    remembered = b"".join(path.read_bytes() for path in (out / "snapshots").rglob("*.parquet"))
    assert b"P07:A-1" in remembered
    assert b"1234560" not in remembered
