"""The facts of each row: types, ranges, vocabularies, keys and whose loans a sender may speak of.

Given a block of delivered rows, it returns typed columns and, for each row, every fault. Faults name
the column and what is wrong, never the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch.columns import ARROW, ASSET_ID, CUSTOMER_ID, LOAN_ID, WITHDRAWN, Column
from loanwatch.tables import Feed

Mask = npt.NDArray[np.bool_]

OWNED = (LOAN_ID.name, CUSTOMER_ID.name, ASSET_ID.name)
LONGEST_TEXT = 1_000
_LETTER, _DIGIT = re.compile(r"[^\W\d_]"), re.compile(r"\d")


@dataclass
class Checked:
    """A block's rows, typed (null where a value does not parse), and its faults: column, what, which rows."""

    columns: dict[str, pa.Array]
    faults: list[tuple[str, str, Mask]] = field(default_factory=list)

    def bad(self, rows: int) -> Mask:
        """Which rows have a fault."""
        masks = [mask for _, _, mask in self.faults]
        return np.logical_or.reduce(masks) if masks else np.zeros(rows, dtype=bool)

    def unparsed(self, column: str, rows: int) -> Mask:
        """Which rows have a value in a column that is not of its type."""
        masks = [mask for name, what, mask in self.faults if name == column and what.startswith("not a ")]
        return np.logical_or.reduce(masks) if masks else np.zeros(rows, dtype=bool)

    def reasons(self, row: int) -> list[str]:
        """Every fault of one row."""
        return [f"{column}: {what}" for column, what, mask in self.faults if mask[row]]


def check(feed: Feed, rows: pa.Table, sender: str, business_on: date, sent_on: date | None = None) -> Checked:
    """The rows of a block, typed and checked against the facts of the feed's columns.

    Without `sent_on` it was sent on its business date.
    """
    checked = Checked({})
    for column in (*feed.file_columns, WITHDRAWN):
        delivered = _cells(rows, column.name)
        values = checked.columns[column.name] = _typed(delivered, column, checked)
        default = _default(feed, column, business_on)
        if default is not None:
            checked.columns[column.name] = values = pc.fill_null(values, pa.scalar(default, values.type))
        for what, holds in _facts(column, values, feed, sender):
            if not pc.all(holds, min_count=0).as_py():  # of what is null nothing can be said
                _fault(checked, column.name, what, pc.invert(pc.fill_null(holds, True)))
        if column.required and values.null_count:
            unparsed = pa.array(checked.unparsed(column.name, len(rows)))
            _fault(checked, column.name, "missing", pc.and_not(pc.is_null(values), unparsed))
    for column in feed.file_columns:
        _required_with(column, checked, len(rows))
        _between(column, checked)
        _not_too_far(column, feed, checked)
    _has_happened(feed, max(business_on, sent_on or business_on), checked)
    _adds_up(feed, checked)
    _some_of(feed, checked, len(rows))
    return checked


def _some_of(feed: Feed, checked: Checked, rows: int) -> None:
    """Of some columns at least one is told; what does not parse is a fault of its own."""
    if not feed.some_of:
        return
    told = np.zeros(rows, bool)
    for name in feed.some_of:
        told |= checked.columns[name].is_valid().to_numpy(zero_copy_only=False) | checked.unparsed(name, rows)
    others = f" and no {' or '.join(feed.some_of[1:])} either" if feed.some_of[1:] else ""
    _fault(checked, feed.some_of[0], f"missing{others}", pa.array(~told))


def _adds_up(feed: Feed, checked: Checked) -> None:
    """Shares of an amount, where any is told, add up to it to the minor unit."""
    if feed.adds_up is None:
        return
    whole, parts = feed.adds_up
    shares = [checked.columns[part] for part in parts]
    together, told = pa.scalar(0, pa.int64()), pa.scalar(False)
    for share in shares:
        together, told = pc.add(together, pc.fill_null(share, 0)), pc.or_(told, pc.is_valid(share))
    differs = pc.fill_null(pc.not_equal(together, checked.columns[whole]), False)
    _fault(checked, whole, f"not the sum of {', '.join(parts)}", pc.and_(told, differs))


def _required_with(column: Column, checked: Checked, rows: int) -> None:
    """A value that has to stand beside some words of another column."""
    if column.required_where is None:
        return
    other, words = column.required_where
    asked = pc.fill_null(pc.is_in(checked.columns[other], pa.array(words)), False)
    missing = pc.and_not(pc.is_null(checked.columns[column.name]), pa.array(checked.unparsed(column.name, rows)))
    _fault(checked, column.name, f"missing where {other} is one of {', '.join(words)}", pc.and_(asked, missing))


def _between(column: Column, checked: Checked) -> None:
    """The least and the most that go by the word of another column."""
    other, bounds = column.between_where or ("", ())
    for word, least, most in bounds:
        values, of_word = checked.columns[column.name], pc.equal(checked.columns[other], word)
        for what, beyond in ((f"below {least}", pc.less(values, least)), (f"above {most}", pc.greater(values, most))):
            _fault(checked, column.name, f"{what} where {other} is {word}", pc.fill_null(pc.and_(of_word, beyond), False))


