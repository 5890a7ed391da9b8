"""The volume of off-site returns (1104), a Word document: of a form its table, or a workbook that is put there, and after it the
notes with what has to hold."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from loanwatch.errors import UsageError
from loanwatch.extract import grids
from loanwatch.extract.grids import Grid, Square, W, words
from loanwatch.extract.layout import Field, Layout, digest_of
from loanwatch.yaml_lines import twice

EDITION = "1104 2024"
AMOUNT, WHOLE = "D20.2", "I"
NEAR = 4  # paragraphs between a heading and its table
_O, _R = "{urn:schemas-microsoft-com:office:office}", "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_NUMBER = r"(\d+(?:\.\d+)*(?:\.?[a-z](?![A-Za-z]))?)"
_ITEM = re.compile(rf"(?:其中[：:]?\s*)?(附注)?{_NUMBER}(?:[.：]\s*|\s+|(?=[^\d\s.]))(\S*[^\d.\s].*)", re.DOTALL)
_APART = re.compile(rf"(?:附[：:]\s*)?{_NUMBER}")
_SECTION = re.compile(r"(附注)|第([IVXⅠⅡⅢⅣ]+)部分")
_COLUMN = re.compile(r"[A-Z]\d?")
_NAME = re.compile(r"([A-Z]\d+)([IVX]*)")
_FORM = re.compile(r"([A-Z]\d+(?:_[IVX]+)?)\s*\S")
_NOTES = "填报说明"
_RELATIONS = re.compile(r".{0,4}表[内间](校验|核对)(关系)?[：:]?")
_RELATION = re.compile(r"\[[^\]]+\].*[=＝≤≥<>]")
_PART = re.compile(r"第([IVXⅠⅡⅢⅣ一二三四]+)部分[：:]?")
_ROMAN = str.maketrans({"Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV", "一": "I", "二": "II", "三": "III", "四": "IV"})


@dataclass(frozen=True)
class Part:
    """A paragraph, a table, or workbooks that are put there."""

    text: str = ""
    table: Grid | None = None
    workbooks: tuple[bytes, ...] = ()

    @property
    def grids(self) -> list[Grid]:
        """What stands there as tables."""
        return [self.table] if self.table else [grid for content in self.workbooks for grid in grids.of_workbook(content)]


def layout(form: str, name: str, volume: Path) -> Layout:
    """A form of cells, by the name of its folder: `G01II` is G01_II; UsageError where the volume does not have it as one."""
    parts, code = _parts(volume), _code(form, name)
    begin, end, grid = _found(form, code, parts, volume)
    fields = list(_fields(grid))
    if not fields:
        raise UsageError(f"{form}: {volume.name} has no table of {code} whose columns are lettered and whose items are numbered")
    if again := twice(field.code for field in fields):
        raise UsageError(f"{form}: {volume.name} numbers several cells of {code} alike: {', '.join(again)}")
    return Layout(
        form=form, code=code, title=_FORM.sub(lambda m: m[0][-1], parts[begin].text, count=1), edition=EDITION, sends="full",
        blanks=False, workbooks={volume.name: digest_of(volume)}, unit="万元", relations=tuple(_relations(parts, end, code)),
        fields=tuple(fields),
    )  # fmt: skip


def _code(form: str, name: str) -> str:
    found = _NAME.fullmatch(name)
    if not found:
        raise UsageError(f"{form}: no form of the volume; they are named as 1104/G01II")
    return f"{found[1]}_{found[2]}" if found[2] else found[1]


def _found(form: str, code: str, parts: Sequence[Part], volume: Path) -> tuple[int, int, Grid]:
    """Where the form's heading stands above a table, where its notes begin, and the table; a heading may be of all parts of one."""
    base = code.partition("_")[0]
    for n, part in enumerate(parts):
        heading = _FORM.match(part.text)
        if not heading or heading[1] not in (code, base) or _NOTES in part.text:
            continue
        below: list[Grid] = []
        for following in parts[n + 1 : n + NEAR]:
            if (below := following.grids) or _FORM.match(following.text):
                break
        grid = next((of for of in below if heading[1] == code or _is_about(of[0][0].text, code)), None)
        notes = (m for m in range(n, len(parts)) if _NOTES in parts[m].text and _is_about(parts[m].text, code))
        if grid is not None and (end := next(notes, None)) is not None:
            return n, end, grid
    raise UsageError(f"{form}: {volume.name} has no table below a heading {code}; forms are named as 1104/G01II")


def _is_about(text: str, code: str) -> bool:
    """Whether it begins with the form's code, or with that of all its parts."""
    found = re.match(r"[A-Z]\d+(_[IVX]+)?", text)
    return found is not None and found[0] in (code, code.partition("_")[0])


