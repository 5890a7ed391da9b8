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
from loanwatch.forms import Form
from loanwatch.report.base_tables import (
    BASE_AGREEMENT,
    BASE_AGREEMENT_LOAN,
    BASE_CHANGE,
    BASE_LOAN,
    BASE_PLEDGE,
    BASE_TRANSFER,
    BASE_TRANSFER_LOAN,
)
from loanwatch.tables import Table

FORM = Path(__file__).parents[2] / "conf" / "extracts" / "east" / "705" / layout.FILE
FILER = {"licence": "K0001H111000001", "branch": "0001", "institution_name": "示例信托有限责任公司"}
CHANGE: dict[str, Any] = {
    "changed_on": date(2025, 3, 7), "customer_id": "P01:C1", "customer_name": "n" * 32, "borrower_id": "b" * 32,
    "partner_id": "P01", "pool_id": "T1", "product": "consumer", "currency": "CNY", "month_end": date(2025, 3, 31),
    "contract_id": "K1", "class_before": "normal", "class_now": "special_mention", "direction": "worse", "cause": "CN5-SM-1",
    "judged": False,
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
        "JRXKZH": "K0001H111000001", "NBJGH": "0001", "YHJGMC": "示例信托有限责任公司", "XDHTH": "K1", "XDJJH": "P01:L0",
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


NOTE: dict[str, Any] = {
    "loan_id": "P01:L1", "customer_id": "P01:C1", "customer_name": "n" * 32, "borrower_id": "b" * 32, "id_number": "b" * 32,
    "partner_id": "P01", "pool_id": "T1", "product": "vehicle", "currency": "CNY", "id_type": "id_card", "of_month": True,
    "month_end": date(2025, 3, 31), "principal_minor": 10_000_00, "balance_minor": 8_000_00, "rate_bp": 1250,
    "opened_on": date(2024, 3, 1), "matures_on": date(2026, 3, 1), "written_off": False, "last_class": "substandard",
    "regulatory_days_past_due": 95, "days_past_due": 95, "principal_arrears_minor": 400_00, "interest_arrears_minor": 30_00,
    "principal_unpaid_since": date(2024, 12, 26), "interest_unpaid_since": date(2024, 12, 26), "missed_instalments": 3,
    "missed_ever": 2, "instalments": 24, "instalment_no": 13, "instalment_months": 1, "extensions": 0,
    "next_due_on": date(2025, 4, 1), "next_principal_minor": 416_67, "next_interest_minor": 83_33, "contract_id": "K1",
    "borrower_kind": "consumer", "purpose": "car", "used_in": "110101", "granted_as": "new", "paid_out": "seller",
    "rate_basis": "lpr", "online": True, "green": False, "rural": False, "inclusive_rural": False, "inclusive_small": False,
    "science": False, "officer_no": "E7", "loan_account": "a" * 32, "payee_account": "p" * 32, "payee_name": "q" * 32,
    "payee_bank": "甲银行", "repayment_account": "r" * 32, "repayment_bank": "乙银行", "secured_as": "collateral",
}  # fmt: skip
ACCOUNTS = {"account_code": {"vehicle": "1304"}, "account_name": {"vehicle": "汽车贷款"}}


def noted(folder: Path, number: str, table: Table, *rows: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """The records of another table, and what is wrong with them."""
    path = FORM.parents[1] / number / layout.FILE
    one = layout.read(path)
    how = mapping.read(path.with_name(mapping.FILE), one, {table.name: table.by_name})
    schema = pa.schema([field.with_nullable(True) for field in table.arrow if field.name in table.by_name])
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), folder / "base.parquet")
    found = filling.fill(one, how, table, [str(folder / "base.parquet")], FILER | ACCOUNTS)
    said = checks.read(path.with_name(checks.FILE), one)
    form = Form(path.parent)
    faults = edit_checks.faults(one, found.records, said, persons=form.filing.persons if form.is_filed else ())
    return found.records.rows.drop_columns(["line_no"]).to_pylist(), [fault.says.split(":")[0] for fault in faults]


