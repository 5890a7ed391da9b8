"""A sender's cells read as our types: dates, whole numbers, amounts. What does not parse is a fault, never a guess.

Full-width digits are folded and separators of thousands dropped first. A date in the calendar of the Republic of China
counts years from 1911.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

import pyarrow as pa
import pyarrow.compute as pc

DateKind = Literal[
    "iso", "yyyymmdd", "yyyy/mm/dd", "mm/dd/yyyy", "dd/mm/yyyy", "roc", "mmyyyy", "mm/yyyy", "yyyymm", "yyyy-mm"
]
NumberKind = Literal["integer", "amount", "percent", "fraction"]
Kind = Literal[DateKind, NumberKind, "text", "boolean"]
Day = Literal["first", "last"]

_Y, _M, _D = r"(?P<y>\d{4})", r"(?P<m>\d{1,2})", r"(?P<d>\d{1,2})"
_MM, _DD = r"(?P<m>\d\d)", r"(?P<d>\d\d)"
_ROC = r"(?:民國)?(?P<y>\d{2,3})"
DATES: dict[str, str] = {
    "iso": f"{_Y}-{_MM}-{_DD}",
    "yyyymmdd": f"{_Y}{_MM}{_DD}",
    "yyyy/mm/dd": f"{_Y}/{_M}/{_D}",
    "mm/dd/yyyy": f"{_M}/{_D}/{_Y}",
    "dd/mm/yyyy": f"{_D}/{_M}/{_Y}",
    "roc": rf"{_ROC}(?P<by>[/.-]){_M}(?P=by){_D}",
    "mmyyyy": f"{_MM}{_Y}",
    "mm/yyyy": f"{_M}/{_Y}",
    "yyyymm": f"{_Y}{_MM}",
    "yyyy-mm": f"{_Y}-{_MM}",
}
OTHER_ROC = (f"{_ROC}年{_M}月{_D}日", f"{_ROC}{_MM}{_DD}")
ROC_YEARS = 1911
DATE_KINDS = frozenset(get_args(DateKind))
NUMBER_KINDS = frozenset(get_args(NumberKind))
EXPONENT = re.compile(r"[+-]?[0-9](\.[0-9]{1,10})?[eE][+-]?[0-9]{1,2}")
MOST_DIGITS = 14  # before the point: with four places after it the result fits a long
PLACES = {"percent": 2, "fraction": 4}  # to basis points, rounded half away from zero


def whole(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array."""
    combined = column.combine_chunks()
    return combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined


def folded(cells: pa.Array) -> pa.Array:
    """Cells without spaces around them and with full-width letters and digits as plain ones; empty ones are null."""
    if pc.any(pc.invert(pc.string_is_ascii(cells))).as_py():
        cells = pc.utf8_normalize(cells, "NFKC")
    return trimmed(cells)


def trimmed(cells: pa.Array) -> pa.Array:
    cells = pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)


def without(cells: pa.Array, empty: Sequence[str]) -> pa.Array:
    """Cells, null where they say one of the words that mean nothing."""
    return pc.if_else(pc.is_in(cells, pa.array(empty, pa.string())), pa.scalar(None, pa.string()), cells) if empty else cells


def dates(cells: pa.Array, kind: str, day: Day | None) -> pa.Array:
    """Days; null where a cell is no date of that kind."""
    spelled = pc.dictionary_encode(cells)
    days = pa.array([a_date(text, kind, day) for text in spelled.dictionary.to_pylist()], pa.date32())
    return days.take(spelled.indices)


def a_date(text: str, kind: str, day: Day | None = None) -> date | None:
    """One date; of a month the first day, with `day` the first or last of its month."""
    spellings = (DATES[kind], *(OTHER_ROC if kind == "roc" else ()))
    found = next((match for spelling in spellings if (match := re.fullmatch(spelling, text, re.ASCII))), None)
    if found is None:
        return None
    parts = {name: int(value) for name, value in found.groupdict().items() if name != "by"}
    try:
        read = date(parts["y"] + (ROC_YEARS if kind == "roc" else 0), parts["m"], parts.get("d", 1))
    except ValueError:
        return None
    return read.replace(day={"first": 1, "last": monthrange(read.year, read.month)[1]}.get(day or "", read.day))


def numbers(cells: pa.Array, kind: str, places: int) -> pa.Array:
    """Whole numbers: as they stand, amounts in minor units, percentages and fractions in basis points."""
    separated = pc.match_substring_regex(cells, r"^[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$")
    cells = pc.if_else(separated, pc.replace_substring(cells, ",", ""), cells)
    point = r"(\.[0-9]{1,10})?" if kind != "integer" else ""
    fits = pc.match_substring_regex(cells, rf"^[+-]?[0-9]{{1,{MOST_DIGITS}}}{point}$")
    exact = pc.utf8_ltrim(pc.if_else(fits, cells, pa.scalar(None, pa.string())), "+").cast(pa.decimal128(24, 10))
    scaled = pc.multiply(exact, pa.scalar(Decimal(10 ** (0 if kind == "integer" else PLACES.get(kind, places)))))
    whole = pc.round(scaled, 0, "half_towards_infinity")
    if kind not in PLACES:
        whole = pc.if_else(pc.equal(whole, scaled), whole, pa.scalar(None, whole.type))
    return whole.cast(pa.int64())


def spelled_out(cells: pa.Array) -> pa.Array:
    """Numbers with an exponent (1.00E+05) as plain ones; others as they are."""
    words = pc.dictionary_encode(cells)
    plain = [format(Decimal(text), "f") if text and EXPONENT.fullmatch(text) else text for text in words.dictionary.to_pylist()]
    return pa.array(plain, pa.string()).take(words.indices)


def booleans(cells: pa.Array) -> pa.Array:
    words = pc.utf8_lower(cells)
    known = pc.is_in(words, pa.array(["true", "false", "1", "0"]))
    return pc.if_else(known, pc.is_in(words, pa.array(["true", "1"])), pa.scalar(None, pa.bool_()))
