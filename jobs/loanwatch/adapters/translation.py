"""Rows of a sender as rows of ours: each column renamed, parsed, translated, or constant.

A cell that cannot be read is marked: as `?` and its text it goes into the delivery, where no column with a type, a code
list or a number's form takes it, so that admission turns the row away with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch.adapters import cells
from loanwatch.adapters.fitting import DEFAULTS, kind
from loanwatch.adapters.mapping import REJECT, Cell, Rows
from loanwatch.columns import ARROW, LOAN_ID, Column

Flags = npt.NDArray[np.bool_]
UNREAD = "?"
SHOWN = 40  # characters of a cell that cannot be read


@dataclass
class Translated:
    """Values by column, null where nothing is said or nothing could be read; the text of either; and the faults."""

    values: dict[str, pa.Array]
    text: dict[str, pa.Array]
    faults: list[tuple[str, str, Flags]] = field(default_factory=list)


def translated(rows: Rows, columns: Mapping[str, Column], theirs: pa.Table, sender: str) -> Translated:
    """All rows of a file as a mapping says them; `sender` is put before the numbers of loans, customers and assets."""
    result = Translated({}, {})
    for name, cell in rows.columns.items():
        column = columns[name]
        given = _given(cell, column, theirs)
        values = _values(cell, column, given, sender)
        unread = pc.and_(pc.is_valid(given), pc.is_null(values))
        result.values[name] = values
        result.text[name] = _text(values, given, unread)
        if pc.any(unread).as_py():
            what = "not of the words that the mapping translates" if cell.codes else f"not {kind(cell, column)}"
            result.faults.append((name, what, unread.to_numpy(zero_copy_only=False)))
    return result


def _given(cell: Cell, column: Column, theirs: pa.Table) -> pa.Array:
    """What the sender says; numbers and dates folded to plain digits."""
    if cell.constant is not None:
        return pa.repeat(pa.scalar(cell.constant), len(theirs))
    parts = [cells.whole(theirs[name]) for name in cell.from_]
    given = parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "-")
    given = cells.without(given, cell.empty)
    own_words = column.type == "string" and column.pattern is None and not cell.codes
    return given if own_words else cells.folded(given)


def _values(cell: Cell, column: Column, given: pa.Array, sender: str) -> pa.Array:
    if cell.codes:
        given = _ours(cell, given)
    ours = bool(cell.codes) or cell.constant is not None  # words of the mapping are written as our types are
    parse = DEFAULTS[column.type] if ours else kind(cell, column)
    if parse in cells.DATE_KINDS:
        return cells.dates(given, parse, cell.day)
    if parse in cells.NUMBER_KINDS:
        given = cells.spelled_out(given) if cell.exponent else given
        return _narrowed(cells.numbers(given, parse, cell.places), column)
    if parse == "boolean":
        return cells.booleans(given)
    if column.pattern == LOAN_ID.pattern:
        return pc.binary_join_element_wise(pa.scalar(sender), given, ":")
    return given


def _ours(cell: Cell, given: pa.Array) -> pa.Array:
    """The words of ours; the empty cell is a word too, where the mapping translates it."""
    words = pc.dictionary_encode(pc.fill_null(given, "") if "" in cell.codes else given)
    otherwise = None if cell.otherwise == REJECT else cell.otherwise
    ours = pa.array([cell.codes.get(word, otherwise) for word in words.dictionary.to_pylist()], pa.string())
    return ours.take(words.indices)


def _narrowed(values: pa.Array, column: Column) -> pa.Array:
    if column.type == "int":
        fits = pc.less_equal(pc.abs(values), 999_999_999)
        values = pc.if_else(fits, values, pa.scalar(None, pa.int64()))
    return values.cast(ARROW[column.type])


def _text(values: pa.Array, given: pa.Array, unread: pa.Array) -> pa.Array:
    marked = pc.binary_join_element_wise(pa.scalar(UNREAD), pc.utf8_slice_codeunits(given, 0, SHOWN), "")
    return pc.if_else(unread, marked, values.cast(pa.string()))

