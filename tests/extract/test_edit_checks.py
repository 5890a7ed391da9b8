"""Records against their form: each fault with how many records and where, and no value told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli import loanwatch
from hypothesis import given, settings
from hypothesis import strategies as st

from loanwatch.errors import DataError
from loanwatch.extract import edit_checks, formats, layout, records
from loanwatch.extract.edit_checks import Fault
from loanwatch.extract.layout import Field, Layout

CHANGES = Path(__file__).parents[2] / "conf" / "extracts" / "east" / "705" / layout.FILE
SMALL = Layout(
    form="east/9", code="T", title="t", edition="e", sends="full", workbooks={},
    fields=(
        Field(code="K", name="key", format="C..4", key=True),
        Field(code="D", name="day", format="C8", element=formats.DATE, key=True),
        Field(code="S", name="state", format="C..30", codes=("a", "b"), open="x-"), Field(code="N", name="sum", format="D4.2"),
    ),
)  # fmt: skip
Row = Mapping[str, str]
GOOD = {"K": "1", "D": "20240229", "S": "a", "N": "1.50"}


def test_each_fault_says_how_many_records_and_which_come_first(tmp_path: Path) -> None:
    rows: list[Row] = [
        GOOD, {**GOOD, "K": "2", "S": "x-y"}, {**GOOD, "K": "3", "S": "c"}, {**GOOD, "K": "4", "D": "20230229", "N": "123"},
        {**GOOD, "K": ""}, {**GOOD, "K": "3"}, {**GOOD, "K": "12345", "S": "x-"}, {**GOOD, "K": "5", "N": ""}, GOOD, GOOD,
    ]  # fmt: skip
    codes = "not in the code list (a, b, x-…)"
    found = edit_checks.faults(SMALL, records.read(csv(tmp_path, rows), SMALL))
    assert found == [
        Fault("K", "missing, and part of the key", 1, (5,)),
        Fault("K", "5 bytes; text of at most 4 bytes in one line", 1, (7,)),
        Fault("D", "a day as YYYYMMDD, 99991231 = none", 1, (4,)),
        Fault("S", codes, 2, (3, 7)),
        Fault("N", "a number of at most 4 digits, 2 of them decimals", 1, (4,)),
        Fault("K, D", "stands twice", 3, (6, 9, 10), check="key"),
    ]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(["", "a", "b", "x-", "x-1", "c", "正常", "0.5", "12", "20240229", "20240230"]), max_size=30))
def test_as_value_by_value(values: list[str]) -> None:
    """Counted by distinct values and one by one."""
    for field in SMALL.fields:
        one = SMALL.model_copy(update={"fields": (field.model_copy(update={"key": False}),)})
        rows = pa.table({field.code: pa.array(values, pa.string()), records.LINE: pa.array(range(1, len(values) + 1), pa.int64())})
        said = [fault for value in values if (fault := formats.fault(one.fields[0], value))]
        found = edit_checks.faults(one, records.Records(rows))
        assert {fault.says: fault.records for fault in found} == {fault: said.count(fault) for fault in said}


def test_files_as_they_come(tmp_path: Path) -> None:
    """Another order of columns, another delimiter, GB18030, Parquet; broken lines are counted and keep their numbers."""
    text = "N;K;S;D\n1.00;甲;x-停息;20240229\n1;2\n2.00;乙;c;20240229\n"
    (tmp_path / "a.csv").write_bytes((text + "3.00;丙;x-延期付息还本;20240229\n" * 3).encode("gb18030"))
    found = edit_checks.faults(SMALL, records.read(tmp_path / "a.csv", SMALL))
    assert found == [
        Fault("", "wrong number of cells", 1, (2,)), Fault("S", "not in the code list (a, b, x-…)", 1, (3,)),
        Fault("K, D", "stands twice", 2, (5, 6), check="key"),
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist([GOOD]), tmp_path / "a.parquet")
    assert edit_checks.faults(SMALL, records.read(tmp_path / "a.parquet", SMALL)) == []
    pq.write_table(pa.Table.from_pylist([], pa.schema([(code, pa.string()) for code in GOOD])), tmp_path / "none.parquet")
    assert edit_checks.faults(SMALL, records.read(tmp_path / "none.parquet", SMALL)) == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.csv", None, "no such file"),
        ("a.csv", b"K,D,S\n1,2,3\n", r"no column N \(sum\)"),
        ("a.csv", b"K,D,S,N,M\n1,2,3,4,5\n", r"unknown column 'M'; did you mean 'N'\?|unknown column 'M'"),
        ("a.csv", b"K,D,S,N,K\n1,2,3,4,5\n", "column K twice"),
        ("a.csv", b"\x00\xff\xfe" * 100, "neither UTF-8 nor GB18030"),
        ("a.parquet", b"PAR1", "not readable as parquet"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=said):
        records.read(tmp_path / name, SMALL)


def test_from_the_command_line_without_telling_a_value(tmp_path: Path) -> None:
    codes = list(layout.read(CHANGES).by_code)
    row = dict.fromkeys(codes, "") | {
        "XDJJH": "L1", "TZRQ": "20250131", "YWJFL": "正常", "XWJFL": "关注", "BDFS": "自动", "CJRQ": "20250131", "KHMC": "张三",
    }  # fmt: skip
    path = csv(tmp_path, [row])
    good = loanwatch("form", "check", "east/705", path)
    assert (good.returncode, good.stdout) == (0, "a.csv: 1 records, all as east/705 asks\n"), good.stderr
    path = csv(tmp_path, [row, {**row, "XDJJH": "L2", "KHMC": "张" * 151}])
    bad = loanwatch("form", "check", "east/705", path)
    assert (bad.returncode, "faults: 1" in bad.stderr, "张" in bad.stdout + bad.stderr) == (1, True, False), bad.stderr
    assert "453 bytes" in " ".join(bad.stdout.split())


def csv(folder: Path, rows: list[Row]) -> Path:
    path = folder / "a.csv"
    path.write_text("\n".join(",".join(line) for line in [list(rows[0]), *(list(row.values()) for row in rows)]) + "\n")
    return path
