"""The eight worked cases of the AnaCredit manual: from what is known of each instrument at each month's end, every record that the
workbook has, and every cell of it.

What the accounts and the contract say is put in; what follows from it is not: which records are sent when, that nothing applies,
days of default and performance, whose default is told, what an instrument stands for in the accounts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loanwatch.extract import anacredit, checks, edit_checks, filling
from loanwatch.extract.anacredit import DATASETS, INSTEAD, Example
from loanwatch.extract.changed import changed
from loanwatch.extract.filing import MONTHS
from loanwatch.extract.records import LINE
from loanwatch.forms import Form
from loanwatch.report.register_tables import BASE_CO_DEBTOR, BASE_COUNTERPARTY, BASE_INSTRUMENT, BASE_PROTECTION
from loanwatch.tables import Table

FORMS = Path(__file__).parents[2] / "conf" / "extracts" / "anacredit"
AGENT = {"agent": "BLZ10"}
SEP, OCT, NOV, DEC = (date(2018, month, day) for month, day in ((9, 30), (10, 31), (11, 30), (12, 31)))
# What most cases have in common.
PLAIN: dict[str, Any] = {
    "customer_id": "C", "partner_id": "P", "pool_id": "T", "product": "business", "currency": "EUR", "arrears_minor": 0,
    "stage": "stage_1", "eu_default": "not_defaulted", "eu_performance": "performing", "write_off_minor": 0, "fiduciary": False,
    "project_finance": False, "recourse": True, "subordinated": False, "repayment_right": "other", "securitisation": "none",
    "transferred_minor": 0, "accounting_class": "amortised_cost", "recognition": "entirely", "impairment_method": "collectively",
    "encumbrance": "none", "portfolio": "banking", "forbearance": "none", "default_of_debtor": True, "payment_frequency": "monthly",
    "rate_type": "variable", "lending_purpose": "other",
}  # fmt: skip
FIRM = {"debtor_id": "D12D628826", "provision_minor": 0, "amortisation": "other"}
ON_THE_SPOT = {"debtor_id": "302888222333", "default_of_debtor": False, "provision_minor": 0}
PHARMACY = {"protection_id": "PhA1122_823823", "provider_id": "302888222333", "protection": "physical",
            "protection_minor": 160_000_00, "protection_value": "fair", "valuation_approach": "creditor",
            "valued_on": date(2018, 11, 7), "original_minor": 160_000_00, "originally_on": date(2018, 11, 7)}  # fmt: skip
GUARANTEE = {"protection_id": "GUA28569811", "provider_id": "78451209", "protection": "guarantee", "protection_minor": 500_000_00,
             "protection_value": "notional", "valuation_approach": "other", "original_minor": 500_000_00,
             "originally_on": date(2017, 11, 16), "allocated_minor": 500_000_00}  # fmt: skip
# Of each case: the contract; by month its balance, accrued interest, rate, what was booked for losses, and what else differs; and
# what protects it.
Months = dict[date, tuple[int, int, int, int | None, dict[str, Any]]]
CASES: dict[str, tuple[dict[str, Any], Months, dict[date, dict[str, Any]]]] = {
    "CASE 1": (
        {"loan_id": "123321", "contract_id": "A810", "debtor_id": "63829150", "instrument": "other", "amortisation": "fixed",
         "signed_on": date(2017, 11, 16), "opened_on": date(2017, 12, 1), "ends_on": date(2022, 12, 1), "cap_e9": 42_000_000,
         "floor_e9": 25_000_000, "rate_reset": "annually", "margin_e9": 24_000_000, "commitment_minor": 1_000_000_00,
         "lending_purpose": "construction", "reference_rate": "euribor_12m", "next_reset_on": date(2019, 1, 1)},
        {SEP: (850_000_00, 1_912_50, 27_000_000, 17_000_00, {}), OCT: (833_333_33, 1_875_00, 27_000_000, None, {}),
         NOV: (816_666_67, 1_837_50, 27_000_000, None, {}),
         # The workbook's carrying amount is not what its other cells come to, 785,800: the accounts are said to have it so.
         DEC: (800_000_00, 1_800_00, 27_000_000, 16_000_00, {"carrying_minor": 827_055_00})},
        dict.fromkeys((SEP, OCT, NOV, DEC), GUARANTEE),
    ),
    "CASE 2": (
        {"loan_id": "2I3598940", "contract_id": "87B198623", "debtor_id": "BLZ30", "instrument": "deposit",
         "amortisation": "bullet", "signed_on": date(2018, 11, 29), "opened_on": date(2018, 12, 15), "ends_on": date(2019, 5, 31),
         "rate_type": "fixed", "commitment_minor": 15_000_000_00, "payment_frequency": "bullet"},
        {DEC: (15_000_000_00, 1_250_00, 2_000_000, 4_800_00, {})}, {},
    ),
    "CASE 3": (
        {"loan_id": "823001823", "contract_id": "55X823823", **ON_THE_SPOT, "instrument": "overdraft", "amortisation": "other",
         "signed_on": date(2015, 11, 23), "opened_on": date(2016, 5, 11), "rate_reset": "monthly", "margin_e9": 80_000_000,
         "commitment_minor": 55_000_00, "payment_frequency": "other", "reference_rate": "euribor_1m"},
        {SEP: (12_500_00, 194_28, 76_280_000, 1_620_05, {"undrawn_minor": 42_500_00, "next_reset_on": date(2018, 10, 1)}),
         OCT: (11_000_00, 194_38, 76_320_000, None, {"undrawn_minor": 44_000_00, "next_reset_on": date(2018, 11, 1)}),
         NOV: (59_750_00, 264_30, 82_149_791, None, {"undrawn_minor": 0, "next_reset_on": date(2018, 12, 1),
                                                      "arrears_minor": 4_750_00, "unpaid_since": date(2018, 11, 25)}),
         # The cents of its parts are rounded each; the accounts round their sum.
         DEC: (39_000_00, 194_50, 76_370_000, 1_994_53, {"undrawn_minor": 16_000_00, "next_reset_on": date(2019, 1, 1),
                                                          "carrying_minor": 37_199_98})},
        dict.fromkeys((NOV, DEC), PHARMACY | {"allocated_minor": 55_000_00}),
    ),
    "CASE 4": (
        {"loan_id": "824002824", "contract_id": "66M824824", **ON_THE_SPOT, "instrument": "credit_line", "amortisation": "fixed",
         "signed_on": date(2018, 11, 7), "opened_on": date(2018, 11, 25), "ends_on": date(2021, 11, 30), "margin_e9": 40_000_000,
         "commitment_minor": 150_000_00, "lending_purpose": "construction", "reference_rate": "euribor_12m",
         "undrawn_minor": 50_000_00},
        {NOV: (100_000_00, 54_83, 39_480_000, None, {}), DEC: (97_222_22, 320_19, 39_520_000, 1_068_75, {})},
        dict.fromkeys((NOV, DEC), PHARMACY | {"allocated_minor": 105_000_00}),
    ),
    "CASE 5": (
        {"loan_id": "CCSIB326594018", "contract_id": "12A191010", **FIRM, "instrument": "credit_card",
         "signed_on": date(2014, 7, 3), "opened_on": date(2014, 9, 25), "ends_on": date(2019, 7, 31),
         "margin_e9": 70_000_000, "commitment_minor": 500_000_00, "reference_rate": "euribor_12m"},
        {SEP: (195_563_97, 0, 0, 9_124_67, {"undrawn_minor": 304_436_03}),
         OCT: (32_743_06, 0, 0, None, {"undrawn_minor": 467_256_94}),
         NOV: (170_645_70, 0, 0, None, {"undrawn_minor": 329_354_30}),
         DEC: (128_748_32, 0, 0, 8_713_09, {"undrawn_minor": 371_251_68})}, {},
    ),
    "CASE 6": (
        {"loan_id": "432434324", "contract_id": "99RC6166666", **FIRM, "instrument": "revolving", "signed_on": date(2017, 11, 15),
         "opened_on": date(2017, 11, 30), "ends_on": date(2019, 11, 30), "margin_e9": 28_000_000, "commitment_minor": 5_000_000_00,
         "lending_purpose": "working_capital", "reference_rate": "euribor_3m"},
        {SEP: (4_389_933_21, 2_451_22, 26_801_891, 109_328_93, {"undrawn_minor": 610_066_79}),
         OCT: (4_407_996_18, 2_953_00, 32_156_155, None, {"undrawn_minor": 592_003_82}),
         NOV: (4_490_100_16, 2_924_88, 31_267_523, None, {"undrawn_minor": 509_899_84}),
         DEC: (4_700_294_13, 3_277_31, 33_468_342, 109_670_32, {"undrawn_minor": 299_705_87})}, {},
    ),
    "CASE 7": (
        {"loan_id": "777777777", "contract_id": "22NR1177777", **FIRM, "instrument": "credit_line", "signed_on": date(2014, 8, 20),
         "opened_on": date(2014, 10, 15), "ends_on": date(2024, 8, 31), "cap_e9": 70_000_000, "margin_e9": 40_000_000,
         "commitment_minor": 3_000_000_00, "lending_purpose": "construction", "reference_rate": "euribor_12m",
         "undrawn_minor": 600_000_00},
        {SEP: (1_950_000_00, 7_210_64, 44_373_142, 55_440_00, {}), OCT: (1_950_000_00, 7_671_27, 47_207_821, None, {}),
         NOV: (1_950_000_00, 6_808_96, 36_594_731, None, {"renegotiated": True}),
         DEC: (2_200_000_00, 12_561_75, 31_378_848, 55_715_00, {"renegotiated": True, "undrawn_minor": 350_000_00})}, {},
    ),
    "CASE 8": (
        {"loan_id": "OV782362372", "contract_id": "88CA2128888", "debtor_id": "B09A888888", "default_of_debtor": False,
         "instrument": "overdraft", "amortisation": "other", "signed_on": date(2018, 11, 28), "opened_on": date(2018, 11, 28),
         "rate_type": "fixed", "payment_frequency": "other", "repayment_right": "on_demand"},
        {NOV: (11_200_00, 14_00, 150_000_000, None, {"arrears_minor": 11_200_00, "unpaid_since": date(2018, 11, 28)})}, {},
    ),
}  # fmt: skip
RENEGOTIATED = {"cap_e9": 50_000_000, "margin_e9": 28_000_000, "payment_frequency": "quarterly", "forbearance": "renegotiated",
                "forbearance_since": date(2018, 11, 15)}  # fmt: skip


@pytest.fixture(scope="module")
def workbook(real_data: Path) -> list[Example]:
    folder = real_data / "20-regulatory-templates" / "anacredit"
    return anacredit.examples(folder / "AnaCredit_Manual_Part_III_Examples_of_complete_reports.xlsx")[1]


def base(case: str, day: date) -> dict[Table, list[dict[str, Any]]]:
    """The base tables' rows about a case at a month's end."""
    contract, months, protected = CASES[case]
    if day not in months:
        return {}
    balance, accrued, rate, allowance, more = months[day]
    changes = RENEGOTIATED if more.get("renegotiated") else {}
    row = PLAIN | contract | changes | {name: value for name, value in more.items() if name != "renegotiated"}
    row |= {"month_end": day, "balance_minor": balance, "accrued_interest_minor": accrued, "rate_e9": rate,
            "allowance_minor": allowance}  # fmt: skip
    protections = [
        {"loan_id": row["loan_id"], "contract_id": row["contract_id"], "partner_id": "P", "pool_id": "T", "currency": "EUR",
         "month_end": day, "prior_minor": 0, "first_of_protection": True, **protected[day]}
    ] if day in protected else []  # fmt: skip
    who = dict.fromkeys([*(row["provider_id"] for row in protections), row["debtor_id"]]) if row["default_of_debtor"] else {}
    return {
        BASE_INSTRUMENT: [row], BASE_PROTECTION: protections, BASE_CO_DEBTOR: [],
        BASE_COUNTERPARTY: [{"counterparty_id": one, "month_end": day, "in_default": False} for one in who],
    }  # fmt: skip


def sent(folder: Path, name: str, case: str) -> Iterator[dict[str, str]]:
    """The records of a dataset that a case sends from September to December 2018, each month's as it is handed in."""
    form, told = Form(FORMS / name), list[pa.Table]()
    for day in (SEP, OCT, NOV, DEC):
        rows = base(case, day)
        if not rows or day.month % MONTHS[form.filing.every]:
            continue
        schema = pa.schema([field.with_nullable(True) for field in form.table.arrow if field.name in form.table.by_name])
        pq.write_table(pa.Table.from_pylist(rows[form.table], schema=schema), folder / "base.parquet")
        found = filling.fill(form.layout, form.mapping, form.table, [str(folder / "base.parquet")], AGENT)
        if form.layout.sends == "changed":
            whole = pa.concat_tables(told) if told else None
            found = changed(found, form.layout, whole and whole.set_column(
                whole.column_names.index(LINE), LINE, pa.array(range(1, len(whole) + 1), pa.int64())))  # fmt: skip
        assert edit_checks.faults(form.layout, found.records, checks.read(form.folder / checks.FILE, form.layout)) == []
        told.append(found.records.rows)
        yield from found.records.rows.drop_columns([LINE]).to_pylist()


