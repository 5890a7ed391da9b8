"""The worker's part of admission: read deliveries, check, tokenise, and lay the rows beside the feed table.

Runs where Spark sends it (`mapInArrow` over tasks), without Spark inside: file names go in, counts and
file names come out, and no delivered value ever enters the JVM. What it writes lies in the feed table's
folder and belongs to no version of the table until the batch's list is committed (batch.py).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch.admit import tokens
from loanwatch.admit.checking import Checked, Mask, check, shape
from loanwatch.admit.delivery import MANIFEST, Manifest
from loanwatch.admit.feed_version import followed
from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.judged import Amount, Judged, Outcome, Task, unread
from loanwatch.admit.key_hash import key_hash
from loanwatch.admit.layout import Unreadable
from loanwatch.admit.reading import Block, Source, blocks
from loanwatch.admit.rejecting import broken, placed, rejected
from loanwatch.admit.staged_file import StagedFileWriter
from loanwatch.admit.tables import REJECTED
from loanwatch.originals import PackWriter, name_of
from loanwatch.tables import Feed
from loanwatch.vault import Vault


@dataclass
class _Read:
    """What was read of a file, or of all files of a delivery: good rows, rejects, and amounts.

    `unsure` are the amounts of which a cell could not be read: what the manifest says of them cannot be held against it.
    """

    rows: list[pa.Table] = field(default_factory=list)
    rejected: list[pa.Table] = field(default_factory=list)
    sums: dict[str, Amount] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)

    @property
    def rows_rejected(self) -> int:
        return sum(map(len, self.rejected))

    @property
    def rows_in(self) -> int:
        return sum(map(len, self.rows)) + self.rows_rejected

    def add(self, other: _Read) -> None:
        self.rows += other.rows
        self.rejected += other.rejected
        self.unsure |= other.unsure
        for name, amount in other.sums.items():
            self.count(name, amount.admitted, amount.rejected, amount.unread)

    def count(self, name: str, admitted: int, rejected: int, unread: int) -> None:
        total = self.sums.setdefault(name, Amount())
        total.admitted += admitted
        total.rejected += rejected
        total.unread += unread


def stage(text: str) -> str:
    """Perform a task (JSON) and return its outcome (JSON)."""
    task = Task.model_validate_json(text)
    feed = FEEDS[task.feed]
    vault = Vault(task.vault, task.vault_key)
    rows = StagedFileWriter(task.feed_folder, task.name, feed.table.arrow, (feed.on.name, "delivery_no"))
    turned_away = StagedFileWriter(task.rejected_folder, task.name, REJECTED.arrow, ("delivery_no",))
    pack = PackWriter(vault.new_pack(task.name))
    judged = []
    for number, place in task.places():
        folder = place.folder(task.inbox)
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
        judgement, read = _judge(folder, manifest, feed, number, vault)
        judged.append(judgement)
        if task.keeps_originals:
            files = [*(file.name for file in manifest.files), MANIFEST]
            vault.originals.keep(pack, name_of(place, judgement.sha256), folder, files)
        for table in read.rows:
            rows.write(table)
        for table in read.rejected:
            turned_away.write(table)
    pack.close()
    return Outcome(feed=task.feed, judged=judged, rows=rows.close(), rejected=turned_away.close()).model_dump_json()


def collect(text: str) -> str:
    """Seal the personal values of a task's deliveries into a file of the vault's, for the driver to enter."""
    task = Task.model_validate_json(text)
    vault = Vault(task.vault, task.vault_key)
    found = 0
    for number, place in task.places():
        folder = place.folder(task.inbox)
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
        files = [file.name for file in manifest.files if (folder / file.name).is_file()]
        try:
            feed = followed(FEEDS[task.feed], manifest, folder)
        except (Unreadable, FileNotFoundError):
            continue  # refused by the second pass, which says why
        found += tokens.collect(feed, folder, files, vault, vault.new_file(f"{task.name}-{number}"))
    return str(found)


def _judge(folder: Path, manifest: Manifest, newest: Feed, number: int, vault: Vault) -> tuple[Judged, _Read]:
    """A delivery judged, and what was read of it: nothing where it is not what its manifest says."""
    found, digests = _digests(folder, manifest)
    try:
        _check_files(folder, manifest, digests)
        feed = followed(newest, manifest, folder)
        read = _Read()
        for file in manifest.files:
            read.add(_read_file(folder / file.name, file.rows, feed, manifest, number, vault, read.rows_in))
        _check_sums(manifest, read)
    except Unreadable as fault:
        return unread(newest, number, found, manifest, str(fault)), _Read()
    judged = Judged(
        delivery_no=number, sha256=found, sent_on=manifest.sent_on, version=feed.version, rows_in=read.rows_in,
        rows_rejected=read.rows_rejected, same_key=_same_key(read.rows), newest_on=_newest(read.rows, feed),
        sums={name: amount.model_copy(update={"stated": manifest.sums.get(name)}) for name, amount in read.sums.items()},
    )  # fmt: skip
    return judged, read


def _digests(folder: Path, manifest: Manifest) -> tuple[str, list[str]]:
    """The hash of what was delivered, and of each file; the manifest's where a file is not there."""
    digests = []
    for file in manifest.files:
        path = folder / file.name
        if not path.is_file():
            return manifest.sha256, []
        with path.open("rb") as content:
            digests.append(hashlib.file_digest(content, "sha256").hexdigest())
    return hashlib.sha256(" ".join(digests).encode()).hexdigest(), digests


