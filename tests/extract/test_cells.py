"""Forms of cells: layouts from the volume, cells against plain Python, what cannot be counted, drill, hand-in and what changed."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli import loanwatch
from extract.test_hand_in import BANK, D, sealed_lake
from hypothesis import given, settings
from hypothesis import strategies as st

from loanwatch.codes import CLASSES
from loanwatch.columns import Column, coded
from loanwatch.errors import UsageError
from loanwatch.extract import cells, edit_checks, filling, layout, mapping, relations, workbooks
from loanwatch.extract.delta import Before, Pair
from loanwatch.extract.layout import Field, Layout
from loanwatch.extract.mapping import Mapping as Mapped
from loanwatch.forms import Form
from loanwatch.lake import Lake
from loanwatch.report.base_tables import BASE_LOAN
from loanwatch.report.tables import HAND_IN, RECORD
from loanwatch.synth import figures
from loanwatch.tables import Table

CONF = Path(__file__).parents[2] / "conf"
VOLUME = Path("20-regulatory-templates", "china", "1104报表合辑【2024版】.docx")
G01II = Form.named("1104/G01II", CONF)
Book = Sequence[Mapping[str, Any]]

BASE = Table(
    "report.base_loan", "small", (Column("loan_id", required=True),),
    (Column("loan_id", required=True), Column("pool_id"), Column("currency"), coded("five_class", CLASSES, "", required=False),
     Column("cover_minor", "long"), Column("balance_minor", "long")),
)  # fmt: skip
SCHEMA = pa.schema([field for field in BASE.arrow if field.name in BASE.by_name])
FORM = Layout(
    form="1104/t", code="T", title="t", edition="e", sends="full", blanks=False, workbooks={}, unit="万元",
    relations=("[1.]=[1.1]+[1.2]；", "[1.2]=[1.2.1]+[1.2.2]", "[2.A]≤[1.A]", "[1.A]=G11_[62.C]"),
    fields=tuple(Field(code=f"{item}.A", name=item, format="D20.2") for item in ("1", "1.1", "1.2", "1.2.1", "1.2.2", "2")),
)  # fmt: skip
TEXT = """\
source: test
table: report.base_loan
cells:
  1.1.A: {where: five_class = 'normal', sum: balance_minor}
  1.2.1.A: {where: five_class = 'doubtful', sum: balance_minor}
  1.2.2.A: {where: five_class = 'loss', sum: balance_minor}
  2.A:
  - {where: balance_minor > 100, sum: cover_minor - balance_minor}
  - {where: five_class = 'loss', sum: balance_minor}
