"""The index of a vault: which token belongs to a digest, sorted, in memory."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

TOKEN_BYTES = 16
TOKEN = re.compile(rf"[0-9a-f]{{{2 * TOKEN_BYTES}}}")
ENTRIES = pa.schema([("digest", pa.binary(TOKEN_BYTES)), ("token", pa.binary(TOKEN_BYTES))])
Digests = npt.NDArray[np.bytes_]


class Index:
    """Digest → token, sorted, in memory: 32 bytes an entry."""

    _cache: tuple[tuple[tuple[Path, int], ...], Index] | None = None

    def __init__(self, digests: Digests, tokens: Digests) -> None:
        order = np.argsort(digests, kind="stable")
        self._digests, self._tokens = digests[order], tokens[order]

    @classmethod
    def of(cls, segments: Sequence[Path]) -> Index:
        """The index of some segments; the last one asked for is kept."""
        key = tuple((path, path.stat().st_mtime_ns) for path in segments)
        if cls._cache is None or cls._cache[0] != key:
            tables = [pq.read_table(path, columns=["digest", "token"]) for path in segments]
            table = pa.concat_tables(tables) if tables else ENTRIES.empty_table()
            cls._cache = key, cls(_fixed(table["digest"]), _fixed(table["token"]))
        return cls._cache[1]

    def knows(self, digests: pa.ChunkedArray) -> pa.Array:
        wanted = _fixed(digests)
        return pa.array(
            self._digests[self._place(wanted)] == wanted if len(self._digests) else np.zeros(len(wanted), bool)
        )

    def tokens(self, digests: Sequence[bytes]) -> list[str]:
        """The tokens of digests, as hex; KeyError if one is not entered."""
        wanted = np.array(digests, dtype=f"S{TOKEN_BYTES}")
        place = self._place(wanted)
        if len(wanted) and not (self._digests[place] == wanted).all():
            raise KeyError("a value was not entered into the vault before it was to be replaced")
        # Not by tolist(): numpy strips trailing zero bytes.
        text, width = self._tokens[place].tobytes().hex(), 2 * TOKEN_BYTES
        return [text[i : i + width] for i in range(0, len(text), width)]

    def _place(self, wanted: Digests) -> npt.NDArray[np.intp]:
        return np.minimum(np.searchsorted(self._digests, wanted), max(len(self._digests) - 1, 0))


def _fixed(column: pa.ChunkedArray) -> Digests:
    """A column of digests or tokens as one numpy array."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], pa.binary(TOKEN_BYTES))
    return np.frombuffer(
        array.buffers()[1] or b"", dtype=f"S{TOKEN_BYTES}", count=len(array), offset=array.offset * TOKEN_BYTES
    )


def first_of_each(column: pa.ChunkedArray) -> pa.Array:
    """Positions of the first row of each distinct value."""
    _, first = np.unique(_fixed(column), return_index=True)
    return pa.array(np.sort(first))
