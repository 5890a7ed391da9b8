"""The shipped forms of the off-site returns, filled: the worked case of G12's notes, loans against plain Python, and what has to
hold between forms."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli import loanwatch
from extract.test_hand_in import BANK, sealed_lake
from hypothesis import given, settings
from hypothesis import strategies as st

from loanwatch.codes import BORROWER_KINDS, CLASSES, PURPOSES, SECURED_AS
from loanwatch.errors import UsageError
from loanwatch.extract import edit_checks, filling, mapping
from loanwatch.extract.delta import Before, Pair
from loanwatch.extract.filling import Filled
from loanwatch.extract.layout import Field, Layout
from loanwatch.forms import Form
from loanwatch.lake import Lake
from loanwatch.report.base_tables import BASE_FIGURE, BASE_LOAN, BASE_PLEDGE
from loanwatch.report.tables import HAND_IN
from loanwatch.synth import figures
from loanwatch.tables import Table

CONF = Path(__file__).parents[2] / "conf"
D = date(2025, 3, 31)
WAN = 1_000_000  # minor units of ten thousand yuan
TOLD = {name: {cell: n for form, cell, n in figures.cells() if form == name} for name in ("1104/G11II", "1104/S63I", "1104/S63II")}
LOAN: dict[str, Any] = {
    "currency": "CNY", "pool_id": "T1", "product": "consumer", "of_month": True, "written_off": False, "borrower_kind": "consumer",
    "purpose": "consumption", "five_class": "normal", "last_class": "normal", "balance_minor": WAN, "principal_minor": WAN,
    "opening_minor": 0, "opening_restructured": False, "restructured": False, "restructurings": 0, "extensions": 0,
    "this_year": False, "written_off_this_year": False, "secured_as": "none", "regulatory_days_past_due": 0, "term_months": 12,
    "principal_arrears_minor": 0, "interest_year_minor": 0, "assets": 0, "online": True, "paid_out": "borrower",
    "granted_as": "new", "borrower_id": "b", "instalment_months": 1,
}  # fmt: skip


@cache
def form_of(name: str) -> Form:
    return Form.named(name, CONF)


def filled(name: str, rows: Sequence[Mapping[str, Any]], table: Table = BASE_LOAN) -> Filled:
    form = form_of(name)
    with TemporaryDirectory() as folder:
        named = [{"loan_id": f"P01:{n}", **row} for n, row in enumerate(rows)]
        schema = pa.schema([field.with_nullable(True) for field in table.arrow if field.name in table.by_name])
        pq.write_table(pa.Table.from_pylist(named, schema=schema), f"{folder}/base.parquet")
        return filling.fill(form.layout, form.mapping, table, [f"{folder}/base.parquet"], {}, None, TOLD.get(name, {}))


def moved(opening: int, then: str | None, closing: int, now: str | None, **more: Any) -> dict[str, Any]:
    """A loan of so many ten thousands when the year began, and now; gone where nothing is left."""
    gone = {"left_because": "repaid", "five_class": None} if now is None else {"five_class": now}
    return {**LOAN, "opening_minor": opening * WAN, "opening_class": then, "balance_minor": closing * WAN,
            "this_year": then is None, **gone, **more}  # fmt: skip


def test_the_worked_case_of_the_notes_of_g12() -> None:
    """Case (1): the bank 千禧 and its twelve borrowers, of which the last has an old and a new loan."""
    found = filled("1104/G12", [
        moved(450, "normal", 450, "normal"), moved(300, "normal", 0, None),
        moved(0, None, 800, "normal", principal_minor=800 * WAN), moved(0, None, 300, "special_mention", principal_minor=300 * WAN),
        moved(150, "substandard", 150, "special_mention"), moved(150, "substandard", 0, None),
        moved(50, "loss", 50, "loss", written_off=True), moved(100, "substandard", 0, None),
        moved(50, "doubtful", 50, "substandard"), moved(200, "special_mention", 0, None),
        moved(70, "doubtful", 60, "special_mention"), moved(50, "normal", 20, "normal"),
        moved(0, None, 20, "normal", principal_minor=50 * WAN),
    ])  # fmt: skip
    assert found.untold == ()
    assert {cell: n // WAN for cell, n in found.exact.items() if n} == {
        "1.C": 1290, "1.D": 510, "1.E": 50, "1.H": 1850, "2.B": 30, "2.C": 820, "2.D": 300, "2.H": 1120,
        "3.A": 800, "3.B": 330, "3.C": 470, "4.A": 200, "4.B": 200, "5.A": 400, "5.B": 250, "5.D": 150, "5.I": 150,
        "6.A": 120, "6.B": 10, "6.D": 60, "6.E": 50, "6.I": 60, "7.A": 50, "7.B": 50, "8.A": 1570, "8.B": 840, "8.I": 210,
        "5.K": 150, "6.K": 60, "8.K": 210,
    }  # fmt: skip


def test_g12_tells_apart_whether_what_changed_was_ever_restructured() -> None:
    eased = ({"restructured": True}, {"restructurings": 1}, {"opening_restructured": True})
    found = filled("1104/G12", [
        *(moved(10, "normal", 12, "loss", **how) for how in eased), moved(10, "special_mention", 8, "doubtful"),
        moved(10, "loss", 7, "normal", **eased[2]), moved(10, "substandard", 9, "special_mention"),
        moved(10, "doubtful", 9, "loss", **eased[0]),
    ])  # fmt: skip
    of_changes = {cell: n // WAN for cell, n in found.exact.items() if n and cell[-1] in "IJK"}
    assert of_changes == {"3.I": 30, "3.J": 30, "4.I": 8, "4.K": 8, "5.I": 9, "5.K": 9, "7.I": 7, "7.J": 7,
                          "8.I": 16, "8.J": 7, "8.K": 9}  # fmt: skip


def test_a_year_that_no_release_began_cannot_be_told() -> None:
    found = filled("1104/G12", [LOAN | {"opening_minor": None, "opening_class": None}])
    assert {("3.A", "cannot be told"), ("2.C", "cannot be told")} <= {(one.cell, one.says) for one in found.untold}


LOANS = st.fixed_dictionaries({
    "borrower_kind": st.sampled_from(BORROWER_KINDS.words), "purpose": st.sampled_from(PURPOSES.words),
    "industry_division": st.integers(1, 97), "product": st.sampled_from(("consumer", "home")),
    "five_class": st.sampled_from(CLASSES.words), "balance_minor": st.integers(1, 10**9),
    "regulatory_days_past_due": st.sampled_from((0, 1, 30, 31, 60, 61, 90, 91, 180, 181, 270, 271, 360, 361)),
    "principal_arrears_minor": st.integers(0, 1000), "secured_as": st.sampled_from(SECURED_AS.words),
    "borrower_id": st.sampled_from("xyz"), "opening_minor": st.integers(0, 10**9),
    "opening_class": st.sampled_from(CLASSES.words[1:]), "opening_restructured": st.booleans(), "restructured": st.booleans(),
})  # fmt: skip
ITEM_OF_DAYS = ((1, "4.1"), (31, "4.2"), (61, "4.3"), (91, "4.4"), (181, "4.5"), (271, "4.6"), (361, "4.7"))
COLUMN = dict(zip(CLASSES.words, "CDFGH", strict=True))


@settings(deadline=None, max_examples=5)
@given(st.lists(LOANS, max_size=6))
def test_loans_by_industry_class_and_arrears_are_those_of_plain_python(rows: list[dict[str, Any]]) -> None:
    book = [LOAN | row for row in rows]
    found = filled("1104/G11I", book)
    assert found.untold == ()
    expected = Counter[str]()
    for row in book:
        column, balance = COLUMN[row["five_class"]], row["balance_minor"]
        expected[f"{of_industry(row)}.{column}"] += balance
        late = [item for since, item in ITEM_OF_DAYS if row["regulatory_days_past_due"] >= since]
        in_part = late and row["product"] == "consumer" and row["regulatory_days_past_due"] <= 90
        if late:
            expected[f"{late[-1]}.{column}"] += row["principal_arrears_minor"] if in_part else balance
        expected["1.A"] += balance
    assert {cell: found.exact[cell] for cell in expected} == expected
    short = filled("1104/G01II", book)
    assert (found.exact["1.A"], found.exact["4.A"]) == (short.exact["1.A"], short.exact["2.A"])
    faults = edit_checks.faults(*checked("1104/G11I", found))
    assert [fault for fault in faults if fault.critical] == []  # restructured loans too: what came, went and was paid off


def of_industry(row: Mapping[str, Any]) -> str:
    """The item of G11_I: the 97 divisions are spread over twenty sections."""
    if row["borrower_kind"] != "consumer":
        n, sections = row["industry_division"], (5, 7, 31, 3, 4, 2, 8, 2, 3, 4, 1, 2, 3, 4, 3, 1, 2, 5, 6, 1)
        for section, divisions in enumerate(sections, 1):
            if n <= divisions:
                return f"2.{section}.{n}"
            n -= divisions
    of_purpose = {"car": "2.21.2", "tuition": "2.21.4", "home": "2.21.3" if row["product"] == "home" else "2.21.5"}
    return of_purpose.get(row["purpose"], "2.21.5")


def checked(name: str, found: Filled) -> tuple[Any, ...]:
    form = form_of(name)
    return form.layout, found.records, (), form.mapping.empty, found.exact


def test_what_a_loan_was_for_and_who_borrowed_have_to_be_known() -> None:
    assert {one.cell for one in filled("1104/G11I", [LOAN | {"borrower_kind": None}]).untold} >= {"2.21.5.C", "7.C", "2.1.1.C"}
    assert {one.cell for one in filled("1104/G11I", [LOAN | {"purpose": None}]).untold} == {"2.21.2.C", "2.21.4.C", "2.21.5.C"}
    assert {one.cell for one in filled("1104/G11I", [LOAN | {"five_class": None}]).untold} >= {"2.21.5.C", "2.21.5.H"}
    abroad = LOAN | {"borrower_kind": "small", "industry_division": 98}
    assert [(one.cell, one.says) for one in filled("1104/G11I", [abroad]).untold] == [("1.A", "not what its 505 cells come to")]
    assert {one.cell for one in filled("1104/S63I", [LOAN | {"borrower_kind": None}]).untold} >= {"1.1.1.A", "5.3.E"}


def test_borrowers_of_several_loans_count_once() -> None:
    owner = LOAN | {"borrower_kind": "small_owner"}
    found = filled("1104/S63I", [
        owner | {"borrower_id": "x", "this_year": True}, owner | {"borrower_id": "x", "granted_as": "renewal"},
        owner | {"borrower_id": "y", "balance_minor": 0}, LOAN | {"borrower_id": "z"},
        owner | {"borrower_id": "y", "left_because": "repaid", "five_class": None, "this_year": True},
    ])  # fmt: skip
    told = ("5.1.E", "5.3.E", "5.3.1.G", "5.3.1.F", "7.3.G", "1.1.1.E", "2.1.E")
    assert {cell: found.exact[cell] for cell in told} == {
        "5.1.E": 2, "5.3.E": 1, "5.3.1.G": 1, "5.3.1.F": 0, "7.3.G": 1, "1.1.1.E": 2 * WAN, "2.1.E": 2 * WAN
    }  # fmt: skip
    assert found.records.rows["5.1.E"].to_pylist() == ["2"]
    assert [fault.says for fault in edit_checks.faults(*checked("1104/S63I", found))] == []


def test_collateral_by_kind_and_how_the_loans_do() -> None:
    row = {"loan_id": "P01:1", "currency": "CNY", "pool_id": "T1", "written_off": False, "security_no": 1,
           "secured_as": "collateral", "five_class": "normal", "balance_minor": 300, "loan_share_minor": 200,
           "value_share_minor": 400,
           "first_value_share_minor": 500, "asset_kind": "flat"}  # fmt: skip
    none = {**row, "secured_as": "none", "security_no": 0, "asset_kind": None, "loan_share_minor": 300}
    guarantee = {**none, "secured_as": "guarantee", "security_no": 1, "five_class": "loss"}
    beside = {**guarantee, "security_no": 2}  # a guarantee beside collateral
    found = filled("1104/G13", [
        row, {**row, "asset_kind": "vehicle", "loan_share_minor": 100, "value_share_minor": 200}, none, guarantee, beside,
        {**row, "five_class": "doubtful", "loan_share_minor": 7}, {**row, "written_off": True},
    ], BASE_PLEDGE)  # fmt: skip
    assert found.untold == ()
    assert {cell: n for cell, n in found.exact.items() if (n and cell.count(".") > 1) or cell.startswith("附")} == {
        "3.1.A": 500, "3.1.B": 400, "3.1.C": 200, "3.1.D": 500, "3.1.E": 400, "3.1.F": 7, "4.3.1.A": 500, "4.3.1.B": 200,
        "4.3.1.C": 100, "4.3.A": 500, "4.3.B": 200, "4.3.C": 100, "附注1.C": 0, "附注1.F": 300, "附注2.C": 300, "附注2.F": 0,
    }  # fmt: skip


def test_a_cell_that_the_ledger_has_not_told_is_missing_and_one_that_it_has_counts() -> None:
    form = Form.named("1104/S63II", CONF)
    found = filling.fill(form.layout, form.mapping, BASE_LOAN, [], {}, None, {"5.A": 5_000})
    assert [(one.cell, one.says) for one in found.untold] == [(f"5.{c}", "not told by the feed form_figure") for c in "BCDEFG"]
    assert (found.exact["5.A"], found.records.rows["5.A"].to_pylist()) == (5_000, ["0.01"])


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    told = [{"form": form, "cell": cell, "figure": n} for form, cell, n in figures.cells()]
    rows = [{"loan_id": f"P01:{n}", "customer_id": "P01:C", "partner_id": "P01", **LOAN, "balance_minor": 3_333_333,
             "regulatory_days_past_due": days, "principal_arrears_minor": 3_333_333}
            for n, days in enumerate((0, 5, 100))]  # fmt: skip
    return sealed_lake(tmp_path / "lake", {BASE_LOAN: rows, BASE_FIGURE: told, BASE_PLEDGE: []}, D)


def asked(lake: Lake, *arguments: object, **business: Any) -> Any:
    said = {"LOANWATCH__BUSINESS": json.dumps({**BANK, "forms": None, **business})}
    return loanwatch("form", *arguments, "--date", D, "--lake", lake.path, "--env", "test", **said)


def test_what_has_to_hold_with_other_forms_is_looked_at_where_they_can_be_filled(lake: Lake, tmp_path: Path) -> None:
    """G11_I rounds a loan 5 days and one 100 days past due each for itself, G01_II what they come to."""
    done = asked(lake, "fill", "1104/G11I", "--out", tmp_path / "g.csv")
    assert done.returncode == 0, done.stderr
    told = done.stdout.replace("\n", "").replace(" ", "")
    assert "[4.A]=G01_II[2.A]doesnothold,6.66and6.67:byroundingalone" in told
    assert done.stdout.splitlines()[-1] == f"{tmp_path / 'g.csv'}: 1,189 cells of release 1 of {D}"


def test_a_figure_that_no_cell_asks_for_is_named_and_keeps_nothing_back(tmp_path: Path) -> None:
    told = [{"form": form, "cell": cell, "figure": n} for form, cell, n in figures.cells()]
    strange = {"form": "1104/S63II", "cell": "99.A", "figure": 1}
    lake = sealed_lake(tmp_path / "lake", {BASE_LOAN: [], BASE_FIGURE: [*told, strange], BASE_PLEDGE: []}, D)
    done = asked(lake, "fill", "1104/S63II", "--out", tmp_path / "s.csv")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "99.A" in said and "told by the feed form_figure, and not asked for" in said


def test_a_form_is_filed_as_often_as_its_notes_say_and_only_where_the_institution_files_it(lake: Lake, tmp_path: Path) -> None:
    refused = asked(lake, "hand-in", "1104/G13", "--out", tmp_path / "out")
    assert refused.returncode == 2 and "filed for the end of a half year" in refused.stderr
    none = asked(lake, "hand-in", "1104/S63II", "--out", tmp_path / "out", forms=["1104/G01II"])
    assert none.returncode == 2 and "not among the forms that it files (business.forms)" in none.stderr
    shown = asked(lake, "hand-in", "1104/G12", "--out", tmp_path / "out", "--demonstration")
    assert shown.returncode == 0, shown.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["DEMONSTRATION-K0001H111000001-G12-20250331.csv"]
    assert "nobody as it is filled" in asked(lake, "hand-in", "1104/G12", "--out", tmp_path / "o").stderr


FORM = Layout(
    form="1104/t", code="T", title="t", edition="e", sends="full", blanks=False, workbooks={}, unit="万元",
    relations=("[A]=[B]+[C]",),
    fields=tuple(Field(code=f"{item}.{column}", name=item, format="I" if item == "5" else "D20.2")
                 for item in ("1", "1.1", "2.10", "5") for column in "ABC"),
)  # fmt: skip
TEXT = """\
source: test
table: report.base_loan
columns:
  B: five_class = 'normal'
  C: five_class <> 'normal'
