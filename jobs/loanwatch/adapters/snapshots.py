"""Whole snapshots as changes: what of a snapshot is new or changed since the one before it.

What was delivered is remembered beside the inbox, `snapshots/<feed>/<sender>/<business date>.parquet`: business keys and
digests of rows, no values. A row that is gone is neither repaid nor taken back, for the snapshot does not say which:
nothing is delivered, and its key is listed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loanwatch import calendars
from loanwatch.errors import NotNow, UsageError
from loanwatch.tables import Feed

BETWEEN, NOTHING = "\x1f", "\x00"


@dataclass(frozen=True)
class Changes:
    """Which rows are to be delivered, and the keys of those that the snapshot before had and this one has not.

    `remembered` is what is kept of the snapshot itself.
    """

    rows: npt.NDArray[np.bool_]
    gone: tuple[str, ...]
    remembered: pa.Table


@dataclass(frozen=True)
class Snapshots:
    """The snapshots of one feed from one sender."""

    folder: Path
    feed: Feed
    calendar: str

    def check(self, on: date) -> None:
        """NotNow where the snapshot before has not come; UsageError for a date that can have none any more."""
        if not calendars.is_business(self.calendar, on):
            raise UsageError(f"snapshot of {self.feed.name}: {on} is no date of the calendar {self.calendar!r}")
        if not (newest := self._newest()):
            return
        if on < newest:
            raise UsageError(f"snapshot of {self.feed.name}, {on}: that of {newest} is in already and was compared without it")
        due = calendars.next_date(self.calendar, newest)
        if on > due:
            raise NotNow(f"snapshot of {self.feed.name}, {on}: waits for the one before, of {due}; import that first")

    def changes(self, text: pa.Table) -> Changes:
        """What to deliver of a snapshot; one of the same date as the newest is a correction of it."""
        newest = self._newest()
        now = _remembered(self.feed, text)
        if newest is None:
            return Changes(np.ones(len(text), bool), (), now)
        before = pq.read_table(self._path(newest))
        known = pc.is_in(pc.binary_join_element_wise(now["key"], now["digest"], BETWEEN),
                         pc.binary_join_element_wise(before["key"], before["digest"], BETWEEN))  # fmt: skip
        gone = before["key"].filter(pc.invert(pc.is_in(before["key"], now["key"])))
        return Changes(~known.to_numpy(), tuple(gone.unique().to_pylist()), now)

    def keep(self, on: date, changes: Changes) -> None:
        """Remember a snapshot, once its changes are delivered."""
        path = self._path(on)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".tmp")
        pq.write_table(changes.remembered, unfinished)
        unfinished.replace(path)

    def _newest(self) -> date | None:
        return max((date.fromisoformat(path.stem) for path in self.folder.glob("*.parquet")), default=None)

    def _path(self, on: date) -> Path:
        return self.folder / f"{on.isoformat()}.parquet"


def _remembered(feed: Feed, text: pa.Table) -> pa.Table:
    key = [name for name in feed.identity if name in text.column_names]
    digests = [hashlib.blake2b(row.encode(), digest_size=16).hexdigest() for row in joined(text, text.column_names).to_pylist()]
    return pa.table({"key": joined(text, key), "digest": pa.array(digests, pa.string())})


def joined(text: pa.Table, names: Sequence[str]) -> pa.ChunkedArray:
    """Each row as one text; nothing is another text than the empty one."""
    told = [pc.fill_null(text[name], NOTHING) for name in names]
    return pc.binary_join_element_wise(*told, BETWEEN) if told else pa.chunked_array([pa.array([""] * len(text))])