def test_a_note_of_a_person_field_by_field(tmp_path: Path) -> None:
    records, faults = noted(tmp_path, "503", BASE_LOAN, NOTE, {**NOTE, "loan_id": "P01:L2", "id_type": "credit_code"})
    assert faults == []
    assert records == [{
        "JRXKZH": "K0001H111000001", "NBJGH": "0001", "YHJGMC": "示例信托有限责任公司", "MXKMBH": "1304", "MXKMMC": "汽车贷款",
        "KHTYBH": "b" * 32, "KHMC": "n" * 32, "ZJLB": "居民身份证", "ZJHM": "b" * 32, "XDHTH": "K1", "XDJJH": "P01:L1",
        "DKFHZH": "a" * 32, "XDYWZL": "汽车贷款", "DKFFLX": "新增", "FKFS": "受托支付", "BZ": "CNY", "DKJE": "10000.00",
        "DKYE": "8000.00", "DKWJFL": "次级", "ZQS": "24", "DQQS": "13", "ZQCS": "0", "DKFFRQ": "20240301", "DKDQRQ": "20260301",
        "ZJRQ": "99991231", "QBJE": "400.00", "QBRQ": "20241226", "BNQXYE": "0.00", "BWQXYE": "30.00", "QXRQ": "20241226",
        "LXQKQS": "3", "LJQKQS": "3", "SBXDJJH": "", "DKRZZH": "p" * 32, "DKRZHM": "q" * 32, "RZZHSSHMC": "甲银行", "LLLX": "LPR",
        "SJLL": "12.50", "HKFS": "按月", "HKZH": "r" * 32, "HKZHSSHMC": "乙银行", "JXFS": "按月结息", "XQHKRQ": "20250401",
        "XQYHBJ": "416.67", "XQYHLX": "83.33", "JJDKYT": "购车", "DKTXDQ": "110101", "DKTXHY": "2.21.2个人贷款-汽车",
        "SFHLWDK": "是", "SFLSDK": "否", "SFSNDK": "否", "SFPHXSNDK": "否", "SFPHXXWQYDK": "否", "SFKJDK": "否", "XDYGH": "E7",
        "DKZT": "逾期", "BBZ": "", "CJRQ": "20250331",
    }]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field", "given"),
    [
        ({"days_past_due": 90}, "BNQXYE", "30.00"), ({"days_past_due": 91}, "BNQXYE", "0.00"),
        ({"days_past_due": None}, "BNQXYE", ""), ({"left_because": "settled", "left_on": date(2025, 3, 3)}, "DKZT", "结清"),
        ({"left_because": "buy_back", "left_on": date(2025, 3, 3)}, "ZJRQ", "20250303"), ({"written_off": True}, "DKZT", "核销"),
        ({"regulatory_days_past_due": 0}, "DKZT", "正常"), ({"contract_id": None}, "XDHTH", "P01:L1"),
        ({"borrower_kind": "farmer", "industry_division": 5}, "DKTXHY", "2.1农、林、牧、渔业"),
        ({"borrower_kind": "micro", "industry_division": 97}, "DKTXHY", "2.20国际组织"),
        ({"borrower_kind": "small_owner", "industry_division": None}, "DKTXHY", ""), ({"online": None}, "SFHLWDK", ""),
        ({"instalments": 1, "instalment_months": None}, "HKFS", "利随本清"), ({"instalment_months": 4}, "HKFS", "其他-不定期"),
        ({"id_type": None, "id_number": None}, "ZJLB", ""), ({"purpose": "home", "product": "home"}, "XDYWZL", "住房按揭贷款"),
        ({"borrower_kind": "sole_proprietor"}, "XDYWZL", "个人经营性贷款"), ({"next_due_on": None}, "XQHKRQ", "99991231"),
    ],
)  # fmt: skip
def test_what_a_note_says_where_it_is_otherwise(tmp_path: Path, change: dict[str, Any], field: str, given: str) -> None:
    (record,), _ = noted(tmp_path, "503", BASE_LOAN, NOTE | change)
    assert record[field] == given


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"principal_unpaid_since": None}, "principal_due_since"), ({"principal_arrears_minor": 0}, "no_principal_due"),
        ({"interest_unpaid_since": None}, "interest_due_since"), ({"principal_arrears_minor": 8_000_01}, "due_within_balance"),
        ({"balance_minor": 10_000_01}, "balance_within_loan"), ({"opened_on": date(2026, 3, 2)}, "in_order"),
        ({"left_because": "repaid", "balance_minor": 400_00}, "ended"), ({"regulatory_days_past_due": 0}, "past_due"),
    ],
)  # fmt: skip
def test_what_a_note_cannot_be_is_found(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    assert says in noted(tmp_path, "503", BASE_LOAN, NOTE | change)[1]


PLEDGED: dict[str, Any] = {
    "loan_id": "P01:L1", "security_no": 1, "customer_id": "P01:C1", "partner_id": "P01", "pool_id": "T1", "product": "home",
    "currency": "CNY", "month_end": date(2025, 3, 31), "secured_as": "collateral", "own": True, "written_off": False,
    "balance_minor": 8_000_00, "security_id": "P01:A1", "value_minor": 9_000_00, "first_value_minor": 9_500_00, "lien_rank": 2,
    "prior_claims_minor": 100_00, "pledge_ratio_bp": 8889, "asset_kind": "flat", "size": 90, "seized": False, "contract_id": "D1",
    "loan_contract_id": "K1", "signed_on": date(2024, 3, 1), "loan_matures_on": date(2026, 3, 1), "officer_no": "E7",
    "certificate_no": "c" * 32, "owner_name": "o" * 32, "owner_id_type": "id_card", "owner_id_number": "i" * 32,
    "first_of_contract": True,
}  # fmt: skip


def test_what_secures_a_loan_and_by_which_contract(tmp_path: Path) -> None:
    guarantee = {**PLEDGED, "security_no": 2, "secured_as": "guarantee", "security_id": "G1", "contract_id": "P01:L1-G1",
                 "secured_minor": 500_00, "asset_kind": None, "signed_on": None, "until_on": date(2028, 3, 1)}  # fmt: skip
    others = {**PLEDGED, "security_no": 3, "own": False}
    (asset,), faults = noted(tmp_path, "603", BASE_PLEDGE, PLEDGED, guarantee, others)
    assert faults == []
    assert asset == {
        "JRXKZH": "K0001H111000001", "NBJGH": "0001", "DBHTH": "D1", "YPBH": "P01:A1", "YPLX": "3.1居住用房地产",
        "YPMC": "公寓住房", "DZYWZT": "正常", "BZ": "CNY", "PGJZ": "9500.00", "YXRDJZ": "9000.00", "YDYJZ": "100.00",
        "DZYL": "88.89",
        "CZQSW": "第二顺位", "YPSYRMC": "o" * 32, "YPSYRZJLB": "居民身份证", "YPSYRZJHM": "i" * 32, "ZYPZHM": "", "ZYPZQFJG": "",
        "QZDJHM": "c" * 32, "QZDJMJ": "90", "DBHTZT": "有效", "BBZ": "", "CJRQ": "20250331",
    }  # fmt: skip
    mortgage, guaranteed = noted(tmp_path, "601", BASE_PLEDGE, PLEDGED, guarantee, others)[0]
    told = ("BDBHTH", "DBHTH", "DBLX", "DBJE", "DBQSRQ", "DBDQRQ", "DBHTLX")
    assert [mortgage[name] for name in told] == ["K1", "D1", "抵押", "8000.00", "20240301", "20260301", "一般担保合同"]
    assert [guaranteed[name] for name in told] == ["K1", "P01:L1-G1", "保证", "500.00", "99991231", "20280301", "一般担保合同"]
    seized = noted(tmp_path, "603", BASE_PLEDGE, {**PLEDGED, "seized": True, "lien_rank": 1})
    assert (seized[0][0]["DZYWZT"], seized[1]) == ("查封", ["first_rank_free"])


def test_a_contract_has_ended_where_its_loan_has_left(tmp_path: Path) -> None:
    rows = [NOTE, {**NOTE, "loan_id": "P01:L2", "contract_id": "K2", "left_because": "repaid"},
            {**NOTE, "loan_id": "P01:L3", "of_month": False}]  # fmt: skip
    records, faults = noted(tmp_path, "501", BASE_LOAN, *rows)
    assert faults == []
    assert [(row["XDHTH"], row["HTZT"], row["DBLX"]) for row in records] == [("K1", "有效", "抵押"), ("K2", "终结", "抵押")]


INSTITUTION = {"JRXKZH": "K0001H111000001", "NBJGH": "0001", "YHJGMC": "示例信托有限责任公司"}
MONTH_END = date(2025, 3, 31)
GRANTED: dict[str, Any] = {
    "loan_id": "P01:L1", "agreement_no": 1, "agreement_id": "XY1", "customer_id": "P01:C1", "currency": "CNY",
    "month_end": MONTH_END, "contract_id": "K1", "first_of_contract": True, "contract_ended": False, "liability_minor": 500_00,
    "phone": "f" * 32, "authorised": True, "authorisation_no": "S1", "authorised_from": date(2024, 3, 1),
}  # fmt: skip


def test_a_contract_of_internet_loans_with_each_agreement(tmp_path: Path) -> None:
    alone = {**GRANTED, "loan_id": "P01:L2", "contract_id": "K2", "agreement_no": 0, "agreement_id": None, "liability_minor": None,
             "authorised": False, "authorisation_no": None, "authorised_from": None}  # fmt: skip
    ended = {**GRANTED, "loan_id": "P01:L3", "contract_id": "K3", "contract_ended": True, "authorised": None,
             "authorisation_no": None}  # fmt: skip
    second = {**GRANTED, "loan_id": "P01:L4", "first_of_contract": False}
    records, faults = noted(tmp_path, "502", BASE_AGREEMENT_LOAN, GRANTED, alone, ended, second)
    assert faults == []
    assert records[0] == {
        **INSTITUTION, "XDHTH": "K1", "YWMS": "合作", "HZXYBH": "XY1", "BZ": "CNY", "HZFZRJE": "500.00", "LXDH": "f" * 32,
        "SQSBH": "S1", "SXRQ": "20240301", "ZZRQ": "99991231", "HTZT": "有效", "BBZ": "", "CJRQ": "20250331",
    }  # fmt: skip
    told = ("YWMS", "HZXYBH", "HZFZRJE", "SQSBH", "SXRQ", "ZZRQ", "HTZT")
    assert [[row[name] for name in told] for row in records[1:]] == [
        ["独立", "无", "0.00", "未签订", "99991231", "00000000", "有效"],
        ["合作", "XY1", "500.00", "合作方未提供", "20240301", "00000000", "终结"],
    ]
    assert noted(tmp_path, "502", BASE_AGREEMENT_LOAN, GRANTED | {"phone": None})[1] == ["reachable"]


def test_an_agreement_with_who_is_on_the_other_side(tmp_path: Path) -> None:
    row: dict[str, Any] = {
        "agreement_id": "XY1", "cooperator_code": "91310000MA1K000001", "month_end": MONTH_END, "cooperator_name": "示例担保",
        "cooperator_kind": "guarantor", "cooperation": "guarantee", "registered_in": "310100", "starts_on": date(2024, 1, 1),
        "state": "in_force", "limited": False,
    }  # fmt: skip
    (record,), faults = noted(tmp_path, "513", BASE_AGREEMENT, row)
    assert faults == []
    assert record == {
        **INSTITUTION, "HZXYBH": "XY1", "HZFMC": "示例担保", "HZFZJLB": "统一社会信用代码", "HZFZJHM": "91310000MA1K000001",
        "HZFLX": "融资担保公司", "HZFS": "担保增信", "XYQSRQ": "20240101", "XYDQRQ": "99991231", "SJZZRQ": "99991231",
        "XZQHDM": "310100", "XZBZ": "否", "XYZT": "有效", "BBZ": "", "CJRQ": "20250331",
    }  # fmt: skip
    assert noted(tmp_path, "513", BASE_AGREEMENT, row | {"state": "ended"})[1] == ["ended"]
    assert noted(tmp_path, "513", BASE_AGREEMENT, row | {"ended_on": date(2025, 1, 1)})[1] == ["goes_on"]


def test_a_guarantor_also_one_without_a_document(tmp_path: Path) -> None:
    guarantee = {**PLEDGED, "security_no": 2, "secured_as": "guarantee", "security_id": "G1", "of_firm": False,
                 "net_worth_minor": 1_000_00, "net_worth_currency": "CNY"}  # fmt: skip
    unnamed = {**guarantee, "security_no": 3, "security_id": "G2", "owner_id_type": None, "owner_id_number": None, "of_firm": True,
               "net_worth_minor": None, "net_worth_currency": None}  # fmt: skip
    (person, firm), faults = noted(tmp_path, "602", BASE_PLEDGE, PLEDGED, guarantee, unnamed)
    assert faults == []
    assert person == {
        "JRXKZH": "K0001H111000001", "NBJGH": "0001", "DBHTH": "D1", "BZRLB": "个人", "BZRMC": "o" * 32, "DBRZJLB": "居民身份证",
        "DBRZJHM": "i" * 32, "DBRJZCBZ": "CNY", "DBRJZC": "1000.00", "DBHTZT": "有效", "BBZ": "", "CJRQ": "20250331",
    }  # fmt: skip
    assert [firm[name] for name in ("BZRLB", "DBRZJLB", "DBRZJHM", "DBRJZC")] == ["对公", "其他-保证编号", "G2", ""]
    wrong = guarantee | {"owner_id_type": "credit_code", "net_worth_currency": None}
    assert noted(tmp_path, "602", BASE_PLEDGE, wrong)[1] == ["firm_and_document", "worth_with_currency"]


LOST: dict[str, Any] = {
    **NOTE, "written_off": True, "write_off_on": date(2024, 12, 1), "written_off_principal_minor": 8_000_00,
    "written_off_interest_minor": 0, "off_balance_interest_minor": 90_00, "recovered_minor": 0, "recovered_principal_minor": 0,
    "recovered_interest_minor": 0, "claim_ended": False,
}  # fmt: skip


def test_a_write_off_with_what_came_in_since(tmp_path: Path) -> None:
    paid = {"recovered_on": date(2025, 3, 1), "recovered_minor": 110_00, "recovered_principal_minor": 100_00,
            "recovered_interest_minor": 10_00}  # fmt: skip
    whole = {"recovered_on": date(2025, 3, 1), "recovered_minor": 8_090_00, "recovered_principal_minor": 8_000_00,
             "recovered_interest_minor": 90_00, "left_because": "settled"}  # fmt: skip
    records, faults = noted(tmp_path, "702", BASE_LOAN, NOTE, LOST | {"loan_id": "P01:L2"}, LOST | paid | {"loan_id": "P01:L3"},
                            LOST | whole | {"loan_id": "P01:L4"}, LOST | {"loan_id": "P01:L5", "claim_ended": True})  # fmt: skip
    assert faults == []
    assert records[0] == {
        "JRXKZH": "K0001H111000001", "NBJGH": "0001", "KHTYBH": "b" * 32, "KHMC": "n" * 32, "ZCLX": "个人贷款", "HTH": "K1",
        "JJH": "P01:L2", "BZ": "CNY", "HXBJ": "8000.00", "SHBNLX": "0.00", "SHBWLX": "90.00", "HXRQ": "20241201",
        "SHBJ": "0.00", "SHLX": "0.00", "SHRQ": "99991231", "SHBZ": "未收回", "SHYGH": "", "HXZT": "账销案存", "BBZ": "",
        "CJRQ": "20250331",
    }  # fmt: skip
    told = ("SHBJ", "SHLX", "SHRQ", "SHBZ", "HXZT")
    assert [[row[name] for name in told] for row in records[1:]] == [
        ["100.00", "10.00", "20250301", "部分收回", "账销案存"], ["8000.00", "90.00", "20250301", "完全收回", "完全终结"],
        ["0.00", "0.00", "99991231", "未收回", "完全终结"],
    ]  # fmt: skip
    assert noted(tmp_path, "702", BASE_LOAN, LOST | {"off_balance_interest_minor": None})[1] == ["parts_told"]


def test_a_transfer_and_its_loans(tmp_path: Path) -> None:
    of_loan = {"loan_id": "P01:L1", "transfer_id": "ZR1", "partner_id": "P01", "currency": "CNY", "month_end": MONTH_END,
               "id_type": "credit_code", "transferred_principal_minor": 700_00, "transferred_interest_minor": 9_00}  # fmt: skip
    records, faults = noted(tmp_path, "704", BASE_TRANSFER_LOAN, of_loan)
    assert faults == []
    assert records == [{"JRXKZH": "K0001H111000001", "NBJGH": "0001", "ZRHTH": "ZR1", "XDZCLX": "对公贷款", "XDJJH": "P01:L1",
                        "ZRDKBJ": "700.00", "ZRDKLX": "9.00", "BBZ": "", "CJRQ": "20250331"}]  # fmt: skip
    row: dict[str, Any] = {
        "transfer_id": "ZR1", "month_end": MONTH_END, "direction": "out", "kind": "direct", "state": "in_force",
        "settled_on": date(2025, 2, 1), "currency": "CNY", "price_minor": 600_00, "price_paid_minor": 100_00,
        "first_paid_on": date(2025, 2, 3), "deposit_minor": 30_00, "platform": "none", "registered": True,
        "receiving_account": "r" * 32, "receiving_name": "示例信托", "counterparty_name": "c" * 32,
        "counterparty_account": "d" * 32, "counterparty_bank": "甲银行", "loans": 1,
        "transferred_principal_minor": 700_00, "transferred_interest_minor": 9_00, "deposit_bp": 500,
    }  # fmt: skip
    (record,), faults = noted(tmp_path, "703", BASE_TRANSFER, row)
    assert faults == []
    assert record == {
        "JRXKZH": "K0001H111000001", "NBJGH": "0001", "ZRHTH": "ZR1", "ZCZRFX": "转出", "ZCZRFS": "直接转让",
        "ZRJKRZZH": "r" * 32, "ZRJKRZMC": "示例信托", "JYDSMC": "c" * 32, "JYDSZZZH": "d" * 32, "JYDSKHHMC": "甲银行",
        "BZ": "CNY", "ZRDKBJZE": "700.00", "ZRDKLXZE": "9.00", "ZRZJ": "600.00",
        "ZRHTQSRQ": "20250201", "ZRHTDQRQ": "20250201", "JYDSZRRQ": "20250203",
        "JYDSYZFJE": "100.00", "BZJBL": "5.00", "BZJBZ": "CNY", "BZJJE": "30.00",
        "ZRJYPT": "其他-场外", "SFZYDZXDJ": "是", "ZRHTZT": "有效", "BBZ": "",
        "CJRQ": "20250331",
    }  # fmt: skip
    assert noted(tmp_path, "703", BASE_TRANSFER, row | {"state": "ended"})[1] == ["ended_when_paid"]
    bare = row | {"loans": 0, "transferred_principal_minor": 0, "transferred_interest_minor": 0, "deposit_minor": 0}
    assert noted(tmp_path, "703", BASE_TRANSFER, bare)[1] == ["of_loans"]
    assert noted(tmp_path, "703", BASE_TRANSFER, bare)[0][0]["BZJBZ"] == ""