"""
LEAVES = {"normal": "1.1.A", "doubtful": "1.2.1.A", "loss": "1.2.2.A"}
LOAN = {"loan_id": "A", "pool_id": "T1", "currency": "CNY", "five_class": "normal", "cover_minor": 7, "balance_minor": 5_000_000}


def mapped(text: str = TEXT) -> Mapped:
    return mapping.of("m.yaml", text, FORM, {BASE.name: BASE.by_name})


def written(folder: Path, book: Book, name: str = "base") -> list[str]:
    pq.write_table(pa.Table.from_pylist([dict(row) for row in book], schema=SCHEMA), folder / f"{name}.parquet")
    return [str(folder / f"{name}.parquet")]


def filled(folder: Path, book: Book, text: str = TEXT) -> filling.Filled:
    return filling.fill(FORM, mapped(text), BASE, written(folder, book), {})


@pytest.mark.parametrize(
    ("text", "left", "sign", "right"),
    [
        ("[1.]=[1.1]+[1.2]；", ["1"], "=", ["1.1", "1.2"]), ("[1.A]＝[2.B]-[3.1a.C]", ["1.A"], "=", ["2.B", "-3.1a.C"]),
        ("[2.A]≤G11_I[2.21.4E]", ["2.A"], "<=", ["G11_I 2.21.4.E"]), ("[5.]>= [6.]", ["5"], ">=", ["6"]),
        ("[2.C]=《S63_III》[1.3.1G]+[1.3.2G]", ["2.C"], "=", ["S63_III 1.3.1.G", "S63_III 1.3.2.G"]),
        ("[4.A]=S63_III([8.A]+[8.B])。", ["4.A"], "=", ["S63_III 8.A", "S63_III 8.B"]),
        ("[附注1.C]≥[2.2.1A]）", ["附注1.C"], ">=", ["2.2.1.A"]),
        ("[2.3.]=[2.3.1]+2.[3.14]", ["2.3"], "=", ["2.3.1", "2.3.14"]),
        ("[1.]=第Ⅱ部分[1.]", ["1"], "=", ["T_II 1"]), ("[1.]=第I部分[2.]", ["1"], "=", ["2"]),
        ("[2.2.A]=G01__VII_[2A]", ["2.2.A"], "=", ["G01_VII 2.A"]),
    ],
)  # fmt: skip
def test_a_relation_as_the_notes_write_it(text: str, left: list[str], sign: str, right: list[str]) -> None:
    (found,) = relations.parsed(text, "T_I")
    sides = [
        ["-" * (cell.sign < 0) + (f"{cell.form} " if cell.form else "") + cell.code.rstrip(".") for cell in side]
        for side in (found.left, found.right)
    ]
    assert (sides, found.sign) == ([left, right], sign)


@pytest.mark.parametrize(
    "text", ["按月分期还款的，按91天", "[1.]", "[2.A]≤[1.A]，仅适用于法人口径", "=[1]", "", "A=[1.A]", "[]=[1]"]
)
def test_words_are_no_relation(text: str) -> None:
    assert relations.parsed(text) == []


CELLS = [f"{item}.{column}" for item in ("1", "1.1", "1.2", "3") for column in "ABC" if f"{item}.{column}" != "1.1.C"]


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("[1.]=[1.1]+[1.2]", ["1.A = 1.1.A 1.2.A", "1.B = 1.1.B 1.2.B", "1.C = 1.2.C"]),
        ("[1.]=[1.1]+[1.2]，适用于A、B列", ["1.A = 1.1.A 1.2.A", "1.B = 1.1.B 1.2.B"]),
        ("[1]≤[3],适用于[B]和[C]列", ["1.B <= 3.B", "1.C <= 3.C"]), ("[1]≤[3]适用于B-C列；", ["1.B <= 3.B", "1.C <= 3.C"]),
        ("[1]=[3]，核对关系仅适用于C列", ["1.C = 3.C"]), ("[3]≤[1]≤[1.2],适用于A列", ["3.A <= 1.A", "1.A <= 1.2.A"]),
        ("[A]=[B]+[C]", ["1.A = 1.B 1.C", "1.1.A = 1.1.B", "1.2.A = 1.2.B 1.2.C", "3.A = 3.B 3.C"]),
        ("[A.]≥[B.]+[C.]，适用于1行及对应分项", ["1.A >= 1.B 1.C", "1.1.A >= 1.1.B", "1.2.A >= 1.2.B 1.2.C"]),
        ("[A]=[B]，适用于[1]、2-3行", ["1.A = 1.B", "3.A = 3.B"]), ("[1]=[4]", []), ("[1]=[3]，适用于D列", []),
        ("[1.1.C]=[3.C]", []),
    ],
)  # fmt: skip
def test_a_relation_stands_for_the_cells_that_it_is_about_and_one_without_data_is_nothing(text: str, stands: list[str]) -> None:
    found = [one for relation in relations.parsed(text) for one in relation.among(CELLS)]
    said = [f"{one.left[0].code} {one.sign} {' '.join(cell.code for cell in one.right)}" for one in found]
    assert said == stands


def test_the_shipped_layout_is_that_of_the_volume(real_data: Path) -> None:
    assert layout.read(G01II.path) == workbooks.layout("1104/G01II", [real_data / VOLUME])


def test_a_larger_table_is_read_whole(real_data: Path) -> None:
    found = workbooks.layout("1104/G11I", [real_data / VOLUME])
    assert len(found.fields) == len(found.by_code) == 1189
    assert all(relations.parsed(text, found.code) for text in found.relations)


def test_what_the_volume_numbers_by_mistake_stands_where_it_stands(real_data: Path) -> None:
    """Of G11_II part 8 is numbered as part 7 is, part 9 as part 11; what has no data has a grey ground."""
    found = workbooks.layout("1104/G11II", [real_data / VOLUME]).by_code
    assert found["8.1.F"].name == "保证金和抵质押品价值，次级类" and found["9.2.A"].name == "减值准备，各项资产"
    assert "1.1.F" in found and "1.1.A" not in found and len(found) == 581


@pytest.mark.parametrize(
    ("form", "cells", "there", "none"),
    [
        ("G13", 376, ("0.A", "3.1.C", "附注1.F"), ("3.1.G", "附注1.A")), ("S63I", 393, ("1.1.1.A", "5.3.1.G"), ("1.1.A", "12.E")),
        ("S63II", 35, ("1.A", "5.G"), ()), ("G12", 163, ("3.A", "15.4.N", "1.L"), ("1.A", "10.A")),
        ("G09I", 265, ("1.2.6.D", "1.4.1.A"), ("1.5.1.C",)), ("S67", 709, ("1.4.2.1.A", "附注1.1.A", "II1.A"), ("1.4.2.1.B",)),
    ],
)  # fmt: skip
def test_tables_of_the_document_and_of_workbooks_put_into_it(
    real_data: Path, form: str, cells: int, there: tuple[str, ...], none: tuple[str, ...]
) -> None:
    found = workbooks.layout(f"1104/{form}", [real_data / VOLUME])
    assert found == layout.read(Form.named(f"1104/{form}", CONF).path)
    assert len(found.by_code) == cells and set(there) <= set(found.by_code) and not set(none) & set(found.by_code)
    assert {field.format for code, field in found.by_code.items() if code in ("5.3.1.G", "2.A")} <= {"I", "D20.2"}


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def document(path: Path, *parts: str) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{"".join(parts)}</w:body></w:document>')
    return path


def said(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def table(*rows: Sequence[str]) -> str:
    """`text`, or `text>2` that spans two columns, or `^` that goes on with the cell above."""
    made = []
    for row in rows:
        cells = []
        for cell in row:
            text, _, span = cell.partition(">")
            merged = "<w:vMerge/>" if text == "^" else ""
            inner = "" if text == "^" else text
            across = f'<w:gridSpan w:val="{span or 1}"/>'
            cells.append(f"<w:tc><w:tcPr>{across}{merged}</w:tcPr>{said(inner)}</w:tc>")
        made.append(f"<w:tr>{''.join(cells)}</w:tr>")
    return f"<w:tbl>{''.join(made)}</w:tbl>"


def test_a_table_with_merged_cells_and_its_notes(tmp_path: Path) -> None:
    volume = document(
        tmp_path / "v.docx", said("G99_I 某表12"), said("G99_I 某表"),
        table(["", "项目", "A", "B", "C"], ["^", "^", "合计", "其中>2"], ["^", "^", "^", "本币", "外币"],
              ["10", "1.各项", "", "", ""], ["11", "1.1正常", "", "", ""], ["", "无数据部分>4"]),
        said("G99_I 《某表》填报说明"), said("[1.A]=[9.A]"), said("表内校验关系"), said("[1.]=[1.1]；"), said("表间校验关系"),
        said("[1.A]=G01_[62.C]"), said("G99_II 另一表"), said("[2.A]=[3.A]"),
    )  # fmt: skip
    found = workbooks.layout("1104/G99I", [volume])
    assert (found.code, found.title, found.unit) == ("G99_I", "某表", "万元")
    assert [(field.code, field.name) for field in found.fields] == [
        ("1.A", "各项，合计"), ("1.B", "各项，本币"), ("1.C", "各项，外币"), ("1.1.A", "正常，合计"), ("1.1.B", "正常，本币"),
        ("1.1.C", "正常，外币"),
    ]  # fmt: skip
    assert found.relations == ("[1.]=[1.1]；", "[1.A]=G01_[62.C]")


def test_what_is_no_volume_or_has_no_such_form(tmp_path: Path) -> None:
    volume = document(tmp_path / "v.docx", said("G99_I 某表"), table(["项目"]), said("G99_I 《某表》填报说明"))
    (tmp_path / "text.docx").write_text("no zip")
    for form, file, fault in (
        ("1104/G98", volume, "has no table below a heading G98"), ("1104/G99I", volume, "has no table of G99_I whose columns"),
        ("1104/G99I", tmp_path / "text.docx", "not a Word document"), ("1104/G99I", tmp_path / "none.docx", "No such file"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=fault):
            workbooks.layout(form, [file])


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.fixed_dictionaries({
            "five_class": st.sampled_from(list(LEAVES)), "balance_minor": st.integers(0, 10**11),
            "cover_minor": st.integers(0, 10**11),
        })
    )
)  # fmt: skip
def test_cells_are_those_of_plain_python(rows: list[dict[str, Any]]) -> None:
    book = [LOAN | row | {"loan_id": str(n)} for n, row in enumerate(rows)]
    with TemporaryDirectory() as folder:
        found = filled(Path(folder), book)
    exact = dict.fromkeys(FORM.by_code, 0)
    for row in book:
        exact[LEAVES[row["five_class"]]] += row["balance_minor"]
        if row["balance_minor"] > 100:
            exact["2.A"] += row["cover_minor"] - row["balance_minor"]
        elif row["five_class"] == "loss":
            exact["2.A"] += row["balance_minor"]
    shown = {code: rounded(minor) for code, minor in exact.items()}
    for whole, parts in (("1.2.A", ("1.2.1.A", "1.2.2.A")), ("1.A", ("1.1.A", "1.2.A"))):
        exact[whole], shown[whole] = (sum(of[part] for part in parts) for of in (exact, shown))
    assert found.exact == exact and found.untold == ()
    (record,) = found.records.rows.select(list(FORM.by_code)).to_pylist()
    assert {code: Decimal(text) for code, text in record.items()} == {code: Decimal(n) / 100 for code, n in shown.items()}
    faults = edit_checks.faults(FORM, found.records, exact=found.exact)
    assert [fault.says.split(",")[0] for fault in faults] == ["[2.A]≤[1.A] does not hold"] * (shown["2.A"] > shown["1.A"])
    assert [fault.critical for fault in faults] == [exact["2.A"] > exact["1.A"]] * (shown["2.A"] > shown["1.A"])


def rounded(minor: int) -> int:
    """Hundredths of 万元, half away from nothing."""
    return int((Decimal(minor) / 10_000).quantize(Decimal(1), ROUND_HALF_UP))


def test_an_empty_book_is_noughts_and_what_is_negative_keeps_its_sign(tmp_path: Path) -> None:
    assert set(filled(tmp_path, []).exact.values()) == {0}
    below = filled(tmp_path, [LOAN | {"balance_minor": -5_000}])
    assert (below.exact["1.A"], below.records.rows["1.A"][0].as_py()) == (-5_000, "-0.01")


DOUBLE = TEXT.replace("1.2.2.A: {where: five_class = 'loss'", """1.2.2.A: {where: "five_class in ('normal', 'loss')\"""")
CONTROL = TEXT.replace("cells:\n", "cells:\n  1.A: {sum: balance_minor}\n")


