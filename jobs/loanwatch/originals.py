"""Originals of deliveries, kept encrypted in the vault for `originals_kept_days`, found by delivery.

Files are cut into blocks of 16 MiB, each compressed and sealed with AES-GCM under its place, so that no block passes for
another. Blocks lie in append-only Parquet packs named by the business date on which they were taken in: a pack goes when
that date is long enough ago, counted in business dates, never by the clock.

A person's values cannot be cut out of an original. Whoever is erased, the originals of the deliveries with rows of that
person are destroyed whole; the ledger keeps their hashes. Of what was turned away nobody can say whose it is: the days kept
are its bound.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from loanwatch.errors import UsageError

BLOCK_BYTES = 16 * 1024 * 1024
NONCE_BYTES = 12
WAITING = ".originals"
PACK = pa.schema([
    ("delivery", pa.string()), ("file", pa.string()), ("block", pa.int32()), ("blocks", pa.int32()), ("size", pa.int32()),
    ("sealed", pa.binary()),
])  # fmt: skip
_CODEC = pa.Codec("zstd", compression_level=1)


@dataclass(frozen=True)
class Block:
    """A sealed block of a file of a delivery; `size` is in bytes, before it was compressed."""

    delivery: str
    file: str
    block: int
    blocks: int
    size: int
    sealed: bytes

    @property
    def place(self) -> bytes:
        return f"{self.delivery}\0{self.file}\0{self.block}/{self.blocks}\0{self.size}".encode()


def name_of(place: object, sha256: str) -> str:
    """What a delivery is found by: its place and the hash of its content."""
    return f"{place} {sha256}"


@dataclass(frozen=True)
class Originals:
    """The packs in a folder, under one key."""

    folder: Path
    cipher: AESGCM

    def packs(self) -> list[Path]:
        """The packs, oldest first."""
        return sorted(self.folder.glob("originals-*.parquet"))

    def keep(self, into: PackWriter, delivery: str, folder: Path, files: Sequence[str]) -> None:
        """Seal the files of a delivery that are there."""
        for name in files:
            path = folder / name
            if path.is_file():
                blocks = max(1, -(-path.stat().st_size // BLOCK_BYTES))
                with path.open("rb") as content:
                    for number in range(blocks):
                        into.write(self._sealed(delivery, name, number, blocks, content.read(BLOCK_BYTES)))

    def enter(self, waiting: Path, taken_on: date) -> None:
        """Make packs of what the workers have sealed."""
        taken = [int(path.stem.rsplit("-", 1)[1]) for path in self.packs()]
        for number, path in enumerate(sorted(waiting.glob(f"*{WAITING}")), 1 + max(taken, default=0)):
            path.replace(self.folder / f"originals-{taken_on}-{number:06d}.parquet")

    def take(self, delivery: str) -> dict[str, bytes]:
        """The files of a delivery, as they came; none where it is not kept, or no longer."""
        for pack in self.packs():
            found: dict[str, list[bytes]] = {}
            for block in _blocks(pack, delivery):
                found.setdefault(block.file, []).append(self._opened(block))
            if found:
                return {name: b"".join(parts) for name, parts in found.items()}
        return {}

    def drop_before(self, day: date) -> None:
        """Let go the packs that were taken in before a business date."""
        for pack in self.packs():
            if date.fromisoformat(pack.stem[len("originals-") :][:10]) < day:
                pack.unlink()

    def forget(self, deliveries: Collection[str]) -> int:
        """Destroy the originals of some deliveries; returns of how many. Broken off, it is done again to its end."""
        forgotten: set[str] = set()
        for pack in self.packs():
            held = set(pq.read_table(pack, columns=["delivery"])["delivery"].to_pylist())
            if unwanted := held.intersection(deliveries):
                _rewrite(pack, pack, (block for block in _blocks(pack) if block.delivery not in unwanted))
                forgotten |= unwanted
        return len(forgotten)

    def reseal(self, into: Originals) -> None:
        """The same packs in another folder under another key."""
        for pack in self.packs():
            again = (
                into._sealed(block.delivery, block.file, block.block, block.blocks, self._opened(block))
                for block in _blocks(pack)
            )
            _rewrite(pack, into.folder / pack.name, again)

    def _sealed(self, delivery: str, file: str, number: int, blocks: int, content: bytes) -> Block:
        block = Block(delivery, file, number, blocks, len(content), b"")
        nonce = os.urandom(NONCE_BYTES)
        packed = _CODEC.compress(content, asbytes=True)
        return Block(delivery, file, number, blocks, len(content), nonce + self.cipher.encrypt(nonce, packed, block.place))

    def _opened(self, block: Block) -> bytes:
        nonce, sealed = block.sealed[:NONCE_BYTES], block.sealed[NONCE_BYTES:]
        try:
            packed = self.cipher.decrypt(nonce, sealed, block.place)
        except InvalidTag:
            raise UsageError(f"{self.folder}: original {block.delivery} does not open: wrong key, or altered") from None
        return bytes(_CODEC.decompress(packed, block.size, asbytes=True))


class PackWriter:
    """A pack that is being written, made when the first block comes; small deliveries share a row group."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._waiting: list[Block] = []
        self._bytes = 0
        self._writer: pq.ParquetWriter | None = None

    def write(self, block: Block) -> None:
        self._waiting.append(block)
        self._bytes += len(block.sealed)
        if self._bytes >= BLOCK_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            columns = [[getattr(block, name) for block in self._waiting] for name in PACK.names]
            self._writer = self._writer or pq.ParquetWriter(self.path, PACK, compression="none", use_dictionary=False)
            self._writer.write_table(pa.table(columns, schema=PACK))
        self._waiting, self._bytes = [], 0

    def close(self) -> bool:
        """Whether there is a pack."""
        self._flush()
        if self._writer:
            self._writer.close()
        return self._writer is not None


def _blocks(pack: Path, delivery: str | None = None) -> Iterator[Block]:
    with pq.ParquetFile(pack) as file:
        for group in range(file.num_row_groups):
            if delivery is None or pc.any(pc.equal(file.read_row_group(group, ["delivery"])["delivery"], delivery)).as_py():
                rows = file.read_row_group(group)
                rows = rows if delivery is None else rows.filter(pc.equal(rows["delivery"], delivery))
                yield from (Block(**row) for row in rows.to_pylist())


def _rewrite(pack: Path, final: Path, blocks: Iterator[Block]) -> None:
    """Write blocks under a pack's name, only once they are whole; no pack where there are none."""
    writer = PackWriter(final.with_suffix(".half"))
    for block in blocks:
        writer.write(block)
    if not writer.close():
        pack.unlink()
        return
    with writer.path.open("rb") as file:
        os.fsync(file.fileno())  # what it replaces may be the only other copy
    writer.path.replace(final)