items:
  1: {sum: balance_minor}
  2.10: {where: assets > 0, sum: cover_minor}
  5: {count: borrower_id}
cells:
  1.1.B: {sum: balance_minor}
none:
- {because: no such business, cells: [1.1.C]}
"""


def mapped(text: str) -> Any:
    return mapping.of("m.yaml", text, FORM, {BASE_LOAN.name: BASE_LOAN.by_name})


def test_items_go_by_columns_and_a_number_is_no_decimal() -> None:
    made = mapped(TEXT)
    assert set(made.measures) == {"1.B", "1.C", "1.1.B", "1.1.C", "2.10.B", "2.10.C", "5.B", "5.C"}
    assert made.totals == {f"{item}.A": (f"{item}.B", f"{item}.C") for item in ("1", "1.1", "2.10", "5")}
    assert made.texts["2.10.C"] == "the sum of cover_minor where (assets > 0) and (five_class <> 'normal')"
    assert made.texts["1.1.C"] == "nothing: no such business"
    assert made.texts["5.B"].startswith("the number of different borrower_id")
    assert "5.B" not in made.amounts and "1.B" in made.amounts


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("  B: five_class", "  D: five_class", "m.yaml:4: 1104/t has no column 'D'"),
        ("  2.10:", "  2.11:", "m.yaml:8: 1104/t has no item '2.11'; did you mean '2.10'"),
        ("cells: [1.1.C]", "cells: [1.1.C, 7.*]", "m.yaml:12: none: 1104/t has no cell '7.*'"),
        ("cells: [1.1.C]", "cells: [1.1]", "m.yaml:12: 1.1.B stands in cells and none"),
        ("none:\n- {because: no such business, cells: [1.1.C]}\n", "", "m.yaml:10: not said: 1.1.C 1.1"),
        ("because: no such business, ", "", "m.yaml:12: none.0.because: Field required"),
        ("{count: borrower_id}", "{sum: balance_minor}", "m.yaml:9: 5.B: it asks for a number of borrowers"),
        ("1: {sum: balance_minor}", "1: {count: borrower_id}", "m.yaml:7: 1.B: it asks for an amount"),
        ("{count: borrower_id}", "{count: borrower}", "5.B: the base table has no column 'borrower'; did you mean"),
        ("{count: borrower_id}", "{count: borrower_id, sum: balance_minor}", "one of sum, count"),
        ("  5:", "  2.10:", "m.yaml:9: 2.10 stands twice"),
    ],
)  # fmt: skip
def test_what_a_mapping_of_items_says_wrong_is_told_with_its_line(old: str, new: str, fault: str) -> None:
    assert old in TEXT
    with pytest.raises(UsageError) as error:
        mapped(TEXT.replace(old, new, 1))
    assert fault in str(error.value)


def test_what_is_left_empty_is_all_that_is_said_nowhere_and_sums_of_it() -> None:
    none, empty = "none:\n- {because: no such business, cells: [1.1.C]}", "empty:\n- {because: for show, cells: ['*']}"
    made = mapped(TEXT.replace(none, empty))
    assert made.empty == ("1.1.A", "1.1.C") and set(made.totals) == {"1.A", "2.10.A", "5.A"}
    with pytest.raises(UsageError, match="none: 1104/t has no cell '\\*'"):
        mapped(TEXT.replace("cells: [1.1.C]", "cells: ['*']"))


def test_the_first_loan_of_a_borrower_adds_the_borrower(tmp_path: Path) -> None:
    owner = LOAN | {"borrower_kind": "small_owner", "customer_id": "P01:C", "partner_id": "P01", "this_year": True}
    rows = [{"loan_id": f"P01:{n}", **owner, "borrower_id": who} for n, who in enumerate("xxy")]
    lake = sealed_lake(tmp_path / "lake", {BASE_LOAN: rows, BASE_FIGURE: []}, D)
    said = {"LOANWATCH__BUSINESS": json.dumps(BANK)}
    told = loanwatch("drill", "1104/S63I", "5.1.G", "--date", D, "--lake", lake.path, "--env", "test", **said).stdout
    lines = [line.split() for line in told.splitlines()]
    assert "5.1.G" in told and " = 2\n" in told
    assert ["P01:0", "1"] in lines and ["P01:2", "1"] in lines and "P01:1" not in told


def test_what_changed_is_told_of_amounts_and_figures_and_sums_to_the_difference(tmp_path: Path) -> None:
    form, files = form_of("1104/S63II"), {}
    owner = LOAN | {"borrower_kind": "small_owner", "five_class": "loss"}
    schema = pa.schema([field.with_nullable(True) for field in BASE_LOAN.arrow if field.name in BASE_LOAN.by_name])
    for name, balance in (("then", WAN), ("now", 3 * WAN)):
        rows = [{"loan_id": "P01:1", **owner, "balance_minor": balance}]
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), tmp_path / f"{name}.parquet")
        files[name] = [str(tmp_path / f"{name}.parquet")]
    then, now = {"5.G": WAN}, {"5.G": 4 * WAN}
    given = filling.fill(form.layout, form.mapping, BASE_LOAN, files["then"], {}, None, then).records.rows
    shown = {code: given[code].to_pylist() for code in form.mapping.amounts}
    before = Before(shown, 1, files["then"], files["then"], True, then, then)
    found = {one.field: one for one in Pair(form.layout, form.mapping, BASE_LOAN, {}, None).delta(before, files["now"], now)}
    assert all(one.after - one.before == sum(one.parts.values()) for one in found.values())
    assert (found["1.G"].parts["moved"], found["5.G"].parts["moved"]) == (2 * WAN, 3 * WAN)


def test_numbers_of_borrowers_are_no_amounts_that_change(tmp_path: Path) -> None:
    form = form_of("1104/S63I")
    pair = Pair(form.layout, form.mapping, BASE_LOAN, {}, None)
    before = Before({code: ["0.00"] for code in form.mapping.amounts}, 1, [], [], True)
    owner = {"loan_id": "P01:1", **LOAN, "borrower_kind": "small_owner", "this_year": True}
    schema = pa.schema([field.with_nullable(True) for field in BASE_LOAN.arrow if field.name in BASE_LOAN.by_name])
    pq.write_table(pa.Table.from_pylist([owner], schema=schema), tmp_path / "now.parquet")
    found = pair.delta(before, [str(tmp_path / "now.parquet")])
    assert {one.field for one in found} == set(form.mapping.amounts)


def test_every_check_is_kept_with_its_result(lake: Lake, tmp_path: Path) -> None:
    done = asked(lake, "hand-in", "1104/G11I", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    (row,) = lake.rows(HAND_IN).to_pylist()
    assert {"every row counted once: holds", "format: holds", "[B]=[C]+[D]: holds", "[4.A]=G01_II[2.A]: broken by 1",
            "[4.A]=G21_[1.6J]: not checked, of cells that are not known here"} <= set(row["checks"])  # fmt: skip
    assert any("[4.A]=G01_II[2.A] does not hold" in fault for fault in row["faults"])