def _fields(grid: Grid) -> Iterator[Field]:
    """The cells of a table: every numbered item in every lettered column, but where the ground is grey or a heading stands."""
    at = next((n for n, row in enumerate(grid) if any(square.text == "A" for square in row)), None)
    if at is None:
        return
    columns = {place: square.text for place, square in enumerate(grid[at]) if _COLUMN.fullmatch(square.text)}
    rows = [(grid[n], item, name) for n, item, name in _items(grid, at, min(columns))]
    first = next((n for n, row in enumerate(grid) if rows and row is rows[0][0]), len(grid))
    names = {place: next((row[place].text for row in reversed(grid[at + 1 : first]) if row[place].text), "") for place in columns}
    for row, item, name in rows:
        for place, column in columns.items():
            if not row[place].grey and not row[place].wide:
                said = " ".join(f"{name}，{names[place]}".rstrip("，").split())
                yield Field(code=f"{item}.{column}", name=said, format=WHOLE if "户数" in name or "家数" in name else AMOUNT)


def _items(grid: Grid, at: int, before: int) -> list[tuple[int, str, str]]:
    """Row, number and name of each item below the letters.

    A number that goes on from another item than the one above it is a misprint: the item stands where it stands. Where a heading
    begins the numbers anew, what is below is named by it too.
    """
    rows = [(n, row, _item(row, before)) for n, row in enumerate(grid[at + 1 :], at + 1)]
    if not any(found for _, _, found in rows):
        rows = [(n, row, _item_apart(row)) for n, row, _ in rows]
    numbers = {found[0] for _, _, found in rows if found}
    above, section, items = dict[int, str](), "", list[tuple[int, str, str, str]]()
    for n, row, found in rows:
        if found is None:
            heading = next((match for square in row[:before] if (match := _SECTION.match(square.text))), None)
            section = heading[1] or heading[2].translate(_ROMAN) if heading else section
            continue
        number, name = found
        depth = number.count(".")
        parent, own = above.get(depth - 1), number.rpartition(".")[0]
        if parent is not None and own != parent and own in numbers:
            number = f"{parent}.{number.rpartition('.')[2]}"
        above = {of: said for of, said in above.items() if of < depth} | {depth: number}
        items.append((n, section, number, name))
    anew = {of for _, of, number, _ in items if of and any(was == number and where != of for _, where, was, _ in items)}
    return [(n, f"{of if of in anew else ''}{number}", name) for n, of, number, name in items]


def _item(row: Sequence[Square], before: int) -> tuple[str, str] | None:
    """The number and the name of a row's item, the last that stands before its cells."""
    found = next((match for square in reversed(row[:before]) if (match := _ITEM.fullmatch(square.text))), None)
    return (f"{found[1] or ''}{found[2]}", found[3].strip()) if found else None


def _item_apart(row: Sequence[Square]) -> tuple[str, str] | None:
    """The same where the number has a column of its own."""
    found = _APART.fullmatch(row[0].text)
    return (found[1], row[1].text) if found and len(row) > 1 else None


def _relations(parts: Sequence[Part], notes: int, code: str) -> Iterator[str]:
    """The relations in the notes of a form: those within it, then those with others; also such as `relations` cannot read.

    Of notes about several parts of a form those of its own; of a form that has parts itself, those of the first.
    """
    reading, part, own = False, "", code.partition("_")[2] or "I"
    for paragraph in parts[notes + 1 :]:
        text = paragraph.text
        following = _FORM.match(text)
        if following and not _is_about(text, code) and "[" not in text:
            return
        if found := _PART.fullmatch(text):
            part = found[1].translate(_ROMAN)
        if _RELATIONS.fullmatch(text):
            reading, part = True, ""
        elif reading and part in ("", own) and _RELATION.match(text):
            yield text


def _parts(volume: Path) -> list[Part]:
    try:
        with zipfile.ZipFile(volume) as file:
            body = ElementTree.fromstring(file.read("word/document.xml")).find(f"{W}body")  # noqa: S314
            return [part for element in (body if body is not None else ()) if (part := _part(element, file))]
    except OSError as error:
        raise UsageError(f"{volume}: {error.strerror}; name the regulator's own volume") from None
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError):
        raise UsageError(f"{volume}: not a Word document (.docx); name the regulator's own") from None


def _part(element: ElementTree.Element, file: zipfile.ZipFile) -> Part | None:
    if element.tag == f"{W}tbl":
        return Part(table=grids.of_word(element))
    text = words(element) if element.tag == f"{W}p" else ""
    workbooks = tuple(content for of in element.iter(f"{_O}OLEObject") if (content := _embedded(of, file)))
    return Part(text, workbooks=workbooks) if text or workbooks else None


def _embedded(element: ElementTree.Element, file: zipfile.ZipFile) -> bytes:
    """The workbook that is put there; nothing where it is none."""
    if not element.get("ProgID", "").startswith("Excel."):
        return b""
    targets = ElementTree.fromstring(file.read("word/_rels/document.xml.rels"))  # noqa: S314
    path = next(of.get("Target", "") for of in targets if of.get("Id") == element.get(f"{_R}id"))
    return file.read(f"word/{path}")
