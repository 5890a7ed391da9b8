"""Deliveries written line by line: what the project's own writer would refuse to write, under a correct manifest."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

from loanwatch.admit.delivery import MANIFEST, DataFile, Manifest, Place
from loanwatch.columns import WITHDRAWN
from loanwatch.synth.plan import as_date
from loanwatch.tables import Feed

Row = dict[str, str]


@dataclass(frozen=True)
class Lines:
    """The lines of a CSV delivery as text, header apart."""

    feed: Feed
    place: Place
    rows: list[Row]

    def write(self, inbox: Path) -> None:
        """The delivery's file and manifest; the stated sums are over the amounts that are numbers."""
        folder = self.place.folder(inbox)
        folder.mkdir(parents=True, exist_ok=True)
        text = io.StringIO()
        marked = [WITHDRAWN.name] if any(WITHDRAWN.name in row for row in self.rows) else []
        writer = csv.DictWriter(text, [column.name for column in self.feed.file_columns] + marked, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        content = text.getvalue().encode()
        path = folder / f"{self.feed.name}.csv"
        path.write_bytes(content)
        data = DataFile(
            name=path.name, rows=len(self.rows), bytes=len(content), sha256=hashlib.sha256(content).hexdigest()
        )
        sums = {column.name: sum_of(self.rows, column.name) for column in self.feed.sums}
        place = self.place
        manifest = Manifest(
            feed=place.feed, sender=place.sender, business_on=place.business_on, sequence=place.sequence,
            sent_on=place.business_on, files=(data,), sums=sums,
        )  # fmt: skip
        stated = json.dumps(manifest.model_dump(mode="json"), indent=2, sort_keys=True)
        (folder / MANIFEST).write_text(stated + "\n")


def sum_of(rows: list[Row], column: str) -> int:
    """The sum of a column's whole numbers; anything else counts nothing."""
    return sum(int(row[column]) for row in rows if row[column].removeprefix("-").isdecimal())


def lines(inbox: Path, feed: Feed, sender: str, day: int, sequence: int = 1) -> Lines:
    """The lines of a CSV delivery that is there already."""
    place = Place(feed.name, sender, as_date(day), sequence)
    with (place.folder(inbox) / f"{feed.name}.csv").open(newline="") as file:
        return Lines(feed, place, list(csv.DictReader(file)))