def as_sent(form: Form, example: Example) -> dict[str, str]:
    """What the workbook has, as its formats write it."""
    fields = {field.name: field for field in form.layout.fields}
    return {fields[name].code: written(fields[name].format, value) for name, value in example.values.items()}


def written(how: str, value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    if how in ("AMOUNT", "RATE") and value not in INSTEAD:
        places = Decimal("0.01") if how == "AMOUNT" else Decimal("0.000000001")
        return f"{Decimal(str(value)).quantize(places, ROUND_HALF_UP):f}"
    return str(value)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", DATASETS)
def test_a_case_sends_the_records_of_the_workbook_cell_by_cell(
    tmp_path: Path, workbook: list[Example], name: str, case: str
) -> None:
    form = Form(FORMS / name)
    expected = [as_sent(form, one) for one in workbook if (one.case, one.dataset) == (case, DATASETS[name])]
    key = [field.code for field in form.layout.fields if field.key]

    def order(record: dict[str, str]) -> list[str]:
        return [record[code] for code in key]

    assert sorted(sent(tmp_path, name, case), key=order) == sorted(expected, key=order)


def test_the_cases_are_all_there(workbook: list[Example]) -> None:
    assert {one.case for one in workbook} == set(CASES)


def test_what_is_in_default_is_told_of_whom_it_is_told(tmp_path: Path) -> None:
    row = base("CASE 8", NOV)[BASE_INSTRUMENT][0] | {"eu_default": "defaulted", "default_since": date(2018, 11, 29),
                                                     "eu_performance": "forborne_non_performing", "recovered_minor": 0}  # fmt: skip
    form = Form(FORMS / "financial")
    schema = pa.schema([field.with_nullable(True) for field in form.table.arrow if field.name in form.table.by_name])

    def told(name: str, change: dict[str, Any]) -> dict[str, str]:
        pq.write_table(pa.Table.from_pylist([row | change], schema=schema), tmp_path / "base.parquet")
        of = Form(FORMS / name)
        found = filling.fill(of.layout, of.mapping, of.table, [str(tmp_path / "base.parquet")], AGENT).records.rows
        return dict(found.to_pylist()[0])

    default = ("DEFAULT_STATUS_OF_THE_INSTRUMENT", "DATE_OF_THE_DEFAULT_STATUS_OF_THE_INSTRUMENT")
    assert [told("financial", {})[code] for code in default] == ["Default", "2018-11-29"]
    assert [told("financial", {"default_of_debtor": True})[code] for code in default] == ["Non-applicable", "Non-applicable"]
    unknown = told("financial", {"eu_default": None})
    assert [unknown[code] or "" for code in default] == ["", "2018-11-29"]
    stands = told("accounting", {"allowance_minor": 1_000_00})
    assert stands["PERFORMING_STATUS_OF_THE_INSTRUMENT"] == "Non-performing"
    assert stands["CUMULATIVE_RECOVERIES_SINCE_DEFAULT"] == "0.00"
    assert stands["CARRYING_AMOUNT"] == "10214.00"

