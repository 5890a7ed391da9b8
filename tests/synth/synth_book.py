"""What was written, read again as a reader of the inbox would."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from loanwatch.admit.delivery import MANIFEST, Manifest
from loanwatch.admit.feeds import FEEDS
from loanwatch.columns import ARROW

START = date(2024, 3, 1)
LOANS, DAYS, SEED = 2000, 24, 11


class Book:
    """A written book: its deliveries in order, and the rows of a feed through all of them."""

    def __init__(self, out: Path) -> None:
        self.out = out
        found = [(path.parent, Manifest.model_validate_json(path.read_text())) for path in out.rglob(MANIFEST)]
        self.deliveries = sorted(found, key=lambda item: (item[1].business_on, str(item[0])))

    def rows(self, feed: str) -> pa.Table:
        """All rows of a feed, in order of delivery, with the sender and business date of each."""
        parts = [delivered(folder, manifest) for folder, manifest in self.deliveries if manifest.feed == feed]
        return pa.concat_tables(parts)

    def truth(self, name: str) -> pa.Table:
        return pq.read_table(self.out / "truth" / f"{name}.parquet")


def delivered(folder: Path, manifest: Manifest) -> pa.Table:
    feed = FEEDS[manifest.feed]
    types = {column.name: ARROW[column.type] for column in feed.file_columns}
    options = pa_csv.ConvertOptions(column_types=types, strings_can_be_null=True)
    parts = []
    for file in manifest.files:
        path = folder / file.name
        parts.append(
            pa_csv.read_csv(path, convert_options=options) if path.suffix == ".csv" else pq.ParquetFile(path).read()
        )
    rows = pa.concat_tables(parts)
    rows = rows.append_column("sender", pa.repeat(pa.scalar(manifest.sender), len(rows)))
    return rows.append_column("business_on", pa.repeat(pa.scalar(manifest.business_on), len(rows)))
