"""Checks of a form with others, with our ledger and against what was handed in last: as shipped, and what may be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pytest

from loanwatch.errors import UsageError
from loanwatch.extract import between, layout
from loanwatch.extract.layout import Layout
from loanwatch.extract.records import LINE

SHIPPED = Path(__file__).parents[2] / "conf" / "extracts"
Rows = list[dict[str, str]]


def layout_of(name: str) -> Layout | None:
    path = SHIPPED / name / layout.FILE
    return layout.read(path) if path.is_file() else None


def records(form: str, rows: Rows) -> pa.Table:
    codes = list(layout_of(form.replace(between.LAST, "")).by_code)  # type: ignore[union-attr]
    columns = {code: pa.array([row.get(code, "") for row in rows], pa.string()) for code in codes}
    return pa.table(columns | {LINE: pa.array(range(1, len(rows) + 1), pa.int64())})


@dataclass
class Told:
    """What is known beside the form."""

    of: Mapping[str, pa.Table] = field(default_factory=dict)
    balances: Mapping[str, int] | None = None
    exact: Mapping[str, int] = field(default_factory=dict)

    def records(self, form: str) -> pa.Table | None:
        return self.of.get(form)

    def ledger(self) -> Mapping[str, int] | None:
        return self.balances

    def cells(self) -> Mapping[str, int]:
        return self.exact


def found(form: str, rows: Rows, known: Told) -> tuple[list[tuple[str, int, tuple[int, ...], bool]], list[str]]:
    of = layout_of(form)
    assert of is not None
    said = between.read(SHIPPED / form / between.FILE, of, layout_of)
    faults, left = said.faults(records(form, rows), known)
    return [(fault.check, fault.records, fault.lines, fault.critical) for fault in faults], left


NOTE = {"XDJJH": "L1", "DKWJFL": "次级", "DKJE": "100.00", "DKYE": "80.00", "BZ": "CNY", "DKZT": "逾期", "DKFFRQ": "20240301",
        "LJQKQS": "3"}  # fmt: skip
OTHERS = [NOTE | {"XDJJH": "L2", "DKWJFL": "正常", "DKZT": "正常"}, NOTE | {"XDJJH": "L3", "DKZT": "核销"}]
CHANGES = [{"XDJJH": "L1", "TZRQ": "20250310", "XWJFL": "关注"}, {"XDJJH": "L1", "TZRQ": "20250320", "XWJFL": "次级"}]
FIRM = NOTE | {"XDJJH": "F1", "DKYE": "7.00"}


def notes(last: Rows | None = None, ledger: Mapping[str, int] | None = None) -> Told:
    of = {"east/705": records("east/705", CHANGES), "east/504": records("east/504", [FIRM])}
    return Told(of | ({} if last is None else {between.LAST: records("east/503", last)}), ledger)


def test_what_agrees_is_no_fault_and_what_is_not_there_is_not_checked() -> None:
    assert found("east/503", [NOTE, *OTHERS], notes([NOTE | {"LJQKQS": "2"}, *OTHERS], {"CNY": 167_00})) == ([], [])
    unknown = ["class_as_705", "as_ledger", "none_vanished", "same_amount", "same_day", "missed_ever_more"]
    assert found("east/503", [NOTE], Told()) == ([], unknown)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"DKWJFL": "可疑"}, ("class_as_705", 1, (1,), True)), ({"DKYE": "80.01"}, ("as_ledger", 1, (), True)),
        ({"XDJJH": "L9"}, ("none_vanished", 1, (1,), True)), ({"DKJE": "100.01"}, ("same_amount", 1, (1,), False)),
        ({"DKFFRQ": "20240302"}, ("same_day", 1, (1,), False)), ({"LJQKQS": "2"}, ("missed_ever_more", 1, (1,), False)),
    ],
)  # fmt: skip
def test_a_note_is_held_to_its_last_change_to_the_ledger_and_to_the_last_hand_in(
    change: dict[str, str], fault: tuple[str, int, tuple[int, ...], bool]
) -> None:
    assert found("east/503", [NOTE | change, *OTHERS], notes([NOTE, *OTHERS], {"CNY": 167_00}))[0] == [fault]


def test_a_note_that_has_ended_may_go_and_one_may_move_to_the_other_form() -> None:
    ended = NOTE | {"XDJJH": "L8", "DKZT": "结清"}
    moved = NOTE | {"XDJJH": "F1"}
    assert found("east/503", [NOTE, *OTHERS], notes([NOTE, *OTHERS, ended, moved], {"CNY": 167_00})) == ([], [])


def test_a_currency_that_the_ledger_does_not_have_is_off() -> None:
    dollars = NOTE | {"XDJJH": "L4", "BZ": "USD", "DKYE": "1.00"}
    of = layout_of("east/503")
    assert of is not None
    said = between.read(SHIPPED / "east/503" / between.FILE, of, layout_of)
    (fault,), _ = said.faults(records("east/503", [NOTE, *OTHERS, dollars]), notes(ledger={"CNY": 167_00, "EUR": 0}))
    assert fault.says == "as_ledger: balances of 503 and 504 and of our ledger: USD 1.00 and nothing"


def test_cells_are_held_to_the_notes_by_class() -> None:
    east = {"east/503": records("east/503", [NOTE, *OTHERS]), "east/504": records("east/504", [FIRM])}
    cells = {"1.C": 80_00, "1.D": 0, "1.F": 87_00, "1.G": 0, "1.H": 0}
    assert found("1104/G11I", [{}], Told(east, exact=cells)) == ([], [])
    assert found("1104/G11I", [{}], Told(east, exact=cells | {"1.F": 87_01}))[0] == [("classes_as_east", 1, (), True)]
    assert found("1104/G11I", [{}], Told(east, exact={"1.C": 80_00})) == ([], ["classes_as_east"])  # the others cannot be told


def test_what_others_rest_on_is_there() -> None:
    agreed = Told({"east/513": records("east/513", [{"HZXYBH": "XY1"}]),
                   "east/501": records("east/501", [{"XDHTH": "K1", "HTZT": "有效"}])})  # fmt: skip
    row = {"XDHTH": "K1", "YWMS": "合作", "HZXYBH": "XY1", "HTZT": "有效"}
    assert found("east/502", [row, row | {"YWMS": "独立", "HZXYBH": "无"}], agreed)[0] == []
    assert [fault[0] for fault in found("east/502", [row | {"HZXYBH": "XY2", "HTZT": "终结"}], agreed)[0]] == [
        "of_an_agreement", "state_as_501"
    ]  # fmt: skip
    assert [fault[0] for fault in found("east/502", [row | {"XDHTH": "K2"}], agreed)[0]] == ["of_a_contract"]
    contracts = Told({"east/601": records("east/601", [{"DBHTH": "D1"}])})
    for form in ("east/602", "east/603"):
        ((check, _, lines, _),) = found(form, [{"DBHTH": "D1"}, {"DBHTH": "D2"}], contracts)[0]
        assert (check, lines) == ("of_a_contract", (2,))
    sold = Told({"east/703": records("east/703", [{"ZRHTH": "Z1", "ZRDKBJZE": "10.00"}])})
    assert found("east/704", [{"ZRHTH": "Z1", "ZRDKBJ": "10.00"}], sold)[0] == []
    assert [fault[0] for fault in found("east/704", [{"ZRHTH": "Z1", "ZRDKBJ": "10.01"}, {"ZRHTH": "Z2"}], sold)[0]] == [
        "of_a_contract", "within_703"
    ]  # fmt: skip


def test_a_write_off_and_an_exposure_against_the_last_hand_in() -> None:
    kept = {"JJH": "L1", "HXZT": "账销案存", "SHBJ": "5.00", "HXBJ": "9.00"}
    last = Told({between.LAST: records("east/702", [kept, kept | {"JJH": "L2", "HXZT": "完全终结"}])})
    assert found("east/702", [kept | {"SHBJ": "6.00"}], last)[0] == []
    assert [fault[0] for fault in found("east/702", [kept | {"SHBJ": "4.00", "HXBJ": "8.00"}], last)[0]] == [
        "recovered_more", "same_amount"
    ]  # fmt: skip
    assert [fault[0] for fault in found("east/702", [], last)[0]] == ["none_vanished"]
    exposure = {"AUTL3": "L1", "AUTL70": "PERF", "AUTL24": "2023-01-31", "AUTL29": "100.00 EUR"}
    told = Told({between.LAST: records("esma/annex5", [exposure])})
    assert found("esma/annex5", [exposure | {"AUTL70": "RDMD"}], told)[0] == []
    changed = exposure | {"AUTL24": "2023-02-01", "AUTL29": "ND1"}
    assert [fault[0] for fault in found("esma/annex5", [changed], told)[0]] == ["same_origination"]
    assert [fault[0] for fault in found("esma/annex5", [exposure | {"AUTL3": "L2"}], told)[0]] == ["none_vanished"]


def test_what_is_told_of_instruments_goes_together() -> None:
    worth = Told({"anacredit/protection": records("anacredit/protection", [
        {"PROTECTION_IDENTIFIER": "S1", "PROTECTION_VALUE": "9.00"}])})  # fmt: skip
    rows = [{"PROTECTION_IDENTIFIER": "S1", "PROTECTION_ALLOCATED_VALUE": amount} for amount in ("9.00", "9.01")]
    rows.append({"PROTECTION_IDENTIFIER": "S2", "PROTECTION_ALLOCATED_VALUE": "9.01"})  # told before, and not changed since
    assert found("anacredit/instrument-protection", rows, worth)[0] == [("of_a_protection", 1, (2,), True)]
    owed = Told({"anacredit/financial": records("anacredit/financial", [
        {"INSTRUMENT_IDENTIFIER": "L1", "OUTSTANDING_NOMINAL_AMOUNT": "9.00"}])})  # fmt: skip
    assert found("anacredit/accounting", [{"INSTRUMENT_IDENTIFIER": name} for name in ("L1", "L2")], owed)[0] == [
        ("of_an_instrument", 1, (2,), True)
    ]  # fmt: skip


def test_every_file_that_ships_can_be_read_and_every_check_of_it_is_tried() -> None:
    tried = Path(__file__).read_text(encoding="utf-8")
    for path in SHIPPED.glob(f"*/*/{between.FILE}"):
        of = layout_of("/".join(path.parts[-3:-1]))
        assert of is not None
        said = between.read(path, of, layout_of)
        assert [one.check for one in said.said if f'"{one.check}"' not in tried] == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{check: a, beside: east/799, by: [XDJJH], take: {A: XWJFL}, holds: A = DKWJFL, says: x}", "there is no form east/799"),
        ("{check: a, beside: east/705, by: [XDJJ], take: {A: XWJFL}, holds: A = DKWJFL, says: x}", "east/503 has no field 'XDJJ'"),
        ("{check: a, beside: east/705, by: [XDJJH], take: {A: XWJF}, holds: A = DKWJFL, says: x}", "did you mean 'XWJFL'"),
        ("{check: a, beside: east/705, by: [XDJJH], newest: TZ, take: {A: XWJFL}, holds: A = DKWJFL, says: x}", "no field 'TZ'"),
        ("{check: a, beside: east/705, by: [XDJJH], take: {A: XWJFL}, holds: A = DKWJF, says: x}", "DKWJF"),
        ("{check: a, beside: last, by: [XDJJH], take: {A: DKJE}, holds: read_csv('x'), says: x}", "check a"),
        ("{check: a, gone: DKZT = 1, by: [XDJJH], says: x}", "check a"),
        ("{check: a, gone: DKZT = '正常', by: [XDJJH], also: [../../x], says: x}", "no form"),
        ("{check: a, sum: DKYE, of: [east/503], by: BZ, equals: {CNY: 1.C}, says: x}", "east/503 has no field '1.C'"),
        ("{check: a, sum: DKYE, of: [east/503], by: BZ, equals: books, says: x}", "ledger"),
        ("{check: a, sum: DKYE, of: [], by: BZ, equals: ledger, says: x}", "at least 1 item"),
        ("{check: a, says: x}", "Field required"),
        ("{check: a, gone: DKZT = '正常', by: [XDJJH], says: x}\n- {check: a, gone: DKZT = '逾期', by: [XDJJH], says: x}", "twice"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    of = layout_of("east/503")
    assert of is not None
    path = tmp_path / between.FILE
    path.write_text(f"- {text}\n", encoding="utf-8")
    with pytest.raises(UsageError) as error:
        between.read(path, of, layout_of)
    assert says in str(error.value)
    assert f"{path}:" in str(error.value)
