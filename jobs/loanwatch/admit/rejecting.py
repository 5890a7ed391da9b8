"""Rejected rows as `admit.rejected` keeps them: every reason, and the record without what must not be seen.

A column at a time, so that a delivery without a good row costs little more than one without a bad one.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch.admit.checking import Checked, Mask
from loanwatch.admit.key_hash import key_hash
from loanwatch.admit.tables import REJECTED
from loanwatch.columns import SENDER_ID, WITHDRAWN
from loanwatch.tables import Feed

Lines = npt.NDArray[np.int64]
NOT_ENOUGH_CELLS = "row: not as many cells as columns"
SHAPE_LETTERS = 40
_HIDDEN = json.dumps("***")
_SPECIAL = r'[\x00-\x1f"\\]'
_SHAPE_BYTES = bytes.maketrans(
    (string.ascii_letters + string.digits).encode(), b"x" * len(string.ascii_letters) + b"9" * len(string.digits)
)
_SPECIAL_BYTES = re.compile(_SPECIAL.encode())


def rejected(feed: Feed, rows: pa.Table, checked: Checked, bad: Mask, lines: Lines, sender: str) -> pa.Table:
    """The bad rows of a block: `line_no`, `reasons`, `record`, `key_hash`."""
    places = np.flatnonzero(bad)
    told = {
        "line_no": pa.array(lines[places], pa.int32()),
        "reasons": _reasons(checked, bad),
        "record": _records(feed, rows.take(pa.array(places)), checked, bad),
        "key_hash": _keys(feed, checked, bad, sender),
    }
    return pa.table(told)


def broken(lines: list[int]) -> pa.Table:
    """Rows that have the wrong number of cells: nobody knows which cell is which."""
    return pa.table({
        "line_no": pa.array(lines, pa.int32()),
        "reasons": pa.array([[NOT_ENOUGH_CELLS]] * len(lines), pa.list_(pa.string())),
        "record": pa.array(["{}"] * len(lines)),
        "key_hash": pa.nulls(len(lines), pa.int64()),
    })  # fmt: skip


def placed(rows: pa.Table, feed: Feed, delivery_no: int, file: str) -> pa.Table:
    """Rejected rows with the place they came from."""
    same = {"delivery_no": delivery_no, "feed": feed.name, "file": file}
    columns = [
        rows[f.name].cast(f.type) if f.name in rows.column_names
        else pa.repeat(pa.scalar(same[f.name], f.type), len(rows))
        for f in REJECTED.arrow
    ]  # fmt: skip
    return pa.table(columns, schema=REJECTED.arrow)


def business_key(feed: Feed) -> tuple[str, ...]:
    """What a row is about, for a correction to be found by: of a state the key without the date, which a correction may change."""
    return tuple(column.name for column in feed.key)


def _keys(feed: Feed, checked: Checked, bad: Mask, sender: str) -> pa.Array:
    """The hash of each bad row's business key; null where a part of it is faulty: that might be anything, even personal."""
    names = business_key(feed)
    faulty = [mask for column, _, mask in checked.faults if column in names]
    readable = ~np.logical_or.reduce([np.zeros(len(bad), bool), *faulty])[bad]
    good = pa.array(np.flatnonzero(bad)[readable])
    columns = [
        pa.repeat(sender, len(good)) if name == SENDER_ID.name else checked.columns[name].take(good) for name in names
    ]
    whole = np.zeros(int(bad.sum()), np.int64)
    if len(good):
        whole[readable] = key_hash(columns).to_numpy()
    return pa.array(whole, mask=~readable)


def _reasons(checked: Checked, bad: Mask) -> pa.Array:
    """Every fault of each bad row, as a list."""
    words = pa.array([f"{column}: {what}" for column, what, _ in checked.faults], pa.string())
    masks = np.array([mask[bad] for _, _, mask in checked.faults])
    _, which = np.nonzero(masks.T)
    offsets = np.concatenate([[0], np.cumsum(masks.sum(axis=0))])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), words.take(pa.array(which)))


def _records(feed: Feed, rows: pa.Table, checked: Checked, bad: Mask) -> pa.Array:
    """The rows as JSON: restricted values as ***, faulty ones as their shape."""
    restricted = {part for c in feed.row if c.restricted for part in (c.of or (c.name,))}
    open_names = {column.name for column in feed.file_columns} - restricted | {WITHDRAWN.name}
    parts = []
    for name in rows.column_names:
        column = rows[name].combine_chunks()
        cells = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
        if name in open_names:
            faulty = np.logical_or.reduce([np.zeros(len(bad), bool), *(m for c, _, m in checked.faults if c == name)])[bad]
            values = _quoted(_masked(_text(cells), faulty))
        else:
            values = pc.if_else(pc.is_valid(cells), pa.scalar(_HIDDEN), pa.scalar(None, pa.string()))
        parts.append(pc.binary_join_element_wise(f"{json.dumps(name)}: ", values, ""))
    joined = pc.binary_join_element_wise(*parts, ", ", null_handling="skip")
    return pc.binary_join_element_wise("{", joined, "}", "")


def _text(cells: pa.Array) -> pa.Array:
    try:
        return cells.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # a type that no feed has, or bytes that are no text
        return pa.array(["?" if value is not None else None for value in cells.to_pylist()], pa.string())


def _masked(cells: pa.Array, faulty: Mask) -> pa.Array:
    """Letters of faulty cells as x, digits as 9, cut short."""
    if not faulty.any():
        return cells
    return pc.if_else(pa.array(faulty), _shapes(pc.utf8_slice_codeunits(cells, 0, SHAPE_LETTERS)), cells)


def _shapes(cells: pa.Array) -> pa.Array:
    """The shapes of cells, ASCII ones byte by byte: a tenth of what the expressions cost."""
    if pc.all(pc.string_is_ascii(cells)).as_py() is not False:
        valid, offsets, data = cells.buffers()
        shaped = pa.py_buffer((data.to_pybytes() if data is not None else b"").translate(_SHAPE_BYTES))
        return pa.StringArray.from_buffers(len(cells), offsets, shaped, valid, -1, cells.offset)
    letters = pc.replace_substring_regex(cells, r"[\p{L}\p{Nl}\p{No}]", "x")
    return pc.replace_substring_regex(letters, r"\p{Nd}", "9")


def _quoted(cells: pa.Array) -> pa.Array:
    """Cells as JSON strings; the few that need it, escaped one by one."""
    plain = pc.binary_join_element_wise('"', cells, '"', "")
    if not _SPECIAL_BYTES.search(_bytes(cells)):  # one look at a column, not one at each cell
        return plain
    special = pc.fill_null(pc.match_substring_regex(cells, _SPECIAL), False)
    return pc.replace_with_mask(plain, special, pa.array(list(_escaped(cells.filter(special))), pa.string()))


def _bytes(cells: pa.Array) -> memoryview:
    """The text of all cells, one after the other; more where the column is a part of another one."""
    data = cells.buffers()[2]
    return memoryview(data) if data is not None else memoryview(b"")


def _escaped(cells: pa.Array) -> Iterator[str]:
    for text in cells.to_pylist():
        yield json.dumps(text, ensure_ascii=False)
