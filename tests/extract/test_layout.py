"""Layouts are what the regulators' own workbooks say, and another edition shows as a difference."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli import loanwatch
from openpyxl import Workbook

from loanwatch.errors import UsageError
from loanwatch.extract import layout, workbooks

ROOT = Path(__file__).parents[2]
TEMPLATES = {
    "east": [f"china/{name}.xlsx" for name in ("EAST数据结构", "EAST表结构", "EAST元数据说明")],
    "1104": ["china/1104报表合辑【2024版】.docx"],
    "anacredit": ["anacredit/AnaCredit_Manual_Part_III_Examples_of_complete_reports.xlsx"],
    "esma": ["esma-securitisation/annex5_underlying_exposures-automobile.xlsx"],
}
BY_HAND = ("pboc",)  # of whose specification nothing is public but the codes
FORMS = sorted(path.parent for path in (ROOT / "conf" / "extracts").glob(f"*/*/{layout.FILE}")
               if path.parts[-3] not in BY_HAND)  # fmt: skip
HEADS: dict[str, list[str]] = {
    "fields": [
        "传输文件名称", "表名", "表编号", "数据项名称", "数据项编号", "数据项代码", "数据元编码", "数据元说明", "格式", "备注",
    ],
    "tables": ["数据表编号", "报送模式"],
    "elements": ["数据元编码", "数据元英文", "格式"],
}  # fmt: skip
BODIES: dict[str, list[list[str | None]]] = {
    "fields": [
        ["T", "表", "9", "号", "901", "H", "1", "编号。", "", "PK。"],
        ["T", "表", "9", "态", "902", "Z", "2", "正常、逾期，其他-银行自定义。另说", "C..30", None],
    ],
    "tables": [["9", "增量表，报送新增"]],
    "elements": [["1", "Number", "C..60"], ["2", "State", "C..30"]],
}


@pytest.mark.parametrize("folder", FORMS, ids=[f"{folder.parent.name}/{folder.name}" for folder in FORMS])
def test_the_layouts_are_what_the_workbooks_say(real_data: Path, folder: Path) -> None:
    of = [real_data / "20-regulatory-templates" / name for name in TEMPLATES[folder.parent.name]]
    said = workbooks.layout(f"{folder.parent.name}/{folder.name}", of)
    assert layout.written(said) == (folder / layout.FILE).read_text(encoding="utf-8")


def test_a_small_workbook(tmp_path: Path) -> None:
    one = workbooks.layout("east/9", written(tmp_path))
    assert (one.code, one.title, one.sends) == ("T", "表", "incremental")
    assert [(f.code, f.number, f.format, f.key, f.codes, f.open) for f in one.fields] == [
        ("H", "901", "C..60", True, (), ""), ("Z", "902", "C..30", False, ("正常", "逾期"), "其他-"),
    ]  # fmt: skip


def test_another_edition_shows_field_by_field(tmp_path: Path) -> None:
    before = workbooks.layout("east/9", written(tmp_path))
    rows = [
        ["T", "表", "9", "类", "903", "L", "2", "正常、核销。", "C..30", None],
        ["T", "表", "9", "态", "902", "Z", "2", "正常、核销，其他-银行自定义。", "C..20", "PK"],
    ]
    after = workbooks.layout("east/9", written(tmp_path, fields=rows))
    assert list(layout.changes(before, after)) == [
        "H 号: no more asked for", "L 类: new, C..30", "Z 态: format 'C..30' -> 'C..20'", "Z 态: key False -> True",
        "Z 态: codes +核销, -逾期",
    ]  # fmt: skip
    assert list(layout.changes(before, before)) == []


@pytest.mark.parametrize(
    ("form", "files", "said"),
    [
        ("fed/1", ["fields"], r"no workbook of 'fed' can be read; there are east, esma"),
        ("east", ["fields"], r"as east/503"),
        ("east/9", ["tables", "elements"], r"no workbook among tables.xlsx, elements.xlsx has a column 数据项代码"),
        ("east/8", ["fields", "tables", "elements"], r"fields.xlsx has no table 8"),
        ("esma/annex5", ["fields"], r"fields.xlsx has no column 'TEMPLATE CATEGORY'"),
        ("esma/annex5", ["fields", "tables"], r"one workbook says it all; 2 given"),
        ("east/9", ["text"], r"text.xlsx: not an Excel workbook"),
        ("east/9", ["gone"], r"gone.xlsx: No such file"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, form: str, files: list[str], said: str) -> None:
    written(tmp_path)
    (tmp_path / "text.xlsx").write_text("a,b\n")
    with pytest.raises(UsageError, match=said):
        workbooks.layout(form, [tmp_path / f"{name}.xlsx" for name in files])


def test_a_layout_that_was_edited_wrongly(tmp_path: Path) -> None:
    path = tmp_path / layout.FILE
    for text in ("[", "form: a\n", "- a\n", "\n"):
        path.write_text(text)
        with pytest.raises(UsageError, match="made by `loanwatch form layout`"):
            layout.read(path)


def test_from_the_command_line(tmp_path: Path) -> None:
    done = loanwatch("form", "list")
    assert (done.returncode, "east/503" in done.stdout, "esma/annex5" in done.stdout) == (0, True, True), done.stderr
    shown = loanwatch("form", "show", "east/705")
    assert "XDJJH (key)" in shown.stdout, shown.stdout + shown.stderr
    for form in ("../../etc/passwd", "east/..", "east"):
        wrong = loanwatch("form", "show", form)
        assert (wrong.returncode, "is no form" in wrong.stderr) == (2, True), wrong.stderr
    files = [f"--workbook={path}" for path in written(tmp_path)]
    new = loanwatch("form", "layout", "east/9", *files)
    assert (new.returncode, new.stdout) == (0, "east/9: new, 2 fields\n"), new.stderr


def written(folder: Path, **bodies: list[list[str | None]]) -> list[Path]:
    """The three workbooks of a small form."""
    paths = []
    for name, head in HEADS.items():
        book = Workbook()
        for row in (head, *bodies.get(name, BODIES[name])):
            book.worksheets[0].append(row)
        paths.append(folder / f"{name}.xlsx")
        book.save(paths[-1])
    return paths
