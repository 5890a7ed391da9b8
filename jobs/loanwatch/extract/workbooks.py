"""The official workbooks, read into layouts. What one does not have where it should is named with its file and row."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from loanwatch.errors import UsageError
from loanwatch.extract import anacredit, volume_1104
from loanwatch.extract.layout import Field, Layout, digest_of

Row = Mapping[str, str]


def layout(form: str, workbooks: Sequence[Path]) -> Layout:
    """The layout of `<regulator>/<form>`, by the workbooks of its regulator; UsageError for another regulator or workbook."""
    regulator, _, name = form.partition("/")
    if regulator not in REGULATORS or not name:
        raise UsageError(f"{form}: no workbook of {regulator!r} can be read; there are {', '.join(REGULATORS)}, as east/503")
    return REGULATORS[regulator](form, name, workbooks)


def east(form: str, number: str, workbooks: Sequence[Path]) -> Layout:
    """EAST 5.0: a workbook of fields, one of tables (in full or not), one of data elements (formats that a field leaves out)."""
    of = {path: rows(path) for path in workbooks}
    fields = _with(of, "数据项代码")
    tables = _with(of, "报送模式")
    elements = _with(of, "数据元英文")
    formats = {row["数据元编码"]: row["格式"] for row in of[elements]}
    for path, needed in ((fields, _OF_FIELDS), (tables, ("数据表编号",)), (elements, ("数据元编码", "格式"))):
        _check(path, of[path], needed)
    mine = [row for row in of[fields] if row["表编号"] == number and row["数据项代码"]]
    told = [row for row in of[tables] if row["数据表编号"] == number]
    if not mine or not told:
        raise UsageError(f"{form}: {(tables if mine else fields).name} has no table {number}")
    return Layout(
        form=form, code=mine[0]["传输文件名称"], title=mine[0]["表名"], edition="EAST 5.0",
        sends="full" if told[0]["报送模式"].startswith("全量") else "incremental",
        workbooks={path.name: digest_of(path) for path in (fields, tables, elements)},
        fields=tuple(_east_field({**row, "格式": row["格式"] or formats.get(row["数据元编码"], "")}) for row in mine),
    )  # fmt: skip


def _east_field(row: Row) -> Field:
    codes, begins = listed(row["数据元说明"]) if row["格式"].startswith("C") else ((), "")
    return Field(
        code=row["数据项代码"], number=row["数据项编号"], name=row["数据项名称"], format=row["格式"],
        element=row["数据元编码"], key=row["备注"].startswith("PK"), codes=codes, open=begins,
        instead=(NO_DAY,) if f"填{NO_DAY}" in row["备注"] else (),
    )  # fmt: skip


LONGEST_WORD = 16
NO_DAY = "00000000"  # in place of a day, where a note asks for it
_OF_FIELDS = (
    "传输文件名称", "表名", "表编号", "数据项名称", "数据项编号", "数据项代码", "数据元编码", "数据元说明", "格式", "备注",
)  # fmt: skip
_OF_ESMA = ("TEMPLATE CATEGORY", "FIELD CODE", "FIELD NAME", "CONTENT TO REPORT", "ND1-ND4 allowed?", "ND5 allowed?", "FORMAT")
# What a data element says where it lists no words: whence its words are, or how it is written.
_NO_LIST = re.compile(r"《|参照|遵循|默认值|为单位|唯一性|以此类推")
_OTHER = re.compile(r"[\d.]*其他[-－—]")
_NO_WORD = re.compile(r"的|^银行自定义")  # what the words are of, or that the bank makes up its own
_NUMBERED = "（序号+名称）："
_OF_CUSTOMERS = re.compile(r"\S{2,4}客户：")


def listed(words: str) -> tuple[tuple[str, ...], str]:
    """The words that the description of a data element lists, and how others begin; none where it lists none.

    A list is its first sentence, or the first of a line a kind of customer: `正常，关注，次级，可疑，损失。` Words with numbers
    (`序号+名称`) may hold commas of their own.
    """
    found: list[str] = []
    first, *more = words.splitlines() or [""]
    for line in (first, *(line for line in more if _OF_CUSTOMERS.match(line))):
        sentence = line.partition("。")[0].rpartition("：")[2]
        numbered = _NUMBERED in line
        parts = [part.strip() for part in re.split("；" if numbered else "[，、；]", sentence)]
        parts = [part for part in parts if numbered or not _NO_WORD.search(part)]
        short = max(map(len, parts), default=0) <= LONGEST_WORD and not _NO_LIST.search(sentence)
        if len(parts) > 1 and (numbered or short):
            found += parts
    begins = next((other[0] for part in found if (other := _OTHER.match(part))), "")
    return tuple(dict.fromkeys(part for part in found if not _OTHER.match(part))), begins


def esma(form: str, name: str, workbooks: Sequence[Path]) -> Layout:
    """An annex of underlying exposures (Delegated Regulation (EU) 2020/1224), a row a field."""
    (path,) = _one(form, workbooks)
    body = rows(path)
    _check(path, body, _OF_ESMA)
    mine = [row for row in body if row["FORMAT"]]
    if not mine:
        raise UsageError(f"{form}: {path.name} has no fields")
    return Layout(
        form=form, code=mine[0]["FIELD CODE"].rstrip("0123456789"), title=mine[0]["TEMPLATE CATEGORY"],
        edition="Delegated Regulation (EU) 2020/1224", sends="full", blanks=False, workbooks={path.name: digest_of(path)},
        fields=tuple(_esma_field(row) for row in mine),
    )  # fmt: skip


def _esma_field(row: Row) -> Field:
    instead = [f"ND{n}" for n in range(1, 5)] if row["ND1-ND4 allowed?"] == "YES" else []
    instead += ["ND5"] if row["ND5 allowed?"] == "YES" else []
    codes = {code: " ".join(label.split()) for label, code in _CODE.findall(row["CONTENT TO REPORT"])}
    return Field(
        code=row["FIELD CODE"], name=" ".join(row["FIELD NAME"].split()), format=row["FORMAT"],
        codes=codes if row["FORMAT"] == "{LIST}" else (), instead=tuple(instead),
    )  # fmt: skip


_CODE = re.compile(r"(\S[^\n]*?)\s*\(([A-Z0-9]{4})\)[^\S\n]*(?=\n|$)")


def returns_1104(form: str, name: str, workbooks: Sequence[Path]) -> Layout:
    """A form of cells of the off-site returns, by the volume of them."""
    (path,) = _one(form, workbooks)
    return volume_1104.layout(form, name, path)


def register(form: str, name: str, workbooks: Sequence[Path]) -> Layout:
    """A dataset of the register of credit in the euro area, by the manual's examples."""
    (path,) = _one(form, workbooks)
    return anacredit.layout(form, name, path)