@pytest.mark.parametrize(
    ("text", "row", "untold"),
    [
        (DOUBLE, {}, [("1.A", "counted in several of 1.1.A, 1.2.1.A, 1.2.2.A")]),
        (TEXT, {"currency": "USD"}, [("", "not in CNY, and no rate is known")]),
        (TEXT, {"currency": None}, [("", "not in CNY, and no rate is known")]),
        (TEXT, {"five_class": None, "balance_minor": 50},
         [(cell, "cannot be told") for cell in ("1.1.A", "1.2.1.A", "1.2.2.A", "2.A")]),
        (TEXT, {"cover_minor": None}, [("2.A", "cannot be told")]),
        (CONTROL, {"five_class": "special_mention"}, [("1.A", "not what 1.1.A + 1.2.1.A + 1.2.2.A come to")]),
        (CONTROL, {}, []),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_named_with_its_loans(
    tmp_path: Path, text: str, row: dict[str, Any], untold: list[tuple[str, str]]
) -> None:
    found = filled(tmp_path, [LOAN | row, LOAN | {"loan_id": "B", "five_class": "doubtful"}], text).untold
    assert [(one.cell, one.says) for one in found] == untold
    assert all((one.rows, one.loans) == (1, ("A",)) for one in found)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("  1.1.A: {where: five_class = 'normal', sum: balance_minor}\n", "", "m.yaml:3: not said: 1.1.A 1.1"),
        ("  1.1.A:", "  1.9.A:", "m.yaml:4: 1104/t has no cell '1.9.A'; did you mean"),
        ("sum: balance_minor}\n  1.2.1", "sum: five_class}\n  1.2.1", "five_class is no amount in minor units"),
        ("five_class = 'normal'", "five_class = 'fine'", "m.yaml:4: 1.1.A: "),
        ("where: five_class = 'normal', ", "when: x, ", "m.yaml:4: "),
        ("report.base_loan", "report.base_loans", "m.yaml:2: no base table 'report.base_loans'; did you mean"),
        ("  1.2.1.A:", "  1.1.A:", "m.yaml:5: 1.1.A stands twice"),
        ("cover_minor - b", "import(cover_minor) - b", "m.yaml:7: 2.A: "),
    ],
)
def test_a_mapping_with_a_fault_is_refused_with_its_line(old: str, new: str, fault: str) -> None:
    assert old in TEXT
    with pytest.raises(UsageError) as error:
        mapped(TEXT.replace(old, new))
    assert fault in str(error.value)


