"""Tables of regulators' documents as grids of squares: of a Word document, and of the workbooks that are put into one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree

import openpyxl
import xlrd
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles.colors import COLOR_INDEX

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class Square(NamedTuple):
    """What stands in a place; whether it has a grey ground, which means that no data belong there, and spans several columns.

    What spans several columns or rows stands in each of them.
    """

    text: str = ""
    grey: bool = False
    wide: bool = False


Grid = list[list[Square]]


def of_word(table: ElementTree.Element) -> Grid:
    """Of a table of a Word document."""
    grid: Grid = []
    for row in table.iter(f"{W}tr"):
        squares: list[Square] = []
        for cell in row.findall(f"{W}tc"):
            span, goes_on = _merged(cell)
            above = grid[-1][len(squares)] if goes_on and grid and len(squares) < len(grid[-1]) else Square()
            squares += [Square(above.text if goes_on else words(cell), _is_grey(_ground(cell)), span > 1)] * span
        grid.append(squares)
    width = max(map(len, grid), default=0)
    return [[*row, *[Square()] * (width - len(row))] for row in grid]


def _merged(cell: ElementTree.Element) -> tuple[int, bool]:
    """How many columns a cell spans, and whether it goes on with the one above."""
    span, down = cell.find(f"{W}tcPr/{W}gridSpan"), cell.find(f"{W}tcPr/{W}vMerge")
    across = int(span.get(f"{W}val", "1")) if span is not None else 1
    return across, down is not None and down.get(f"{W}val", "continue") != "restart"


def _ground(cell: ElementTree.Element) -> str:
    shade = cell.find(f"{W}tcPr/{W}shd")
    return shade.get(f"{W}fill", "") if shade is not None else ""


def words(element: ElementTree.Element) -> str:
    """The text of a paragraph or a cell."""
    return "".join(part.text or "" for part in element.iter(f"{W}t")).strip()


def of_workbook(content: bytes) -> Iterator[Grid]:
    """Of each sheet of a workbook, of either format."""
    yield from _of_xlsx(content) if content.startswith(b"PK") else _of_xls(content)


def _of_xlsx(content: bytes) -> Iterator[Grid]:
    for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets:
        grid = [[Square(_told(cell.value), _grey_cell(cell)) for cell in row] for row in sheet.iter_rows()]
        for area in sheet.merged_cells.ranges:
            text, wide = grid[area.min_row - 1][area.min_col - 1].text, area.max_col > area.min_col
            for row in grid[area.min_row - 1 : area.max_row]:
                for place in range(area.min_col - 1, min(area.max_col, len(row))):
                    row[place] = Square(text, row[place].grey, wide)
        yield grid


def _grey_cell(cell: Cell | MergedCell) -> bool:
    """White of the theme, darkened, is grey too."""
    fill = cell.fill
    if fill is None or fill.fill_type is None:
        return False
    colour = fill.fgColor
    if colour.type == "theme":
        return bool(colour.theme == 0 and colour.tint < 0)
    return _is_grey((COLOR_INDEX[colour.indexed] if colour.type == "indexed" else str(colour.rgb))[-6:])


def _of_xls(content: bytes) -> Iterator[Grid]:
    book = xlrd.open_workbook(file_contents=content, formatting_info=True)
    for sheet in book.sheets():
        grid = [[_square(book, sheet, row, place) for place in range(sheet.ncols)] for row in range(sheet.nrows)]
        for top, bottom, left, right in sheet.merged_cells:
            for row in grid[top:bottom]:
                row[left:right] = [Square(grid[top][left].text, of.grey, right - left > 1) for of in row[left:right]]
        yield grid


def _square(book: xlrd.Book, sheet: xlrd.sheet.Sheet, row: int, place: int) -> Square:
    ground = book.xf_list[sheet.cell_xf_index(row, place)].background
    colour = book.colour_map.get(ground.pattern_colour_index) if ground is not None and ground.fill_pattern else None
    return Square(_told(sheet.cell_value(row, place)), colour is not None and _is_grey("".join(f"{part:02X}" for part in colour)))


def _told(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else "" if value is None else str(value).strip()


def _is_grey(colour: str) -> bool:
    return len(colour) == 6 and colour[:2] == colour[2:4] == colour[4:] and "000000" < colour.upper() < "F0F0F0"
