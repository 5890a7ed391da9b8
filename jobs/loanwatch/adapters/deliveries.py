"""Where adapters put deliveries: typed rows of a function, and text of a mapping as its sender would have written it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from loanwatch.admit.delivery import DeliveryWriter, Place
from loanwatch.admit.feeds import FEEDS
from loanwatch.errors import UsageError
from loanwatch.tables import Feed

LEDGER = "ledger"


@dataclass(frozen=True)
class Inbox:
    """The folder `inbox/` of one partner's deliveries, each sent on its business date."""

    folder: Path
    partner: str

    def send(self, name: str, on: date, table: pa.Table, *, even_empty: bool = False) -> None:
        """Typed rows as the first delivery of a feed for a date; nothing where there are none, unless asked."""
        if len(table) or even_empty:
            with DeliveryWriter(self.folder, FEEDS[name], self.place(name, on, 1), on, "parquet") as writer:
                writer.write(table)

    def send_text(self, feed: Feed, on: date, text: pa.Table, sums: Mapping[str, int]) -> None:
        """Rows as text, the next delivery of a feed for a date; `sums` are those of its amounts that could be read."""
        taken = self.place(feed.name, on, 1).folder(self.folder).parent
        sequence = 1 + max((int(path.name) for path in taken.glob("[0-9]*")), default=0)
        with _TextWriter(self.folder, feed, self.place(feed.name, on, sequence), on) as writer:
            writer.write(text)
            writer.sums = dict(sums)

    def place(self, name: str, on: date, sequence: int) -> Place:
        return Place(name, self.sender(name), on, sequence)

    def sender(self, name: str) -> str:
        """Master data come from our ledger, everything else from the partner."""
        return LEDGER if FEEDS[name].sent_by == "ledger" else self.partner


class _TextWriter(DeliveryWriter):
    """A CSV delivery whose cells need not be of their types: admission says which are not."""

    def _open(self) -> pq.ParquetWriter | pa_csv.CSVWriter:
        self.schema = pa.schema([pa.field(field.name, pa.string()) for field in self.schema])
        return super()._open()

    def write(self, table: pa.Table) -> None:
        rows = len(table)
        columns = [table[name] if name in table.column_names else pa.nulls(rows, pa.string()) for name in self.schema.names]
        self.rows += rows
        self._writer.write_table(pa.Table.from_arrays(columns, schema=self.schema))


def total(values: pa.Array) -> int:
    """The sum of what could be read."""
    return int(pc.sum(values).as_py() or 0)


def free(out: Path) -> Path:
    """The inbox below `out`, which has to be empty or not there yet."""
    folder = out / "inbox"
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty: name a new folder with --out, or remove it first")
    return folder
