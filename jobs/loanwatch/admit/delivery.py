"""A delivery: the folder `inbox/<feed>/<sender>/<business date>/<sequence>/`, its data files and its manifest.

The manifest is written last; without it the delivery is not there yet. Identity is feed, sender, business
date, sequence and the SHA-256 of the content.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Annotated, Literal, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from loanwatch.columns import ARROW
from loanwatch.tables import Feed

MANIFEST = "_manifest.json"

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]


class DataFile(BaseModel):
    """One data file as the manifest states it; `rows` without the header."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: FileName
    rows: Annotated[int, Field(ge=0)]
    bytes: Annotated[int, Field(ge=0)]
    sha256: Sha256


class Manifest(BaseModel):
    """What the sender says the delivery is: when it was sent, its files, the sums of its amounts.

    `version` is the feed's that it follows; without one, it is the newest that the columns fit.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    feed: str
    sender: str
    business_on: date
    sequence: Annotated[int, Field(ge=1)]
    sent_on: date
    version: Annotated[int, Field(ge=1)] | None = None
    files: tuple[DataFile, ...]
    sums: dict[str, int] = {}

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def sha256(self) -> str:
        """Content of the delivery: the hash of its files' hashes, in order."""
        return hashlib.sha256(" ".join(file.sha256 for file in self.files).encode()).hexdigest()


@dataclass(frozen=True)
class Place:
    """Where a delivery lies; the folder's date is the sender's business date."""

    feed: str
    sender: str
    business_on: date
    sequence: int

    def folder(self, inbox: Path) -> Path:
        return inbox / self.feed / self.sender / self.business_on.isoformat() / f"{self.sequence:03d}"

    def __str__(self) -> str:
        return f"{self.feed}/{self.sender}/{self.business_on.isoformat()}/{self.sequence:03d}"


class DeliveryWriter:
    """Writes one delivery as its sender would: data in one CSV or Parquet file, then the manifest.

    Tables handed to `write` have the feed's file columns (all of them, any order, and optionally
    `withdrawn`); missing facts are written as nulls.
    """

    def __init__(
        self, inbox: Path, feed: Feed, place: Place, sent_on: date, kind: Literal["csv", "parquet"] = "csv"
    ) -> None:
        self.feed, self.place, self.sent_on, self.kind = feed, place, sent_on, kind
        self.folder = place.folder(inbox)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path = self.folder / f"{feed.name}.{kind}"
        self.schema = pa.schema([pa.field(c.name, ARROW[c.type]) for c in feed.file_columns])
        self.sums = {column.name: 0 for column in feed.sums}
        self.rows = 0
        self._writer = self._open()

    def _open(self) -> pq.ParquetWriter | pa_csv.CSVWriter:
        if self.kind == "parquet":
            return pq.ParquetWriter(self.path, self.schema, compression="zstd")
        options = pa_csv.WriteOptions(quoting_style="needed", quoting_header="none")
        return pa_csv.CSVWriter(str(self.path), self.schema, write_options=options)

    def write(self, table: pa.Table) -> None:
        """Append rows; columns the table lacks become nulls."""
        columns = [
            table[f.name].cast(f.type) if f.name in table.column_names else pa.nulls(len(table), f.type)
            for f in self.schema
        ]
        rows = pa.Table.from_arrays(columns, schema=self.schema)
        for name in self.sums:
            self.sums[name] += pc.sum(rows[name]).as_py() or 0
        self.rows += len(rows)
        self._writer.write_table(rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
        if kind is None:
            self._seal()

    def _seal(self) -> None:
        with self.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        data = DataFile(name=self.path.name, rows=self.rows, bytes=self.path.stat().st_size, sha256=digest)
        place = self.place
        manifest = Manifest(
            feed=place.feed, sender=place.sender, business_on=place.business_on, sequence=place.sequence,
            sent_on=self.sent_on, version=self.feed.version, files=(data,), sums=self.sums,
        )  # fmt: skip
        text = json.dumps(manifest.model_dump(mode="json"), indent=2, sort_keys=True)
        (self.folder / MANIFEST).write_text(text + "\n")
