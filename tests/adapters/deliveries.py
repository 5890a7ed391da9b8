"""An inbox that an adapter has filled: whether admission would take every row, and what each delivery is."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from loanwatch.admit.checking import check
from loanwatch.admit.delivery import MANIFEST, Manifest
from loanwatch.admit.feeds import FEEDS


def faults(inbox: Path) -> list[tuple[str, str, str]]:
    """Every fault that admission would find: delivery, column, what."""
    found = []
    for path in sorted(inbox.rglob(MANIFEST)):
        manifest = Manifest.model_validate_json(path.read_text())
        checked = check(FEEDS[manifest.feed], _rows(path.parent, manifest), manifest.sender, manifest.business_on)
        found += [(str(path.parent.relative_to(inbox)), column, what) for column, what, _ in checked.faults]
    return found


def contents(inbox: Path, through: str = "9999") -> dict[str, str]:
    """The digest of each delivery with a business date up to one."""
    manifests = {path.parent.relative_to(inbox): Manifest.model_validate_json(path.read_text()) for path in inbox.rglob(MANIFEST)}
    return {str(place): manifest.sha256 for place, manifest in manifests.items() if place.parts[2] <= through}


def _rows(folder: Path, manifest: Manifest) -> pa.Table:
    path = folder / manifest.files[0].name
    if path.suffix == ".parquet":
        return pq.ParquetFile(path).read()
    names = [column.name for column in FEEDS[manifest.feed].file_columns]
    return pa_csv.read_csv(path, convert_options=pa_csv.ConvertOptions(column_types=dict.fromkeys(names, "string")))
