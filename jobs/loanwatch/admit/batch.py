"""Admission of a batch: stage, judge, commit the list, then write exactly that list.

All of it under the admission lock. Numbers are given before staging, so that the staged files, which
already lie in the feed tables' folders, can become part of the tables by one commit each, without being
read or written again. Only the commit of the list to `admit.batch` makes the numbers real: a process
killed before it leaves files that no table knows, and the next admission begins anew.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake.transaction import AddAction
from pydantic import BaseModel

from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.inbox import Arrival, arrivals, unknown_feeds
from loanwatch.admit.staged_file import StagedFile
from loanwatch.admit.staging import Judged, Outcome, Task
from loanwatch.admit.tables import BATCH, DELIVERY, REJECTED
from loanwatch.admit.tokens import restricted
from loanwatch.admit.versions import write_superseded
from loanwatch.admit.work import alone
from loanwatch.errors import NotNow
from loanwatch.lake import Lake, read
from loanwatch.vault import Vault

log = logging.getLogger(__name__)

# A worker gets about this much at a time, so that small deliveries share a file and large ones a core each.
TASK_BYTES = 128 * 1024 * 1024
# Up to this much the admitting process does it all in a few seconds; sending it to workers takes as long.
ALONE_BYTES = 16 * 1024 * 1024

WAIT_SECONDS = 600.0  # for another lake's admission into the same vault

PLACE = ("feed", "sender", "business_on", "sequence")


class Listed(BaseModel):
    """One delivery of the list."""

    feed: str
    sender: str
    business_on: date
    sequence: int
    stamp: str
    judged: Judged


class Listing(BaseModel):
    """The list of a batch: what it consists of, to the file. Repeats have no number and no rows."""

    batch_no: int
    first_delivery_no: int
    known_on: date
    deliveries: list[Listed]
    repeats: list[Listed]
    files: dict[str, list[StagedFile]]

    @property
    def through(self) -> int:
        return self.first_delivery_no + len(self.deliveries) - 1


@dataclass(frozen=True)
class Admission:
    """What admission needs: the lake, the vault, the inbox, and a pool of workers.

    `work(function, tasks)` performs `collect` or `stage` (staging.py) on tasks wherever there are cores;
    a small batch is done here.
    """

    lake: Lake
    vault: Vault
    inbox: Path
    work: Callable[[str, list[str]], list[str]]

    def admit(self, through: date) -> int:
        """Admit what has arrived with a business date up to `through`; returns K, the end of the last finished list."""
        with self.vault.lease(WAIT_SECONDS):
            return self._admit(through)

    def finish(self) -> None:
        """Finish the list that a killed admission has left, if there is one."""
        for listing in self._unfinished():
            self._finish(listing)

    def _admit(self, through: date) -> int:
        self.vault.prepare()
        self.finish()
        for name in unknown_feeds(self.inbox):
            log.warning("inbox folder %r is no feed; ignored. `loanwatch feeds` lists the feeds", name)
        if new := self._new(list(arrivals(self.inbox, through))):
            listing = self._stage(new, through)
            self._commit(listing)
            self._finish(listing)
        return self.known()

    def known(self) -> int:
        """K: the highest number of the last list that is finished."""
        rows = self.lake.rows(DELIVERY, columns=("delivery_no",))
        return max((number for number in rows["delivery_no"].to_pylist() if number), default=0)

    def _unfinished(self) -> list[Listing]:
        done = set(self.lake.rows(DELIVERY, columns=("batch_no",))["batch_no"].to_pylist())
        lists = self.lake.rows(BATCH).sort_by("batch_no").to_pylist()
        return [Listing.model_validate_json(row["listing"]) for row in lists if row["batch_no"] not in done]

    def _new(self, found: Sequence[Arrival]) -> list[Arrival]:
        """Arrivals that no receipt in the ledger speaks of yet."""
        columns = (*PLACE, "stamp")
        ledger = self.lake.rows(DELIVERY, columns=columns).to_pylist()
        seen = {tuple(row[name] for name in columns) for row in ledger}
        return [a for a in found if (*astuple(a.place), a.stamp) not in seen]

    def _stage(self, new: list[Arrival], through: date) -> Listing:
        """Read and judge what is new, under the numbers it will have."""
        lists = self.lake.rows(BATCH, columns=("batch_no", "through_delivery_no")).to_pylist()
        batch_no = 1 + max((row["batch_no"] for row in lists), default=0)
        first = 1 + max((row["through_delivery_no"] for row in lists), default=0)
        self._sweep(batch_no)
        repeats = self._repeats(new)
        numbered = dict(enumerate((a for a in new if a not in repeats), start=first))
        outcomes = self._work_on(batch_no, numbered)
        judged = {j.delivery_no: j for outcome in outcomes for j in outcome.judged}
        files: dict[str, list[StagedFile]] = defaultdict(list)
        for outcome in outcomes:
            files[outcome.feed] += [outcome.rows] if outcome.rows else []
            files[REJECTED.name] += [outcome.rejected] if outcome.rejected else []
        return Listing(
            batch_no=batch_no, first_delivery_no=first, known_on=through, files=files,
            deliveries=[_listed(a, judged.get(no) or _unopened(no, a)) for no, a in numbered.items()],
            repeats=[_listed(a, Judged(delivery_no=0, sha256=_sha256(a), rows_in=_rows(a))) for a in repeats],
        )  # fmt: skip

    def _work_on(self, batch_no: int, numbered: dict[int, Arrival]) -> list[Outcome]:
        tasks = list(self._tasks(batch_no, {no: a for no, a in numbered.items() if a.manifest}))
        work = self.work if sum(a.bytes for a in numbered.values()) > ALONE_BYTES else alone
        segment = None
        if personal := [t for t in tasks if restricted(FEEDS[t.feed])]:
            work("collect", [t.model_dump_json() for t in personal])
            segment = self.vault.enter_new()
        outcomes = [Outcome.model_validate_json(text) for text in work("stage", [t.model_dump_json() for t in tasks])]
        if segment:
            self._forget_turned_away(segment, [o for o in outcomes if restricted(FEEDS[o.feed])])
        return outcomes

    def _forget_turned_away(self, segment: Path, outcomes: Sequence[Outcome]) -> None:
        """Values of rows that were turned away stand for nobody in the lake: nobody could ever have them erased."""
        if not any(judged.reason or judged.rows_rejected for outcome in outcomes for judged in outcome.judged):
            return
        used = [pa.chunked_array([], pa.string())]
        for outcome in outcomes:
            if outcome.rows:
                names = [column.name for column in restricted(FEEDS[outcome.feed])]
                rows = pq.read_table(self.lake.at(FEEDS[outcome.feed].table) / outcome.rows.name, columns=names)
                used += [rows[name] for name in names]
        self.vault.keep_used(segment, pa.chunked_array([chunk for column in used for chunk in column.chunks], pa.string()))

    def _repeats(self, new: Iterable[Arrival]) -> list[Arrival]:
        """Arrivals that are, to the byte, a delivery admitted before."""
        columns = (*PLACE, "sha256")
        ledger = self.lake.rows(DELIVERY, "outcome = 'admitted'", columns).to_pylist()
        admitted = {tuple(row[name] for name in columns) for row in ledger}
        return [a for a in new if (*astuple(a.place), _sha256(a)) in admitted]

    def _tasks(self, batch_no: int, numbered: dict[int, Arrival]) -> Iterator[Task]:
        """Deliveries of one feed together, up to a task's size; a larger one alone."""
        by_feed: dict[str, list[int]] = defaultdict(list)
        for number, arrival in numbered.items():
            by_feed[arrival.place.feed].append(number)
        for feed, numbers in by_feed.items():
            self.lake.create(FEEDS[feed].table)
            for i, group in enumerate(_groups(numbers, {n: numbered[n].bytes for n in numbers})):
                yield Task(
                    name=f"batch-{batch_no:06d}-{feed}-{i:04d}", feed=feed, inbox=self.inbox.resolve(),
                    feed_folder=self.lake.at(FEEDS[feed].table).resolve(),
                    rejected_folder=self.lake.at(REJECTED).resolve(),
                    vault=self.vault.path.resolve(), vault_key=self.vault.key_reference,
                    deliveries=tuple((n, *astuple(numbered[n].place)[1:]) for n in group),
                )  # fmt: skip

    def _sweep(self, batch_no: int) -> None:
        """Remove what a killed admission staged under this number; no table knows it."""
        self.lake.create(REJECTED)
        for table in (REJECTED, *(feed.table for feed in FEEDS.values())):
            for stray in self.lake.at(table).glob(f"batch-{batch_no:06d}-*.parquet"):
                stray.unlink()
        self.vault.forget_new()

    def _commit(self, listing: Listing) -> None:
        delta = self.lake.create(BATCH)
        if any(number >= listing.batch_no for number in read(delta, columns=("batch_no",))["batch_no"].to_pylist()):
            raise NotNow(f"admission: batch {listing.batch_no} has been listed by somebody else; run again")
        row = {
            "batch_no": listing.batch_no,
            "through_delivery_no": listing.through,
            "listing": listing.model_dump_json(),
        }
        self.lake.append_if_unchanged(delta, BATCH, [row])

    def _finish(self, listing: Listing) -> None:
        """Write exactly the list: rows, rejects, what they supersede, and last the ledger."""
        for name, files in listing.files.items():
            table = REJECTED if name == REJECTED.name else FEEDS[name].table
            actions = [AddAction(f.name, f.bytes, {}, 0, True, f.stats) for f in files]
            self.lake.add_files(table, actions, listing.batch_no)
        feeds = {name: [f.name for f in files] for name, files in listing.files.items() if name in FEEDS}
        judged = [(d.feed, d.sequence, d.judged) for d in listing.deliveries]
        write_superseded(self.lake, listing.batch_no, feeds, judged)
        self.lake.append(DELIVERY, list(_receipts(listing)), listing.batch_no)
        log.info(
            "admitted batch=%d deliveries=%d refused=%d rows=%d rejected=%d",
            listing.batch_no, len(listing.deliveries), sum(d.judged.reason is not None for d in listing.deliveries),
            sum(d.judged.rows_in for d in listing.deliveries), sum(d.judged.rows_rejected for d in listing.deliveries),
        )  # fmt: skip