REGULATORS: dict[str, Callable[[str, str, Sequence[Path]], Layout]] = {
    "east": east, "esma": esma, "1104": returns_1104, "anacredit": register,
}  # fmt: skip


def rows(path: Path) -> list[Row]:
    """The rows of a workbook's first sheet below its head, by the head's words; UsageError where it is none."""
    try:
        sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
        head, *body = ([_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; name the regulator's own workbook") from None
    except (InvalidFileException, zipfile.BadZipFile, ValueError, KeyError):
        raise UsageError(f"{path}: not an Excel workbook (.xlsx); name the regulator's own") from None
    return [dict(zip(head, row, strict=False)) for row in body]


def _check(path: Path, body: Sequence[Row], needed: Sequence[str]) -> None:
    if missing := [name for name in needed if not body or name not in body[0]]:
        raise UsageError(f"{path.name} has no column {', '.join(map(repr, missing))}; is it the regulator's own, of this edition?")


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _with(of: Mapping[Path, list[Row]], word: str) -> Path:
    """The workbook that has a column of that name."""
    for path, body in of.items():
        if body and word in body[0]:
            return path
    given = _names(of)
    raise UsageError(
        f"no workbook among {given} has a column {word}; give EAST数据结构.xlsx, EAST表结构.xlsx and EAST元数据说明.xlsx"
    )


def _one(form: str, workbooks: Sequence[Path]) -> Sequence[Path]:
    if len(workbooks) != 1:
        raise UsageError(f"{form}: one workbook says it all; {len(workbooks)} given")
    return workbooks


def _names(paths: Iterable[Path]) -> str:
    return ", ".join(path.name for path in paths)
