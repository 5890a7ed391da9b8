"""EAST's tables as they are shipped, filled from rows of their base table, cell by cell; and what their checks find."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from classify.book import SHIPPED

from loanwatch.extract import checks, edit_checks, filling, layout, mapping
from loanwatch.report.base_tables import BASE_CHANGE

FORM = Path(__file__).parents[2] / "conf" / "extracts" / "east" / "705" / layout.FILE
FILER = {"licence": "K0001H111000001", "branch": "0001", "institution_name": "示例信托有限责任公司"}
CHANGE: dict[str, Any] = {
    "changed_on": date(2025, 3, 7), "customer_id": "P01:C1", "customer_name": "n" * 32, "borrower_id": "b" * 32,
    "partner_id": "P01", "pool_id": "T1", "product": "consumer", "currency": "CNY", "month_end": date(2025, 3, 31),
    "class_before": "normal", "class_now": "special_mention", "direction": "worse", "cause": "CN5-SM-1", "judged": False,
    "written_off": False,
}  # fmt: skip


def filled(folder: Path, *changes: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """The records, and what is wrong with them."""
    one = layout.read(FORM)
    how = mapping.read(FORM.with_name(mapping.FILE), one, {BASE_CHANGE.name: BASE_CHANGE.by_name})
    names = [field for field in BASE_CHANGE.arrow if field.name not in ("as_of", "release")]
    rows = [{"loan_id": f"P01:L{n}", **CHANGE, **change} for n, change in enumerate(changes)]
    pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(names)), folder / "base.parquet")
    found = filling.fill(one, how, BASE_CHANGE, [str(folder / "base.parquet")], FILER)
    faults = edit_checks.faults(one, found.records, checks.read(FORM.with_name(checks.FILE), one))
    return found.records.rows.drop_columns(["line_no"]).to_pylist(), [fault.says for fault in faults]


def test_a_change_of_class_is_a_record_in_the_workbooks_words(tmp_path: Path) -> None:
    records, faults = filled(tmp_path, {})
    assert faults == []
    assert records == [{
        "JRXKZH": "K0001H111000001", "NBJGH": "0001", "YHJGMC": "示例信托有限责任公司", "XDHTH": "P01:L0", "XDJJH": "P01:L0",
        "KHTYBH": "b" * 32, "KHMC": "n" * 32, "TZRQ": "20250307", "YWJFL": "正常", "XWJFL": "关注", "BDYY": "逾期天数增加",
        "BDFS": "自动", "JBGYH": "", "BBZ": "CN5-SM-1", "CJRQ": "20250331",
    }]  # fmt: skip


def test_what_people_judged_has_their_number_and_what_was_written_off_stays_out(tmp_path: Path) -> None:
    judged = {"cause": "CN5-JD-DF", "class_now": "doubtful", "judged": True, "judged_by": "E7"}
    back = {"class_before": "doubtful", "class_now": "normal", "direction": "better", "cause": "CN5-JD-DF"}
    records, faults = filled(tmp_path, judged, back, {"written_off": True})
    assert faults == []
    told = [(row["BDYY"], row["BDFS"], row["JBGYH"]) for row in records]
    assert told == [("人工认定", "人工", "E7"), ("下调因素消除", "自动", "")]


@pytest.mark.parametrize("floor", [floor.name for floor in SHIPPED["cn_five_class"].floors if floor.rank])
def test_every_floor_has_a_reason_that_fits(tmp_path: Path, floor: str) -> None:
    records, faults = filled(tmp_path, {"cause": floor})
    assert faults == [] and len(records) == 1
    # A merger keeps a class as it was, and judgement is told to be one: neither makes it worse by itself.
    assert (records[0]["BDYY"] == "符合下调标准") == floor.startswith(("CN5-MA-", "CN5-JD-", "CN5-UP-")), floor


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"class_now": "normal"}, "changed: the class before is the class after"),
        ({"changed_on": date(2025, 4, 1)}, "in_time: changed after the end of the period"),
        ({"judged": True}, "clerk: changed by a person without a staff number or by itself with one"),
        ({"judged_by": "E1"}, "clerk: changed by a person without a staff number or by itself with one"),
    ],
)
def test_what_cannot_be_is_found(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    assert filled(tmp_path, {}, change)[1] == [says]
