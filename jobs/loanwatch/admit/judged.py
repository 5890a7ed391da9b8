"""What goes out to a worker of admission and what comes back: a task, and a judgement of each of its deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from loanwatch.admit.delivery import Manifest, Place
from loanwatch.admit.staged_file import StagedFile
from loanwatch.tables import Feed


class Task(BaseModel):
    """Deliveries of one feed for one worker, each with the number it will have if the batch is committed."""

    model_config = ConfigDict(frozen=True)

    name: str
    feed: str
    inbox: Path
    feed_folder: Path
    rejected_folder: Path
    vault: Path
    vault_key: str
    keeps_originals: bool
    deliveries: tuple[tuple[int, str, date, int], ...]

    def places(self) -> Iterator[tuple[int, Place]]:
        for number, sender, business_on, sequence in self.deliveries:
            yield number, Place(self.feed, sender, business_on, sequence)


class Amount(BaseModel):
    """One total of a delivery, minor units: what the manifest states, and what became of it.

    stated = admitted + rejected + repeated, unless `unread`: in so many rows the amount cannot be read, and theirs is what
    is left. Nothing is stated where the manifest has no such sum.
    """

    stated: int | None = None
    admitted: int = 0
    rejected: int = 0
    repeated: int = 0
    unread: int = 0

    @property
    def read(self) -> int:
        return self.admitted + self.rejected + self.repeated

    def turned_away(self) -> Amount:
        """The same where the delivery is refused whole."""
        return self.model_copy(update={"admitted": 0, "rejected": self.admitted + self.rejected})

    def again(self) -> Amount:
        """The same where the delivery is a repeat of this one."""
        return self.model_copy(update={"admitted": 0, "rejected": 0, "repeated": self.admitted + self.rejected})


class Judged(BaseModel):
    """What became of one delivery; `reason` is why it was refused whole.

    `same_key` counts admitted rows beyond the first of their key, `newest_on` is the latest date of an admitted row.
    """

    delivery_no: int
    sha256: str
    sent_on: date | None = None
    version: int | None = None
    reason: str | None = None
    rows_in: int = 0
    rows_rejected: int = 0
    same_key: int = 0
    newest_on: date | None = None
    sums: dict[str, Amount] = {}

    def refused(self, reason: str) -> Judged:
        """The same, refused whole: nothing of it is admitted."""
        sums = {name: amount.turned_away() for name, amount in self.sums.items()}
        return self.model_copy(update={"reason": reason, "rows_rejected": 0, "same_key": 0, "newest_on": None, "sums": sums})


def unread(feed: Feed, number: int, sha256: str, manifest: Manifest, reason: str) -> Judged:
    """The judgement of a delivery that cannot be read as what it says it is: its rows and amounts are the manifest's."""
    sums = {}
    for column in feed.sums:
        stated = manifest.sums.get(column.name)
        sums[column.name] = Amount(stated=stated, rejected=stated or 0, unread=manifest.rows if stated is None else 0)
    return Judged(
        delivery_no=number, sha256=sha256, sent_on=manifest.sent_on, reason=reason, rows_in=manifest.rows, sums=sums
    )


class Outcome(BaseModel):
    """What a task did."""

    feed: str
    judged: list[Judged]
    rows: StagedFile | None = None
    rejected: StagedFile | None = None
