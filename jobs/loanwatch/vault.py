"""The vault: personal values, kept encrypted beside the lake; everybody else sees tokens.

A token is 16 random bytes (hex), found again by the keyed hash of the normalised value, so the same
person has the same token whoever delivers it. Values are sealed with AES-GCM. Both lie in append-only
Parquet segments; a segment is there when its file has its final name. Workers get the vault's path and
the key's reference, never the key.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from loanwatch.errors import UsageError

Digests = npt.NDArray[np.bytes_]

TOKEN_BYTES = 16
NONCE_BYTES = 12
SEALED = pa.schema([("digest", pa.binary(TOKEN_BYTES)), ("kind", pa.string()), ("sealed", pa.binary())])
SEGMENT = SEALED.append(pa.field("token", pa.binary(TOKEN_BYTES)))


def normalised(values: Sequence[str]) -> list[str]:
    """One spelling of each personal value: full-width forms folded, spaces and case gone."""
    folded = pc.utf8_normalize(pa.array(values, pa.string()), "NFKC")
    return pc.utf8_lower(pc.replace_substring_regex(folded, r"[\s\p{Z}\p{Cc}]+", "")).to_pylist()  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Vault:
    """A vault at a path; `key` is a reference: `file` (beside the vault), `file:PATH` or `env:NAME`."""

    path: Path
    key: str = "file"

    @property
    def key_path(self) -> Path:
        named = self.key.removeprefix("file").removeprefix(":")
        return Path(named) if named else self.path.with_name(f"{self.path.name}.key")

    @property
    def key_reference(self) -> str:
        """The key's reference, good from any working directory."""
        return self.key if self.key.startswith("env:") else f"file:{self.key_path.resolve()}"

    def prepare(self) -> None:
        """Make the vault; a new one gets a new key where the key is a file, an old one must find its own."""
        self.path.mkdir(parents=True, exist_ok=True)
        if not self.key.startswith("env:") and not self.key_path.exists() and not self.segments():
            descriptor = os.open(self.key_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32) + "\n")
        mark = self.path / "key.check"
        check = hmac.digest(self._secret, b"loanwatch vault", "sha256").hex()
        if not mark.exists():
            mark.write_text(check)
        if not hmac.compare_digest(mark.read_text(), check):
            raise UsageError(f"vault {self.path}: {self.key} is not the key this vault was made with")

    @cached_property
    def _secret(self) -> bytes:
        text = os.environ.get(self.key.removeprefix("env:")) if self.key.startswith("env:") else self._key_file()
        try:
            secret = bytes.fromhex((text or "").strip())
        except ValueError:
            secret = b""
        if len(secret) != 32:
            raise UsageError(f"vault {self.path}: no key at {self.key}; it has to hold 64 hexadecimal digits")
        return secret

    def _key_file(self) -> str | None:
        return self.key_path.read_text() if self.key_path.is_file() else None

    @cached_property
    def _index_key(self) -> bytes:
        return hmac.digest(self._secret, b"index", "sha256")

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(hmac.digest(self._secret, b"values", "sha256"))

    def segments(self) -> list[Path]:
        """The committed segments, oldest first."""
        return sorted(self.path.glob("segment-*.parquet"))

    def digests(self, kind: str, values: Sequence[str]) -> list[bytes]:
        """What values are found by: keyed BLAKE2b of kind and normalised value."""
        prefix, key = kind.encode() + b"\0", self._index_key
        return [blake2b(prefix + v.encode(), digest_size=TOKEN_BYTES, key=key).digest() for v in normalised(values)]

    def seal(self, kind: str, values: Sequence[str], digests: Sequence[bytes]) -> pa.Table:
        """Values encrypted, a row a value, ready to be entered."""
        cipher, aad = self._cipher, kind.encode()
        nonces = os.urandom(NONCE_BYTES * len(values))
        sealed = []
        for i, value in enumerate(values):
            nonce = nonces[i * NONCE_BYTES : (i + 1) * NONCE_BYTES]
            sealed.append(nonce + cipher.encrypt(nonce, value.encode(), aad))
        return pa.table([list(digests), [kind] * len(values), sealed], schema=SEALED)

    def enter(self, name: str, new: pa.Table) -> None:
        """Give a token to each digest of `new` that the vault does not know, in one new segment."""
        new = new.take(_first_of_each(new["digest"]))
        new = new.filter(pc.invert(self.index.knows(new["digest"])))
        if not len(new):
            return
        drawn = os.urandom(TOKEN_BYTES * len(new))
        tokens = [drawn[i * TOKEN_BYTES : (i + 1) * TOKEN_BYTES] for i in range(len(new))]
        segment = new.append_column("token", pa.array(tokens, pa.binary(TOKEN_BYTES)))
        final = self.path / f"segment-{name}.parquet"
        half = final.with_suffix(".half")
        pq.write_table(segment.select(SEGMENT.names), half, compression="zstd")
        half.replace(final)

    def new_file(self, name: str) -> Path:
        """Where a worker lays sealed values that wait for their tokens."""
        folder = self.path / "new"
        folder.mkdir(exist_ok=True)
        return folder / f"{name}.parquet"

    def enter_new(self, name: str) -> None:
        """Enter what the workers have sealed, and forget their files."""
        files = sorted((self.path / "new").glob("*.parquet"))
        if files:
            self.enter(name, pa.concat_tables([pq.read_table(file) for file in files]))
        self.forget_new()

    def forget_new(self) -> None:
        for file in (self.path / "new").glob("*"):
            file.unlink()

    @property
    def index(self) -> Index:
        """The index of digests as of now."""
        return Index.of(self.segments())

    def reveal(self, tokens: Iterable[str]) -> dict[str, str]:
        """The values of tokens; tokens that the vault does not know are left out."""
        wanted = pa.array([bytes.fromhex(token) for token in tokens], pa.binary(TOKEN_BYTES))
        found: dict[str, str] = {}
        for path in self.segments():
            rows = pq.read_table(path, columns=["token", "kind", "sealed"])
            for row in rows.filter(pc.is_in(rows["token"], wanted)).to_pylist():
                found[row["token"].hex()] = self._open(row["kind"], row["sealed"])
        return found

    def _open(self, kind: str, sealed: bytes) -> str:
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], kind.encode()).decode()
        except InvalidTag:
            raise UsageError(
                f"vault {self.path}: a value does not open with {self.key}: wrong key, or altered"
            ) from None


class Index:
    """Digest → token, sorted, in memory: 32 bytes an entry."""

    _cache: tuple[tuple[Path, ...], Index] | None = None

    def __init__(self, digests: Digests, tokens: Digests) -> None:
        order = np.argsort(digests, kind="stable")
        self._digests, self._tokens = digests[order], tokens[order]

    @classmethod
    def of(cls, segments: Sequence[Path]) -> Index:
        """The index of some segments; the last one asked for is kept."""
        key = tuple(segments)
        if cls._cache is None or cls._cache[0] != key:
            tables = [pq.read_table(path, columns=["digest", "token"]) for path in segments]
            table = pa.concat_tables(tables) if tables else SEGMENT.empty_table()
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


def _first_of_each(column: pa.ChunkedArray) -> pa.Array:
    """Positions of the first row of each distinct value."""
    _, first = np.unique(_fixed(column), return_index=True)
    return pa.array(np.sort(first))
