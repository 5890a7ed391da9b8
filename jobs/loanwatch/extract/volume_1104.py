"""The volume of off-site returns (1104), a Word document: of a form its table, and after it the notes with what has to hold."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from loanwatch.errors import UsageError
from loanwatch.extract.layout import Field, Layout, digest_of
from loanwatch.yaml_lines import twice

EDITION = "1104 2024"
AMOUNT = "D20.2"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ITEM = re.compile(r"(\d+(?:\.\d+)*[a-z]?)\.?\s*([^\d\s.].*)")
_COLUMN = re.compile(r"[A-Z]\d?")
_FORM = re.compile(r"([A-Z]\d+(?:_[IVX]+)?)\s*\S")
_NOTES = "填报说明"
_RELATIONS = re.compile(r".{0,4}表[内间](校验|核对)关系")
_RELATION = re.compile(r"\[[^\]]+\].*[=＝≤≥<>]")
Grid = list[list[str]]


@dataclass(frozen=True)
class Part:
    """A paragraph, or a table as a grid: what spans several columns or rows stands in each of them."""

    text: str = ""
    grid: tuple[tuple[str, ...], ...] = ()


def layout(form: str, name: str, volume: Path) -> Layout:
    """A form of cells, by the name of its folder: `G01II` is G01_II; UsageError where the volume does not have it as one."""
    parts = _parts(volume)
    code, begin, end = _found(form, name, parts, volume)
    fields = [field for part in parts[begin + 1 : end] if part.grid for field in _fields(part.grid)]
    if not fields:
        raise UsageError(f"{form}: {volume.name} has no table of {code} whose columns are lettered and whose items are numbered")
    if again := twice(field.code for field in fields):
        raise UsageError(f"{form}: {volume.name} numbers several cells of {code} alike: {', '.join(again)}")
    return Layout(
        form=form, code=code, title=parts[begin].text.removeprefix(code).strip(), edition=EDITION, sends="full", blanks=False,
        workbooks={volume.name: digest_of(volume)}, unit="万元", relations=tuple(_relations(parts, end, code)),
        fields=tuple(fields),
    )  # fmt: skip


def _found(form: str, name: str, parts: Sequence[Part], volume: Path) -> tuple[str, int, int]:
    """The form's code, where its heading stands above a table, and where its notes begin."""
    for n, part in enumerate(parts[:-1]):
        heading = _FORM.match(part.text)
        if heading and heading[1].replace("_", "") == name and parts[n + 1].grid:
            notes = (m for m in range(n, len(parts)) if parts[m].text.startswith(heading[1]) and _NOTES in parts[m].text)
            if (end := next(notes, None)) is not None:
                return heading[1], n, end
    raise UsageError(f"{form}: {volume.name} has no table under a heading {name}; forms are named as 1104/G01II")


def _fields(grid: Sequence[Sequence[str]]) -> Iterator[Field]:
    """The cells of a table: every numbered item in every lettered column."""
    at = next((n for n, row in enumerate(grid) if sum(bool(_COLUMN.fullmatch(cell)) for cell in row) and "A" in row), None)
    if at is None:
        return
    columns = {place: cell for place, cell in enumerate(grid[at]) if _COLUMN.fullmatch(cell)}
    items = [(n, found) for n, row in enumerate(grid) if n > at and (found := _item(row, min(columns)))]
    first = min((n for n, _ in items), default=len(grid))
    names = {place: next((row[place] for row in reversed(grid[at + 1 : first]) if row[place]), "") for place in columns}
    for _, (item, name) in items:
        for place, column in columns.items():
            yield Field(code=f"{item}.{column}", name=f"{name}，{names[place]}".rstrip("，"), format=AMOUNT)


def _item(row: Sequence[str], before: int) -> tuple[str, str] | None:
    """The number and the name of a row's item, which stand before its cells."""
    found = next((match for cell in row[:before] if (match := _ITEM.fullmatch(cell))), None)
    return (found[1], found[2]) if found else None


def _relations(parts: Sequence[Part], notes: int, code: str) -> Iterator[str]:
    """The relations in the notes of a form: those within it, then those with others; also such as `relations` cannot read yet."""
    reading = False
    for part in parts[notes + 1 :]:
        following = _FORM.match(part.text)
        if following and following[1] != code and "[" not in part.text:
            return
        if _RELATIONS.fullmatch(part.text):
            reading = True
        elif reading and _RELATION.match(part.text):
            yield part.text


def _parts(volume: Path) -> list[Part]:
    try:
        with zipfile.ZipFile(volume) as file:
            body = ElementTree.fromstring(file.read("word/document.xml")).find(f"{_W}body")  # noqa: S314
    except OSError as error:
        raise UsageError(f"{volume}: {error.strerror}; name the regulator's own volume") from None
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError):
        raise UsageError(f"{volume}: not a Word document (.docx); name the regulator's own") from None
    found = []
    for element in body if body is not None else ():
        if element.tag == f"{_W}p" and (text := _text(element)):
            found.append(Part(text))
        elif element.tag == f"{_W}tbl":
            found.append(Part(grid=tuple(map(tuple, _grid(element)))))
    return found


def _grid(table: ElementTree.Element) -> Grid:
    grid: Grid = []
    for row in table.iter(f"{_W}tr"):
        cells: list[str] = []
        for cell in row.findall(f"{_W}tc"):
            span, goes_on = _merged(cell)
            above = grid[-1][len(cells)] if goes_on and grid and len(cells) < len(grid[-1]) else ""
            cells += [above if goes_on else _text(cell)] * span
        grid.append(cells)
    width = max(map(len, grid), default=0)
    return [[*row, *[""] * (width - len(row))] for row in grid]


def _merged(cell: ElementTree.Element) -> tuple[int, bool]:
    """How many columns a cell spans, and whether it goes on with the one above."""
    span, down = cell.find(f"{_W}tcPr/{_W}gridSpan"), cell.find(f"{_W}tcPr/{_W}vMerge")
    across = int(span.get(f"{_W}val", "1")) if span is not None else 1
    return across, down is not None and down.get(f"{_W}val", "continue") != "restart"


def _text(element: ElementTree.Element) -> str:
    return "".join(part.text or "" for part in element.iter(f"{_W}t")).strip()