def _has_happened(feed: Feed, told_on: date, checked: Checked) -> None:
    """Nothing is told of what has not happened yet."""
    if feed.past:
        later = pc.greater(checked.columns[feed.on.name], pa.scalar(told_on, pa.date32()))
        _fault(checked, feed.on.name, "after the delivery", pc.fill_null(later, False))


def _not_too_far(column: Column, feed: Feed, checked: Checked) -> None:
    """A year at most so many after that of the row's date."""
    if column.years_ahead is not None:
        latest = pc.add(pc.year(checked.columns[feed.on.name]), column.years_ahead)
        ahead = pc.fill_null(pc.greater(checked.columns[column.name], latest), False)
        _fault(checked, column.name, f"more than {column.years_ahead} years after {feed.on.name}", ahead)


def shape(text: str) -> str:
    """A value's shape: letters as x, digits as 9, cut to 40 characters; all that is kept of a broken value."""
    return _DIGIT.sub("9", _LETTER.sub("x", text[:40]))


def _cells(rows: pa.Table, name: str) -> pa.Array:
    if name not in rows.column_names:
        return pa.nulls(len(rows), pa.string())
    column = rows[name].combine_chunks()
    return column.chunk(0) if isinstance(column, pa.ChunkedArray) else column


def _default(feed: Feed, column: Column, business_on: date) -> date | bool | None:
    if feed.state and column.name == feed.on.name:
        return business_on
    return False if column.name == WITHDRAWN.name else None


def _facts(column: Column, values: pa.Array, feed: Feed, sender: str) -> Iterator[tuple[str, pa.Array]]:
    """Each fact of a column as (what is wrong where it fails, where it holds)."""
    if column.at_least is not None:
        yield f"below {column.at_least}", pc.greater_equal(values, column.at_least)
    if column.at_most is not None:
        yield f"above {column.at_most}", pc.less_equal(values, column.at_most)
    if column.codes is not None:
        holds = pc.is_in(values, pa.array(column.codes.words))
        yield f"not of the code list {column.codes.name}", pc.or_(holds, pc.is_null(values))
    if column.pattern is not None:
        yield "not a well-formed number", pc.match_substring_regex(values, f"^(?:{column.pattern})$")
    if column.type == "string":
        yield f"longer than {LONGEST_TEXT} characters", pc.less_equal(pc.utf8_length(values), LONGEST_TEXT)
    if feed.sent_by == "partner" and column.name in OWNED:
        yield "names another partner's", pc.starts_with(values, pattern=f"{sender}:")


def _fault(checked: Checked, column: str, what: str, where: pa.Array) -> None:
    if pc.any(where).as_py():
        checked.faults.append((column, what, where.to_numpy(zero_copy_only=False)))


def _typed(cells: pa.Array, column: Column, checked: Checked) -> pa.Array:
    """The cells as the column's type; a cell that does not parse becomes null and a fault."""
    wanted = ARROW[column.type]
    if pa.types.is_large_string(cells.type) or pa.types.is_string_view(cells.type):
        cells = cells.cast(pa.string())
    if cells.type == wanted:
        return _trimmed(cells) if column.type == "string" else cells
    if pa.types.is_string(cells.type) and column.type != "string":
        values = _parsed(_plain(_trimmed(cells)), column)
        _fault(checked, column.name, f"not a {column.type}", pc.and_(pc.is_valid(cells), pc.is_null(values)))
        return values
    try:
        if column.type == "date" and not pa.types.is_temporal(cells.type):
            raise pa.ArrowInvalid("a number is no date")
        return cells.cast(wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        _fault(checked, column.name, f"not a {column.type}", pc.is_valid(cells))
        return pa.nulls(len(cells), wanted)


def _trimmed(cells: pa.Array) -> pa.Array:
    if not pc.any(pc.match_substring_regex(cells, r"^\s|\s$|^$")).as_py():
        return cells
    trimmed = pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _plain(cells: pa.Array) -> pa.Array:
    """Numbers and dates as a program writes them: full-width digits folded, separators of thousands gone."""
    if pc.any(pc.invert(pc.string_is_ascii(cells))).as_py():
        cells = pc.utf8_normalize(cells, "NFKC")
    separated = pc.match_substring_regex(cells, r"^[+-]?\d{1,3}(,\d{3})+$")
    return pc.if_else(separated, pc.replace_substring(cells, ",", ""), cells) if pc.any(separated).as_py() else cells


def _parsed(cells: pa.Array, column: Column) -> pa.Array:
    wanted = ARROW[column.type]
    if column.type == "date":
        spelled = pc.dictionary_encode(cells)
        days = pa.array([_day(text) for text in spelled.dictionary.to_pylist()], wanted)
        return days.take(spelled.indices)
    if column.type == "boolean":
        words = pc.utf8_lower(cells)
        known = pc.is_in(words, pa.array(["true", "false", "1", "0"]))
        return pc.if_else(known, pc.is_in(words, pa.array(["true", "1"])), pa.scalar(None, wanted))
    digits = 9 if column.type == "int" else 18
    fits = pc.match_substring_regex(cells, rf"^[+-]?\d{{1,{digits}}}$")
    return pc.utf8_ltrim(pc.if_else(fits, cells, pa.scalar(None, pa.string())), "+").cast(wanted)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text and re.fullmatch(r"\d{4}-\d\d-\d\d|\d{8}", text) else None
    except ValueError:
        return None