def _check_files(folder: Path, manifest: Manifest, digests: list[str]) -> None:
    for file in manifest.files:
        if not (folder / file.name).is_file():
            raise Unreadable(f"{file.name}: named in the manifest, not delivered")
    for file, digest in zip(manifest.files, digests, strict=True):
        if digest != file.sha256:
            size = (folder / file.name).stat().st_size
            raise Unreadable(
                f"{file.name}: sha256 is not the manifest's ({size} bytes, stated {file.bytes}); send it again"
            )


def _read_file(path: Path, stated: int, feed: Feed, manifest: Manifest, number: int, vault: Vault, line: int) -> _Read:
    """Read a file with its types; where that fails, again as text, to name every fault."""
    for typed in (True, False):
        source, read = Source(path, feed, typed), _Read()
        try:
            for block in blocks(source):
                _take(block, feed, manifest, number, vault, path.name, line, read)
            break
        except Unreadable:
            if not typed:
                raise
    if source.broken:
        read.rejected.append(placed(broken([line + row for row in source.broken]), feed, number, path.name))
        for column in feed.sums:
            read.count(column.name, 0, 0, len(source.broken))
            read.unsure.add(column.name)
    if read.rows_in != stated:
        raise Unreadable(f"{path.name}: {read.rows_in} rows, the manifest states {stated}")
    return read


def _take(
    block: Block, feed: Feed, manifest: Manifest, number: int, vault: Vault, file: str, line: int, into: _Read
) -> None:
    """Check one block; keep its good rows, reject the others with every reason."""
    checked = check(feed, block.rows, manifest.sender, manifest.business_on, manifest.sent_on)
    bad = checked.bad(len(block.rows))
    lines = block.lines + line
    _add_sums(feed, checked, bad, into)
    if bad.any():
        told = rejected(feed, block.rows, checked, bad, lines, manifest.sender)
        into.rejected.append(placed(told, feed, number, file))
    if not bad.all() or not len(bad):
        good = pa.table(checked.columns)
        good = good.filter(pa.array(~bad)) if bad.any() else good
        into.rows.append(_admitted(feed, good, manifest.sender, number, vault, lines[~bad]))


def _admitted(feed: Feed, table: pa.Table, sender: str, number: int, vault: Vault, lines: object) -> pa.Table:
    """The rows as the feed table holds them."""
    for column in feed.row:
        if column.found:
            table = table.append_column(column.name, column.found(*(table[part] for part in column.of)))
    table = tokens.tokenised(feed, table, vault)
    rows = len(table)
    columns = {name: table[name].combine_chunks() for name in table.column_names} | {
        "sender_id": pa.repeat(sender, rows),
        "delivery_no": pa.repeat(pa.scalar(number, pa.int32()), rows),
        "line_no": pa.array(lines, pa.int32()),
    }
    columns["key_hash"] = key_hash([_flat(columns[name]) for name in feed.identity])
    newest = FEEDS[feed.name].table.arrow
    wanted = [columns[f.name].cast(f.type) if f.name in columns else pa.nulls(rows, f.type) for f in newest]
    return pa.table(wanted, schema=newest)


def _flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) and column.num_chunks else (
        pa.array([], column.type) if isinstance(column, pa.ChunkedArray) else column
    )  # fmt: skip


def _add_sums(feed: Feed, checked: Checked, bad: Mask, into: _Read) -> None:
    """Totals of amounts, admitted and rejected; a rejected row whose amount is not there or no number is counted, not added."""
    rejected = pa.array(bad)
    for column in feed.sums:
        values = checked.columns[column.name]
        kept, turned_away = (values, values[:0]) if not bad.any() else (values.filter(pc.invert(rejected)), values.filter(rejected))
        totals = [pc.sum(part).as_py() or 0 for part in (kept, turned_away)]
        into.count(column.name, totals[0], totals[1], turned_away.null_count)
        if checked.unparsed(column.name, len(bad)).any():
            into.unsure.add(column.name)


def _check_sums(manifest: Manifest, read: _Read) -> None:
    """The manifest's totals against the rows'; not where an amount did not parse: its row is rejected."""
    for name, stated in manifest.sums.items():
        found = read.sums.get(name)
        if found is None and read.rows_in:
            raise Unreadable(f"the manifest states a sum of {shape(name)!r}, which this feed does not total")
        if found and name not in read.unsure and found.read != stated:
            raise Unreadable(f"sum of {name} is {found.read}, the manifest states {stated}")


def _same_key(rows: list[pa.Table]) -> int:
    """How many rows have the key of another one of the delivery."""
    hashes = [chunk.to_numpy() for table in rows for chunk in table["key_hash"].chunks]
    ordered = np.sort(np.concatenate(hashes)) if hashes else np.zeros(0, np.int64)
    return int((ordered[1:] == ordered[:-1]).sum())


def _newest(rows: list[pa.Table], feed: Feed) -> date | None:
    """The latest date of a row."""
    days = [pc.max(table[feed.on.name]).as_py() for table in rows]
    return max((day for day in days if day), default=None)
