"""The vault: personal values, kept encrypted beside the lake; everybody else sees tokens.

A token is 16 random bytes (hex), found again by the keyed hash of the normalised value, so the same
person has the same token whoever delivers it. Values are sealed with AES-GCM. Both lie in append-only
Parquet segments; a segment is there when its file has its final name. Workers get the vault's path and
the key's reference, never the key. A new key gets segments of its own, in a folder that `current` names.
"""

from __future__ import annotations

import hmac
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from loanwatch.errors import UsageError
from loanwatch.locks import lease
from loanwatch.originals import WAITING, Originals
from loanwatch.token_index import TOKEN_BYTES, Index, first_of_each
from loanwatch.vault_key import VaultKey

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
        return self._key.path

    @property
    def key_reference(self) -> str:
        """The key's reference, good from any working directory."""
        return self._key.reference

    @cached_property
    def _key(self) -> VaultKey:
        return VaultKey(self.path, self.key)

    @property
    def _home(self) -> Path:
        """The folder of the segments that are sealed with the key of now."""
        current = self.path / "current"
        return self.path / current.read_text() if current.exists() else self.path

    @contextmanager
    def lease(self, wait_seconds: float) -> Iterator[None]:
        """Hold the vault: lakes may share it, and one at a time enters, erases or re-keys."""
        with lease(self.path, "vault", wait_seconds):
            yield

    def prepare(self) -> None:
        """Make the vault; a new one gets a new key where the key is a file, an old one must find its own."""
        self.path.mkdir(parents=True, exist_ok=True)
        mark = self._home / "key.check"
        if not mark.exists() and not self.segments():
            self._key.make()
        if not mark.exists():
            mark.write_text(self._check)
        if not hmac.compare_digest(mark.read_text(), self._check):
            raise UsageError(f"vault {self.path}: {self.key} is not the key this vault is sealed with")

    @property
    def _check(self) -> str:
        return self._key.derived(b"loanwatch vault").hex()

    @cached_property
    def _index_key(self) -> bytes:
        return self._key.derived(b"index")

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self._key.derived(b"values"))

    @property
    def originals(self) -> Originals:
        """The originals of deliveries, under a key of their own."""
        return Originals(self._home, AESGCM(self._key.derived(b"originals")))

    def segments(self) -> list[Path]:
        """The committed segments, oldest first."""
        return sorted(self._home.glob("segment-*.parquet"))

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

    def enter(self, new: pa.Table) -> Path | None:
        """Give a token to each digest of `new` that the vault does not know, in one new segment; None where it knows all."""
        new = new.take(first_of_each(new["digest"]))
        new = new.filter(pc.invert(self.index.knows(new["digest"])))
        if not len(new):
            return None
        drawn = os.urandom(TOKEN_BYTES * len(new))
        tokens = [drawn[i * TOKEN_BYTES : (i + 1) * TOKEN_BYTES] for i in range(len(new))]
        segment = new.append_column("token", pa.array(tokens, pa.binary(TOKEN_BYTES)))
        number = 1 + max((int(path.stem.split("-")[1]) for path in self.segments()), default=0)
        path = self._home / f"segment-{number:06d}.parquet"
        _write(segment, path)
        return path

    def new_file(self, name: str) -> Path:
        """Where a worker lays sealed values that wait for their tokens."""
        folder = self.path / "new"
        folder.mkdir(exist_ok=True)
        return folder / f"{name}.parquet"

    def new_pack(self, name: str) -> Path:
        """Where a worker lays sealed originals until their batch is listed."""
        return self.new_file(name).with_suffix(WAITING)

    def enter_originals(self, taken_on: date) -> None:
        """Keep what the workers have sealed, as of a business date."""
        self.originals.enter(self.path / "new", taken_on)

    def enter_new(self) -> Path | None:
        """Enter what the workers have sealed, and forget their files; the new segment."""
        files = sorted((self.path / "new").glob("*.parquet"))
        segment = self.enter(pa.concat_tables([pq.read_table(file) for file in files])) if files else None
        self.forget_new()
        return segment

    def keep_used(self, segment: Path, used: pa.ChunkedArray) -> None:
        """Destroy the entries of a new segment whose tokens (hex) are not among those that came to be used."""
        rows = pq.read_table(segment)
        tokens = pa.array([token.hex() for token in rows["token"].to_pylist()], pa.string())
        _write(rows.filter(pc.is_in(tokens, used)), segment)

    def forget_new(self) -> None:
        """Remove what workers have left, that nobody waits for."""
        shutil.rmtree(self.path / "new", ignore_errors=True)

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

    def find(self, kind: str, value: str) -> str | None:
        """The token of a value; None where the vault does not know it."""
        digests = self.digests(kind, [value])
        known = self.index.knows(pa.chunked_array([pa.array(digests, pa.binary(TOKEN_BYTES))]))
        return self.index.tokens(digests)[0] if known[0].as_py() else None

    def forget(self, tokens: Iterable[str]) -> int:
        """Destroy entries: value, digest and token; returns how many. Broken off, it is done again to its end."""
        self._sweep()
        unwanted = pa.array([bytes.fromhex(token) for token in tokens], pa.binary(TOKEN_BYTES))
        forgotten = 0
        for path in self.segments():
            rows = pq.read_table(path)
            kept = rows.filter(pc.invert(pc.is_in(rows["token"], unwanted)))
            if len(kept) < len(rows):
                _write(kept, path)
                forgotten += len(rows) - len(kept)
        return forgotten

    def entries(self) -> int:
        """How many values it holds."""
        return sum(pq.read_metadata(path).num_rows for path in self.segments())

    def rotate(self, key: str) -> Vault:
        """Seal everything with another key, under the same tokens; the vault with that key.

        Until the last moment the vault opens with the key of before, from then on with the new one.
        """
        new = Vault(self.path, key)
        new._key.make()
        if new._key.secret == self._key.secret:
            raise UsageError(f"vault {self.path}: {key} is the key it is sealed with")
        self._sweep()
        before = self.segments()
        number = 1 + max((int(p.name.removeprefix("keyed-")) for p in self.path.glob("keyed-*")), default=0)
        home = self.path / f"keyed-{number:03d}"
        home.mkdir()
        (home / "key.check").write_text(new._check)
        for path in before:
            self._resealed(path, new, home / path.name)
        self.originals.reseal(replace(new.originals, folder=home))
        pointer = self.path / "current.half"
        pointer.write_text(home.name)
        pointer.replace(self.path / "current")
        self._sweep()
        return new

    def _sweep(self) -> None:
        """Remove what a rotation that was broken off has left: sealed values outside the home of now."""
        home = self._home
        for path in (*self.path.glob("segment-*"), *self.path.glob("originals-*"), *self.path.glob("keyed-*/*")):
            if path.parent != home:
                path.unlink()
        for folder in self.path.glob("keyed-*"):
            if folder != home:
                folder.rmdir()

    def _resealed(self, path: Path, new: Vault, into: Path) -> None:
        rows = pq.read_table(path)
        kinds, values = rows["kind"].to_pylist(), []
        for kind, sealed in zip(kinds, rows["sealed"].to_pylist(), strict=True):
            values.append(self._open(kind, sealed))
        parts = []
        for kind in sorted(set(kinds)):
            places = [i for i, of in enumerate(kinds) if of == kind]
            texts = [values[i] for i in places]
            sealed_anew = new.seal(kind, texts, new.digests(kind, texts))
            parts.append(sealed_anew.append_column("token", rows["token"].take(pa.array(places))))
        _write(pa.concat_tables(parts) if parts else SEGMENT.empty_table(), into)

    def _open(self, kind: str, sealed: bytes) -> str:
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], kind.encode()).decode()
        except InvalidTag:
            raise UsageError(
                f"vault {self.path}: a value does not open with {self.key}: wrong key, or altered"
            ) from None


def _write(segment: pa.Table, final: Path) -> None:
    """Write a segment, under its name only once it is whole."""
    half = final.with_suffix(".half")
    pq.write_table(segment.select(SEGMENT.names), half, compression="zstd")
    with half.open("rb") as file:
        os.fsync(file.fileno())  # what it replaces may be the only other copy
    half.replace(final)
