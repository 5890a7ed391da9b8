"""Admission of a batch: stage, judge, commit the list, then write exactly that list.

All of it under the admission lock. Numbers are given before staging, so that the staged files, which
already lie in the feed tables' folders, can become part of the tables by one commit each, without being
read or written again. Only the commit of the list to `admit.batch` makes the numbers real: a process
killed before it leaves files that no table knows, and the next admission begins anew.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake.transaction import AddAction

from loanwatch.admit.cleared import write_cleared
from loanwatch.admit.delivery import Place
from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.gating import gated
from loanwatch.admit.inbox import Arrival, arrivals, unknown_feeds
from loanwatch.admit.judged import Judged, Outcome
from loanwatch.admit.limits import FeedLimits
from loanwatch.admit.listing import Listing, listed, receipts, repeated, unopened
from loanwatch.admit.recovery import whole
from loanwatch.admit.staged_file import StagedFile, without
from loanwatch.admit.tables import BATCH, DELIVERY, GATE_RESULT, REJECTED
from loanwatch.admit.tasks import tasks
from loanwatch.admit.tokens import restricted
from loanwatch.admit.versions import write_superseded
from loanwatch.admit.work import alone
from loanwatch.errors import NotNow
from loanwatch.lake import Lake, read
from loanwatch.tables import Table
from loanwatch.vault import Vault

log = logging.getLogger(__name__)

# Up to this much the admitting process does it all in a few seconds; sending it to workers takes as long.
ALONE_BYTES = 16 * 1024 * 1024

WAIT_SECONDS = 600.0  # for another lake's admission into the same vault

PLACE = ("feed", "sender", "business_on", "sequence")


@dataclass(frozen=True)
class Admission:
    """What admission needs: the lake, the vault, the inbox, a pool of workers, and what deliveries are held to.

    `work(function, tasks)` performs `collect` or `stage` (staging.py) on tasks wherever there are cores;
    a small batch is done here. `release` is the attempt whose gates these are. Originals are kept in the vault for
    `originals_kept_days` days before the business date; 0 keeps none. `only` are the feeds that are admitted; None = all.
    """

    lake: Lake
    vault: Vault
    inbox: Path
    work: Callable[[str, list[str]], list[str]]
    limits: FeedLimits = field(default_factory=FeedLimits)
    release: int = 0
    originals_kept_days: int = 0
    only: frozenset[str] | None = None

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
            self.vault.enter_originals(through)  # before the list: what is listed can be had again
            self._commit(listing)
            self._finish(listing)
        self.vault.originals.drop_before(through - timedelta(self.originals_kept_days))
        return self.known()

    def known(self) -> int:
        """K: the highest number of the last list that is finished."""
        rows = self.lake.rows(DELIVERY, columns=("delivery_no",))
        return max((number for number in rows["delivery_no"].to_pylist() if number), default=0)

    def _unfinished(self) -> list[Listing]:
        done = max(self.lake.rows(DELIVERY, columns=("batch_no",))["batch_no"].to_pylist(), default=0)
        lists = self.lake.rows(BATCH, f"batch_no > {done}").sort_by("batch_no").to_pylist()
        return [Listing.model_validate_json(row["listing"]) for row in lists]

    def _new(self, found: Sequence[Arrival]) -> list[Arrival]:
        """Arrivals that no receipt in the ledger speaks of yet."""
        columns = (*PLACE, "stamp")
        ledger = self.lake.rows(DELIVERY, columns=columns).to_pylist()
        seen = {tuple(row[name] for name in columns) for row in ledger}
        wanted = [a for a in found if self.only is None or a.place.feed in self.only]
        return [a for a in wanted if (*astuple(a.place), a.stamp) not in seen]

    def _stage(self, new: list[Arrival], through: date) -> Listing:
        """Read and judge what is new, under the numbers it will have."""
        lists = self.lake.rows(BATCH, columns=("batch_no", "through_delivery_no")).to_pylist()
        batch_no = 1 + max((row["batch_no"] for row in lists), default=0)
        first = 1 + max((row["through_delivery_no"] for row in lists), default=0)
        self._sweep(batch_no)
        repeats = self._repeats(new)
        numbered = dict(enumerate((a for a in new if a.place not in repeats), start=first))
        outcomes, segment = self._work_on(batch_no, numbered)
        judged = {j.delivery_no: j for outcome in outcomes for j in outcome.judged}
        files: dict[str, list[StagedFile]] = defaultdict(list)
        for outcome in outcomes:
            files[outcome.feed] += [outcome.rows] if outcome.rows else []
            files[REJECTED.name] += [outcome.rejected] if outcome.rejected else []
        listing = Listing(
            batch_no=batch_no, first_delivery_no=first, known_on=through, files=files,
            deliveries=[listed(a, judged.get(no) or unopened(no, a)) for no, a in numbered.items()],
            repeats=[listed(a, repeats[a.place]) for a in new if a.place in repeats],
        )  # fmt: skip
        self._gate(listing)
        if segment:
            self._forget_turned_away(segment, listing)
        return listing

    def _gate(self, listing: Listing) -> None:
        """Hold what was staged to what a delivery as a whole must satisfy; what fails is refused, its rows are let go."""
        readable = [d for d in listing.deliveries if d.judged.reason is None]
        staged = {name: self._paths(listing, name) for name in listing.files}
        listing.gates, refused = gated(self.lake, self.limits, self.release, readable, staged)
        for delivery in readable:
            if reason := refused.get(delivery.judged.delivery_no):
                delivery.judged = delivery.judged.refused(reason)
        for name in (name for name in listing.files if refused):
            kept = [without(path, set(refused), _stats(name)) for path in self._paths(listing, name)]
            listing.files[name] = [file for file in kept if file]

    def _paths(self, listing: Listing, name: str) -> list[Path]:
        """The staged files of a table."""
        return [self.lake.at(_table(name)) / file.name for file in listing.files.get(name, ())]

    def _work_on(self, batch_no: int, numbered: dict[int, Arrival]) -> tuple[list[Outcome], Path | None]:
        """What the workers did, and the vault's segment with the values that are new."""
        work = self.work if sum(a.bytes for a in numbered.values()) > ALONE_BYTES else alone
        opened = {number: arrival for number, arrival in numbered.items() if arrival.manifest}
        keeps = self.originals_kept_days > 0
        todo = list(tasks(self.lake, self.vault, self.inbox, batch_no, opened, keeps_originals=keeps))
        segment = None
        if personal := [task.model_dump_json() for task in todo if restricted(FEEDS[task.feed])]:
            work("collect", personal)
            segment = self.vault.enter_new()
        done = work("stage", [task.model_dump_json() for task in todo])
        return [Outcome.model_validate_json(text) for text in done], segment

    def _forget_turned_away(self, segment: Path, listing: Listing) -> None:
        """Values of rows that were turned away stand for nobody in the lake: nobody could ever have them erased."""
        personal = {name: restricted(feed) for name, feed in FEEDS.items() if restricted(feed)}
        if not any(d.judged.reason or d.judged.rows_rejected for d in listing.deliveries if d.feed in personal):
            return
        chunks: list[pa.Array] = []
        for name, columns in personal.items():
            for path in self._paths(listing, name):
                rows = pq.read_table(path, columns=[column.name for column in columns])
                chunks += [chunk for column in rows.columns for chunk in column.chunks]
        self.vault.keep_used(segment, pa.chunked_array(chunks, pa.string()))

    def _repeats(self, new: Iterable[Arrival]) -> dict[Place, Judged]:
        """Arrivals that are, to the byte, a delivery admitted before; judged as that was."""
        columns = (*PLACE, "sha256", "rows_in", "sums")
        ledger = self.lake.rows(DELIVERY, "outcome = 'admitted'", columns).to_pylist()
        admitted = {(*(row[name] for name in PLACE), row["sha256"]): row for row in ledger}
        found = {a.place: admitted.get((*astuple(a.place), a.manifest.sha256)) for a in new if a.manifest}
        return {place: repeated(row) for place, row in found.items() if row}

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
        for name, staged in listing.files.items():
            files = listing.files[name] = whole(self.lake, self.vault, listing, _table(name), staged)
            actions = [AddAction(f.name, f.bytes, {}, 0, True, f.stats) for f in files]
            self.lake.add_files(_table(name), actions, listing.batch_no)
        feeds = {name: [f.name for f in files] for name, files in listing.files.items() if name in FEEDS}
        judged = [(d.feed, d.sequence, d.judged) for d in listing.deliveries]
        write_superseded(self.lake, listing.batch_no, feeds, judged)
        write_cleared(self.lake, listing)
        rows = [{"as_of": listing.known_on, **result.model_dump()} for result in listing.gates]
        self.lake.append(GATE_RESULT, rows, listing.batch_no)
        self.lake.append(DELIVERY, list(receipts(listing)), listing.batch_no)
        log.info(
            "admitted batch=%d deliveries=%d refused=%d rows=%d rejected=%d",
            listing.batch_no, len(listing.deliveries), sum(d.judged.reason is not None for d in listing.deliveries),
            sum(d.judged.rows_in for d in listing.deliveries), sum(d.judged.rows_rejected for d in listing.deliveries),
        )  # fmt: skip


def _table(name: str) -> Table:
    """The table of a list's files."""
    return REJECTED if name == REJECTED.name else FEEDS[name].table


def _stats(name: str) -> tuple[str, ...]:
    return ("delivery_no",) if name == REJECTED.name else (FEEDS[name].on.name, "delivery_no")
