"""What a regulator says has to hold between cells: `[1.1]=[1.1.1]+[1.1.2]`, `[1.A]≥G11_II[2.A]`, `[E]≥[F]+[G]，适用于1-5行`, as the
notes of a form write it.

A cell is named by its item and its column, `1.1.A`. An item alone stands for its cell in every column, a column alone for its cell
of every item, or in those that the relation says it is about.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

_PLAIN = str.maketrans("＝＋－［］；，。（）≥≤", "=+-[];,.()><") | {ord(one): many for one, many in
                     {"Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV"}.items()}  # fmt: skip
_CELL = re.compile(r"([+\-]?)(?:第([IVX]+)部分|《?([A-Z]\d+(?:_+[IVX]+)?(?:_\d+)?)》?_*)?\[([^\]]+)\]")
_SIGNS = {"=": "=", ">": ">=", ">=": ">=", "<": "<=", "<=": "<="}
_SIGN = re.compile(r">=|<=|[=><]")
_COLUMN = re.compile(r"(?:^|\.?)([A-Z]\d?)\.?$")
_ABOUT = re.compile(r"[,;]?(?:本校验关系|核对关系|系)?仅?适用于(.+?)(列|行(?:及对应分项)?)?$")
_NAMES = re.compile(r"\[?([A-Z]\d?|\d+(?:\.\d+)*)\.?\]?(?:-\[?([A-Z]|\d+)\.?\]?)?")


@dataclass(frozen=True)
class Cell:
    """A cell of a form (None = this one), an item in every column (`column` empty), or a column of every item (`item` empty), taken
    away where `sign` is -1."""

    sign: int
    form: str | None
    item: str
    column: str

    @property
    def code(self) -> str:
        return f"{self.item}.{self.column}"

    @property
    def key(self) -> str:
        """Its name among cells of several forms."""
        return f"{self.form}[{self.code}]" if self.form else self.code

    def at(self, item: str, column: str) -> Cell:
        """Where it names no item, or no column, of these."""
        return Cell(self.sign, self.form, self.item or item, self.column or column)


@dataclass(frozen=True)
class Relation:
    """One side has to be `=`, `>=` or `<=` the other; `text` as the regulator wrote it.

    `about` are the columns, or the items, that it is said to be about; none = all. With `below`, what stands below an item too.
    """

    left: tuple[Cell, ...]
    sign: str
    right: tuple[Cell, ...]
    text: str
    about: tuple[str, ...] = ()
    below: bool = False

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (*self.left, *self.right)

    @property
    def forms(self) -> set[str]:
        """The other forms that it is about."""
        return {cell.form for cell in self.cells if cell.form}

    def among(self, cells: Collection[str]) -> Iterator[Relation]:
        """As it stands for each column, or item, that it is about, in a form of these cells; one without data there is nothing."""
        items, columns = parts(cells)
        for item, column in self._places(items, columns):
            left, right = ([cell.at(item, column) for cell in side] for side in (self.left, self.right))
            if any(cell.form is None and (cell.item not in items or cell.column not in columns) for cell in (*left, *right)):
                continue
            told = [tuple(cell for cell in side if cell.form or cell.code in cells) for side in (left, right)]
            if all(told):
                yield Relation(told[0], self.sign, told[1], self.text)

    def _places(self, items: Sequence[str], columns: Sequence[str]) -> Iterator[tuple[str, str]]:
        no_item, no_column = any(not cell.item for cell in self.cells), any(not cell.column for cell in self.cells)
        if no_item and not no_column:
            yield from ((item, "") for item in items if self._is_about(item))
        elif no_column and not no_item:
            yield from (("", column) for column in columns if not self.about or column in self.about)
        elif not no_item:
            yield "", ""

    def _is_about(self, item: str) -> bool:
        return not self.about or item in self.about or (self.below and any(item.startswith(f"{of}.") for of in self.about))

    def holds(self, shown: Mapping[str, Decimal]) -> bool:
        """Whether it does, by what stands in its cells."""
        left, right = (sum(cell.sign * shown[cell.key] for cell in side) for side in (self.left, self.right))
        return bool({"=": left == right, ">=": left >= right, "<=": left <= right}[self.sign])

    @property
    def total(self) -> tuple[str, tuple[str, ...]] | None:
        """A cell and those that it is the sum of, where it says that."""
        plain = all(cell.form is None and cell.sign > 0 for cell in self.cells)
        if self.sign == "=" and len(self.left) == 1 and plain:
            return self.left[0].code, tuple(cell.code for cell in self.right)
        return None


def within(texts: Iterable[str], code: str, cells: Collection[str]) -> Iterator[Relation]:
    """The relations of a form of these cells that are about itself alone, cell by cell."""
    for text in texts:
        yield from (one for relation in parsed(text, code) if not relation.forms for one in relation.among(cells))


def others(texts: Iterable[str], code: str, cells: Collection[str]) -> list[Relation]:
    """Those with other forms, cell by cell."""
    return [one for text in texts for relation in parsed(text, code) if relation.forms for one in relation.among(cells)]


def parts(cells: Collection[str]) -> tuple[list[str], list[str]]:
    """The items and the columns of a form of cells, in order."""
    split = [code.rpartition(".") for code in cells]
    return list(dict.fromkeys(item for item, _, _ in split)), list(dict.fromkeys(column for _, _, column in split))


def parsed(text: str, code: str = "") -> list[Relation]:
    """What a line in the notes of the form of that code says: `a=b=c` is two relations; none where it is no relation, but words."""
    plain = re.sub(r"\s", "", text.translate(_PLAIN)).rstrip(";,.")
    plain = re.sub(r"(\d\.)\[(\d)", r"[\1\2", plain)  # a misprint: 2.[3.14]
    plain = re.sub(r"(\w)\(([^()]+)\)", r"\1\2", plain)  # G31([1.A]+[2.A])
    plain = plain if "(" in plain else plain.rstrip(")")
    about = _ABOUT.search(plain)
    sides = _SIGN.split(plain[: about.start()].rstrip(";,.") if about else plain)
    signs = _SIGN.findall(plain[: about.start()] if about else plain)
    found = [_side(side, code) for side in sides]
    names = _names(about[1], items=(about[2] or "").startswith("行")) if about else ()
    if not signs or not all(found) or (about and not names):
        return []
    below = bool(about and about[2] and about[2].endswith("分项"))
    return [
        Relation(left, _SIGNS[sign], right, text.strip(), names, below)
        for (left, right), sign in zip(pairwise(found), signs, strict=True)
    ]


def _names(text: str, *, items: bool) -> tuple[str, ...]:
    """The columns or items that a list names: `A、B`, `A-G`, `[3]、[4]和[5]`; none where it is no such list."""
    left = _NAMES.sub("", text)
    if re.sub(r"[、,和及]", "", left):
        return ()
    found = list[str]()
    for first, last in _NAMES.findall(text):
        if first.isdigit() != items and not (items and "." in first):
            return ()
        if not last:
            found.append(first)
        elif items:
            found += [str(n) for n in range(int(first), int(last) + 1)]
        else:
            found += [chr(letter) for letter in range(ord(first), ord(last) + 1)]
    return tuple(found)


def _side(text: str, code: str) -> tuple[Cell, ...]:
    """Its cells, each of the form that was named last; none where anything else stands there."""
    cells, end, form = list[Cell](), 0, None
    for found in _CELL.finditer(text):
        if found.start() != end or (cells and not found[1]):
            return ()
        end = found.end()
        named = f"{code.partition('_')[0]}_{found[2]}" if found[2] else re.sub("_+", "_", found[3]) if found[3] else form
        form = None if named == code else named
        cells.append(_cell(-1 if found[1] == "-" else 1, form, found[4]))
    return tuple(cells) if end == len(text) and all(cell.item or cell.column for cell in cells) else ()


def _cell(sign: int, form: str | None, name: str) -> Cell:
    column = _COLUMN.search(name)
    item = (name[: column.start()] if column else name).rstrip(".")
    return Cell(sign, form, item, column[1] if column else "")