def _groups(numbers: Sequence[int], sizes: dict[int, int]) -> Iterator[list[int]]:
    group: list[int] = []
    for number in numbers:
        if group and sum(sizes[n] for n in group) + sizes[number] > TASK_BYTES:
            yield group
            group = []
        group.append(number)
    if group:
        yield group


def _listed(arrival: Arrival, judged: Judged) -> Listed:
    return Listed(**asdict(arrival.place), stamp=arrival.stamp, judged=judged)


def _unopened(number: int, arrival: Arrival) -> Judged:
    return Judged(delivery_no=number, sha256="", reason=arrival.reason)


def _sha256(arrival: Arrival) -> str:
    return arrival.manifest.sha256 if arrival.manifest else ""


def _rows(arrival: Arrival) -> int:
    return arrival.manifest.rows if arrival.manifest else 0


def _receipts(listing: Listing) -> Iterator[dict[str, Any]]:
    """The ledger's rows: in = admitted + rejected + repeated, in each of them."""
    for kind, listed in [("admitted", d) for d in listing.deliveries] + [("repeated", d) for d in listing.repeats]:
        judged = listed.judged
        outcome = "refused" if judged.reason else kind
        admitted = judged.rows_in - judged.rows_rejected if outcome == "admitted" else 0
        yield {
            **listed.model_dump(exclude={"judged"}),
            "delivery_no": judged.delivery_no or None,
            "batch_no": listing.batch_no,
            "sha256": judged.sha256,
            "version": judged.version,
            "sent_on": judged.sent_on,
            "outcome": outcome,
            "reason": judged.reason,
            "rows_in": judged.rows_in,
            "rows_admitted": admitted,
            "rows_rejected": judged.rows_in if outcome == "refused" else judged.rows_rejected,
            "rows_repeated": judged.rows_in if outcome == "repeated" else 0,
            "sums": json.dumps(judged.sums),
            "known_on": listing.known_on,
        }