ROWS = st.dictionaries(
    st.sampled_from("ABCD"),
    st.fixed_dictionaries({
        "five_class": st.sampled_from(list(LEAVES)), "balance_minor": st.integers(0, 10**9), "cover_minor": st.integers(0, 10**9)
    }),
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(made=ROWS, known=ROWS, now=ROWS)
def test_what_changed_sums_to_the_difference_with_what_rounding_makes_of_it(
    made: dict[str, Any], known: dict[str, Any], now: dict[str, Any]
) -> None:
    with TemporaryDirectory() as folder:
        files = [written(Path(folder), [LOAN | row | {"loan_id": loan} for loan, row in book.items()], name)
                 for name, book in (("made", made), ("known", known), ("now", now))]  # fmt: skip
        before = filling.fill(FORM, mapped(), BASE, files[0], {})
        after = filling.fill(FORM, mapped(), BASE, files[2], {})
        given_ = {code: before.records.rows[code].to_pylist() for code in FORM.by_code}
        deltas = Pair(FORM, mapped(), BASE, {}, None).delta(Before(given_, 1, files[0], files[1], same_rules=True), files[2])
    assert {one.field for one in deltas} == set(FORM.by_code)
    for one in deltas:
        assert sum(one.parts.values()) == one.after - one.before
        leaves = 3 if one.field == "1.A" else 2 if one.field == "1.2.A" else 1
        assert abs(one.parts["rounding"]) <= 2 * 5_000 * leaves
        exact = after.exact[one.field] - before.exact[one.field]
        assert sum(minor for part, minor in one.parts.items() if part != "rounding") == exact


LOANS = [
    {"loan_id": f"P01:{loan}", "product": product, "five_class": five_class, "balance_minor": minor,
     "regulatory_days_past_due": days, **more}
    for loan, product, five_class, minor, days, more in (
        ("L1", "business", "normal", 1_234_567_00, 0, {}),
        ("L2", "consumer", "special_mention", 90_000_00, 75, {"instalment_months": 1, "principal_arrears_minor": 20_000_00}),
        ("L3", "consumer", "substandard", 80_000_00, 91, {"instalment_months": 1, "principal_arrears_minor": 30_000_00}),
        ("L4", "business", "doubtful", 50_000_00, 30, {}),
        ("L5", "business", "loss", 40_000_00, 400, {"written_off": True}),
        ("L6", "business", None, 0, 0, {"left_because": "repaid"}),
    )
]  # fmt: skip
OF_ALL = {"currency": "CNY", "pool_id": "T1", "written_off": False}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return sealed_lake(tmp_path / "lake", {BASE_LOAN: [OF_ALL | loan for loan in LOANS]})


def asked(lake: Lake, *arguments: object) -> Any:
    business = {"LOANWATCH__BUSINESS": json.dumps(BANK)}
    return loanwatch(*arguments, "--lake", lake.path, "--env", "test", **business)


def test_the_classes_and_arrears_of_a_book_are_handed_in(lake: Lake, tmp_path: Path) -> None:
    done = asked(lake, "form", "hand-in", "1104/G01II", "--date", D, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = (tmp_path / "out").iterdir()
    assert file.name == "K0001H111000001-G01_II-20250331.csv"
    head, *lines = csv.reader(file.read_text(encoding="gb18030").splitlines())
    assert head == ["cell", "item", "万元"] and lines[0][:2] == ["1.A", "各项贷款，本外币合计"]
    assert {cell: given for cell, _, given in lines} == {
        "1.A": "145.46", "1.1.A": "132.46", "1.1.1.A": "123.46", "1.1.2.A": "9.00", "1.2.A": "13.00", "1.2.1.A": "8.00",
        "1.2.2.A": "5.00", "1.2.3.A": "0.00", "2.A": "15.00", "2.1.A": "10.00", "2.2.A": "8.00",
    }  # fmt: skip
    (noted,) = lake.rows(HAND_IN).to_pylist()
    (record,) = lake.rows(RECORD).to_pylist()
    assert (noted["records"], record["loan_id"], len(record["given"])) == (1, "", len(noted["fields"]))
    told = asked(lake, "where", "P01:L2").stdout.replace("\n", "")
    assert "1104/G01II" in told and "1.1.2.A=90,000.00" in told and "2.1.A=20,000.00" in told and "2.2.A" not in told
    assert asked(lake, "where", "P01:L6").returncode == 2


def test_a_cell_leads_to_its_loans_and_a_loan_to_what_it_adds(lake: Lake) -> None:
    cell = asked(lake, "drill", "1104/G01II", "2.A", "--date", D).stdout
    assert "2.A 逾期贷款，本外币合计 = 15.00 万元" in cell and "of 3 loans:" in cell
    rows = [line.split() for line in cell.splitlines() if line.startswith("P01")]
    assert rows == [["P01:L3", "80,000.00"], ["P01:L4", "50,000.00"], ["P01:L2", "20,000.00"]]
    loan = asked(lake, "drill", "1104/G01II", "1.1.A", "--date", D, "--loan", "P01:L2").stdout
    assert "P01:L2 adds 90,000.00" in loan and "five_class special_mention" in loan and "by the sum of 1.1.1.A + 1.1.2.A" in loan


def test_a_loan_of_no_class_keeps_the_form_from_being_handed_in(tmp_path: Path) -> None:
    made = sealed_lake(tmp_path / "lake", {BASE_LOAN: [OF_ALL | LOANS[0] | {"five_class": None}]})
    done = asked(made, "form", "hand-in", "1104/G01II", "--date", D, "--out", tmp_path / "out")
    assert done.returncode == 1 and not (tmp_path / "out").exists()
    assert "cannot be told: P01:L1" in done.stdout.replace("\n", " ")


def test_who_keeps_no_book_of_his_own_does_not_file_it(lake: Lake, tmp_path: Path) -> None:
    trust = {"LOANWATCH__BUSINESS": json.dumps({**BANK, "institution": "trust", "book": "trust"})}
    arguments = ("form", "hand-in", "1104/G01II", "--date", D, "--out", tmp_path / "out", "--lake", lake.path, "--env", "test")
    done = loanwatch(*arguments, **trust)
    assert done.returncode == 2 and "of the book own, not of the trust book" in done.stderr
    shown = loanwatch(*arguments, "--demonstration", **trust)
    (file,) = (tmp_path / "out").iterdir()
    assert shown.returncode == 0 and file.read_text(encoding="gb18030").startswith("DEMONSTRATION: not to be filed")


def test_from_month_to_month(lake: Lake, tmp_path: Path) -> None:
    april = date(2025, 4, 30)
    assert asked(lake, "form", "hand-in", "1104/G01II", "--date", D, "--out", tmp_path / "out").returncode == 0
    worse = [OF_ALL | loan | ({"five_class": "doubtful"} if loan["loan_id"] == "P01:L3" else {}) for loan in LOANS[1:]]
    sealed_lake(lake.path, {BASE_LOAN: worse}, april)
    told = asked(lake, "form", "delta", "1104/G01II", "--date", april).stdout
    (row,) = [line.split() for line in told.splitlines() if line.startswith("1.2.2.A")]
    assert row[2:] == ["50,000.00", "130,000.00", *["0.00"] * 5, "80,000.00", *["0.00"] * 3]
    (row,) = [line.split() for line in told.splitlines() if line.startswith("1.1.1.A")]
    assert row[2:] == ["1,234,600.00", "0.00", *["0.00"] * 3, "-1,234,567.00", *["0.00"] * 4, "-33.00"]


def test_a_loan_of_which_a_cell_cannot_be_told_is_not_said_to_add_nothing(tmp_path: Path) -> None:
    made = sealed_lake(tmp_path / "lake", {BASE_LOAN: [OF_ALL | LOANS[0] | {"five_class": None}]})
    assert "P01:L1 not known what it adds" in asked(made, "drill", "1104/G01II", "1.1.1.A", "--date", D, "--loan", "P01:L1").stdout


@pytest.mark.parametrize("given_", ["", "x", "NaN", "1.00"])
def test_records_of_a_file_that_are_no_numbers_are_faults_and_no_end(tmp_path: Path, given_: str) -> None:
    codes = list(G01II.layout.by_code)
    lines = [codes, ["1.00", *[given_] * (len(codes) - 1)]]
    (tmp_path / "g.csv").write_text("".join(f"{','.join(line)}\n" for line in lines), encoding="utf-8")
    done = loanwatch("form", "check", "1104/G01II", tmp_path / "g.csv", "--env", "test")
    assert done.returncode == 1 and "Traceback" not in done.stderr and "faults: " in done.stderr
    (tmp_path / "none.csv").write_text(",".join(codes) + "\n", encoding="utf-8")
    assert loanwatch("form", "check", "1104/G01II", tmp_path / "none.csv", "--env", "test").returncode == 0


def test_a_relation_that_goes_in_a_ring_makes_no_total() -> None:
    ring = FORM.model_copy(update={"relations": ("[1.A]=[1.1.A]+[1.2.A]", "[1.1.A]=[2.A]+[1.A]", "[2.A]=[2.A]")})
    assert cells.totals(ring) == {"1.A": ("1.1.A", "1.2.A")}


def test_what_is_checked_of_the_notes_is_said() -> None:
    shown = loanwatch("form", "show", "1104/G01II", "--env", "test").stdout
    assert "[1.]=[1.1]+[1.2]；  (held to)" in shown and "[1.A]=G01_[62.C]  (with G01)" in shown


def test_the_synthetic_ledger_tells_the_cells_that_shipped_forms_leave_to_it() -> None:
    asked = {
        (form.name, cell) for form in Form.all(CONF) if form.layout.cells and (form.folder / mapping.FILE).is_file()
        for cell in form.mapping.told
    }  # fmt: skip
    told = [(form, cell) for form, cell, _ in figures.cells()]
    assert set(told) == asked and len(told) == len(asked) > 400
