"""Arrow columns from arrays of integers: ids, dates, codes, amounts. Text is laid out as bytes, never in a loop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from loanwatch.synth.plan import NEVER, Flags, Ints

ZERO = ord("0")


def numbered(prefix: str, numbers: Ints, width: int) -> pa.StringArray:
    """The prefix, then each number with leading zeros: `P01:L0000042`."""
    head = np.frombuffer(prefix.encode(), np.uint8)
    text = np.empty((len(numbers), len(head) + width), np.uint8)
    text[:, : len(head)] = head
    text[:, len(head) :] = digits(numbers, width)
    return fixed_width(text)


def digits(numbers: Ints, width: int) -> npt.NDArray[np.uint8]:
    """The decimal digits of each number as a row of ASCII bytes, leading zeros included."""
    text = np.empty((len(numbers), width), np.uint8)
    rest = numbers
    for place in reversed(range(width)):
        rest, digit = np.divmod(rest, 10)
        text[:, place] = digit + ZERO
    return text


def fixed_width(text: npt.NDArray[np.uint8]) -> pa.StringArray:
    """Each row of bytes as one string."""
    rows, width = text.shape
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32) if width else np.zeros(rows + 1, np.int32)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(text)))


def words(vocabulary: Sequence[str | None], which: npt.NDArray[np.integer]) -> pa.StringArray:
    """The word at each index; none where it has none."""
    return pa.array(vocabulary, pa.string()).take(pa.array(which))


def dates(days: Ints) -> pa.Date32Array:
    """Day numbers as dates; NEVER becomes null."""
    return pa.array(days.astype(np.int32), mask=days >= NEVER).cast(pa.date32())


def amounts(minor: Ints, absent: Flags | None = None) -> pa.Int64Array:
    """Minor units; null where absent."""
    return pa.array(minor, pa.int64(), mask=absent)


def constant(word: str, rows: int) -> pa.StringArray:
    return pa.repeat(pa.scalar(word, pa.string()), rows)
