"""What a regulator says has to hold between cells: `[1.1]=[1.1.1]+[1.1.2]`, `[1.A]>=G11_II[2.A]`, as the notes of a form write it.

A cell is named by its item and its column, `1.1.A`; an item alone stands for its cell in every column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

_CELL = re.compile(r"([+\-]?)(?:《?([A-Z]\d+(?:_[IVX]+)?)》?_?)?\[([^\]]+)\]")
_SIGNS = {"=": "=", "≥": ">=", ">=": ">=", "≤": "<=", "<=": "<="}
_SIGN = re.compile(r">=|<=|[=≥≤]")
_COLUMN = re.compile(r"\.?([A-Z]\d?)$")


@dataclass(frozen=True)
class Cell:
    """A cell of a form (None = this one), or an item in every column (`column` empty), taken away where `sign` is -1."""

    sign: int
    form: str | None
    item: str
    column: str

    @property
    def code(self) -> str:
        return f"{self.item}.{self.column}"

    def at(self, column: str) -> Cell:
        """In a column, where it is an item alone."""
        return Cell(self.sign, self.form, self.item, self.column or column)


@dataclass(frozen=True)
class Relation:
    """One side has to be `=`, `>=` or `<=` the other; `text` as the regulator wrote it."""

    left: tuple[Cell, ...]
    sign: str
    right: tuple[Cell, ...]
    text: str

    @property
    def within(self) -> bool:
        """Whether all its cells are of one form."""
        return all(cell.form is None for cell in (*self.left, *self.right))

    def in_columns(self, columns: Iterable[str]) -> Iterator[Relation]:
        """As it stands for each column, where it names none."""
        cells = (*self.left, *self.right)
        for column in columns if any(not cell.column for cell in cells) else ("",):
            left, right = (tuple(cell.at(column) for cell in side) for side in (self.left, self.right))
            yield Relation(left, self.sign, right, self.text)

    def holds(self, shown: Mapping[str, Decimal]) -> bool:
        """Whether it does, by what stands in the cells of one form."""
        left, right = (sum(cell.sign * shown[cell.code] for cell in side) for side in (self.left, self.right))
        return bool({"=": left == right, ">=": left >= right, "<=": left <= right}[self.sign])

    @property
    def total(self) -> tuple[str, tuple[str, ...]] | None:
        """A cell and those that it is the sum of, where it says that."""
        if self.sign == "=" and len(self.left) == 1 and self.within and all(cell.sign > 0 for cell in self.right):
            return self.left[0].code, tuple(cell.code for cell in self.right)
        return None


def parsed(text: str) -> Relation | None:
    """What a line of the notes says; None where it is no such relation, but words."""
    plain = re.sub(r"\s", "", text.translate(str.maketrans("＝＋－［］；，。", "=+-[];,."))).rstrip(";,.")
    sides = _SIGN.split(plain)
    signs = _SIGN.findall(plain)
    if len(sides) != 2:
        return None
    found = [_side(side) for side in sides]
    if not all(found):
        return None
    return Relation(found[0], _SIGNS[signs[0]], found[1], text.strip())


def _side(text: str) -> tuple[Cell, ...]:
    """Its cells; none where anything else stands there."""
    cells, end = list[Cell](), 0
    for found in _CELL.finditer(text):
        if found.start() != end or (cells and not found[1]):
            return ()
        end = found.end()
        cells.append(_cell(-1 if found[1] == "-" else 1, found[2], found[3]))
    return tuple(cells) if end == len(text) else ()


def _cell(sign: int, form: str | None, name: str) -> Cell:
    column = _COLUMN.search(name)
    item = (name[: column.start()] if column else name).rstrip(".")
    return Cell(sign, form, item, column[1] if column else "")
