"""The worker's part of admission: read deliveries, check, tokenise, and lay the rows beside the feed table.

Runs where Spark sends it (`mapInArrow` over tasks), without Spark inside: file names go in, counts and
file names come out, and no delivered value ever enters the JVM. What it writes lies in the feed table's
folder and belongs to no version of the table until the batch's list is committed (batch.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict

from loanwatch.admit import tokens
from loanwatch.admit.checking import Checked, check, shape
from loanwatch.admit.delivery import MANIFEST, Manifest, Place
from loanwatch.admit.feed_version import followed
from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.key_hash import key_hash
from loanwatch.admit.layout import Unreadable
from loanwatch.admit.reading import Block, Source, blocks
from loanwatch.admit.staged_file import StagedFile, StagedFileWriter
from loanwatch.admit.tables import REJECTED
from loanwatch.tables import WITHDRAWN, Feed
from loanwatch.vault import Vault


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
    deliveries: tuple[tuple[int, str, date, int], ...]

    def places(self) -> Iterator[tuple[int, Place]]:
        for number, sender, business_on, sequence in self.deliveries:
            yield number, Place(self.feed, sender, business_on, sequence)


class Judged(BaseModel):
    """What became of one delivery; `reason` is why it was refused whole."""

    delivery_no: int
    sha256: str
    sent_on: date | None = None
    version: int | None = None
    reason: str | None = None
    rows_in: int = 0
    rows_rejected: int = 0
    sums: dict[str, dict[str, int]] = {}


class Outcome(BaseModel):
    """What a task did."""

    feed: str
    judged: list[Judged]
    rows: StagedFile | None = None
    rejected: StagedFile | None = None


@dataclass
class _Delivery:
    """A delivery while it is read: rows and rejects wait here until it is judged whole."""

    manifest: Manifest
    judged: Judged
    rows: list[pa.Table] = field(default_factory=list)
    rejected: list[dict[str, object]] = field(default_factory=list)


def stage(text: str) -> str:
    """Perform a task (JSON) and return its outcome (JSON)."""
    task = Task.model_validate_json(text)
    feed = FEEDS[task.feed]
    vault = Vault(task.vault, task.vault_key)
    rows = StagedFileWriter(task.feed_folder, task.name, feed.table.arrow, (feed.on.name, "delivery_no"))
    rejected = StagedFileWriter(task.rejected_folder, task.name, REJECTED.arrow, ("delivery_no",))
    judged = []
    for number, place in task.places():
        delivery = _judge(place.folder(task.inbox), feed, number, vault)
        judged.append(delivery.judged)
        if delivery.judged.reason is None:
            for table in delivery.rows:
                rows.write(table)
            rejected.write(pa.Table.from_pylist(delivery.rejected, schema=REJECTED.arrow))
    outcome = Outcome(feed=task.feed, judged=judged, rows=rows.close(), rejected=rejected.close())
    return outcome.model_dump_json()


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


def _judge(folder: Path, feed: Feed, number: int, vault: Vault) -> _Delivery:
    """A delivery read and judged: first whole, then row by row."""
    manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    judged = Judged(delivery_no=number, sha256=manifest.sha256, sent_on=manifest.sent_on)
    delivery = _Delivery(manifest, judged)
    try:
        _check_files(folder, manifest, judged)
        version = followed(feed, manifest, folder)
        judged.version = version.version
        line = 0
        for file in manifest.files:
            _read_file(folder / file.name, file.rows, version, delivery, vault, line)
            line += file.rows
        _check_sums(delivery)
    except Unreadable as fault:
        # Nothing of it is admitted, so nothing of it is counted but its rows.
        delivery.judged = Judged(
            delivery_no=number, sha256=judged.sha256, sent_on=manifest.sent_on, reason=str(fault), rows_in=manifest.rows
        )
    return delivery


def _check_files(folder: Path, manifest: Manifest, judged: Judged) -> None:
    digests = []
    for file in manifest.files:
        path = folder / file.name
        if not path.is_file():
            raise Unreadable(f"{file.name}: named in the manifest, not delivered")
        with path.open("rb") as content:
            digests.append(hashlib.file_digest(content, "sha256").hexdigest())
    judged.sha256 = hashlib.sha256(" ".join(digests).encode()).hexdigest()
    for file, digest in zip(manifest.files, digests, strict=True):
        if digest != file.sha256:
            size = (folder / file.name).stat().st_size
            raise Unreadable(
                f"{file.name}: sha256 is not the manifest's ({size} bytes, stated {file.bytes}); send it again"
            )


def _read_file(path: Path, stated: int, feed: Feed, delivery: _Delivery, vault: Vault, line: int) -> None:
    """Read a file with its types; where that fails, again as text, to name every fault."""
    kept = len(delivery.rows), len(delivery.rejected), delivery.judged.model_copy(deep=True)
    for typed in (True, False):
        source = Source(path, feed, typed)
        try:
            for block in blocks(source):
                _take(block, feed, delivery, vault, path.name, line)
            break
        except Unreadable:
            if not typed:
                raise
            del delivery.rows[kept[0] :], delivery.rejected[kept[1] :]
            delivery.judged = kept[2].model_copy(deep=True)
    for row in source.broken:
        _reject(delivery, feed, path.name, line + row, ["row: not as many cells as columns"], "{}")
    found = delivery.judged.rows_in - kept[2].rows_in
    if found != stated:
        raise Unreadable(f"{path.name}: {found} rows, the manifest states {stated}")


def _take(block: Block, feed: Feed, delivery: _Delivery, vault: Vault, file: str, line: int) -> None:
    """Check one block; keep its good rows, reject the others with every reason."""
    place, judged = delivery.manifest, delivery.judged
    checked = check(feed, block.rows, place.sender, place.business_on)
    bad = checked.bad(len(block.rows))
    lines = block.lines + line
    judged.rows_in += len(block.rows) - int(bad.sum())
    for row in np.flatnonzero(bad):
        reasons = checked.reasons(int(row))
        _reject(delivery, feed, file, int(lines[row]), reasons, _masked(feed, block.rows, checked, int(row)))
    _add_sums(feed, checked, bad, judged)
    table = pa.table(checked.columns)
    good = pa.array(~bad)
    delivery.rows.append(_admitted(feed, table.filter(good), delivery, vault, lines[~bad]))


def _admitted(feed: Feed, table: pa.Table, delivery: _Delivery, vault: Vault, lines: object) -> pa.Table:
    """The rows as the feed table holds them."""
    table = tokens.tokenised(feed, table, vault)
    rows = len(table)
    extra = {
        "sender_id": pa.array([delivery.manifest.sender]).take(pa.nulls(rows, pa.int32()).fill_null(0)),
        "delivery_no": pa.nulls(rows, pa.int32()).fill_null(delivery.judged.delivery_no),
        "line_no": pa.array(lines, pa.int32()),
    }
    columns = {name: table[name].combine_chunks() for name in table.column_names} | extra
    columns["key_hash"] = key_hash([_flat(columns[name]) for name in feed.identity])
    newest = FEEDS[feed.name].table.arrow
    wanted = [columns[f.name].cast(f.type) if f.name in columns else pa.nulls(rows, f.type) for f in newest]
    return pa.table(wanted, schema=newest)


def _flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) and column.num_chunks else (
        pa.array([], column.type) if isinstance(column, pa.ChunkedArray) else column
    )  # fmt: skip


def _reject(delivery: _Delivery, feed: Feed, file: str, line: int, reasons: list[str], record: str) -> None:
    delivery.judged.rows_in += 1
    delivery.judged.rows_rejected += 1
    delivery.rejected.append(
        {"delivery_no": delivery.judged.delivery_no, "line_no": line, "feed": feed.name, "file": file,
         "reasons": reasons, "record": record}
    )  # fmt: skip


def _masked(feed: Feed, rows: pa.Table, checked: Checked, row: int) -> str:
    """The delivered row as JSON: restricted values as ***, faulty ones as their shape."""
    restricted = {part for c in feed.row if c.restricted for part in (c.of or (c.name,))}
    open_names = {column.name for column in feed.file_columns} - restricted | {WITHDRAWN.name}
    faulty = {column for column, _, mask in checked.faults if mask[row]}
    record: dict[str, str] = {}
    for name in rows.column_names:
        value = rows[name][row].as_py()
        if value is not None:
            record[name] = "***" if name not in open_names else shape(str(value)) if name in faulty else str(value)
    return json.dumps(record, ensure_ascii=False)


def _add_sums(feed: Feed, checked: Checked, bad: np.ndarray, judged: Judged) -> None:
    """Totals of amounts, admitted and rejected; `unread` counts amounts that do not parse."""
    for column in feed.sums:
        values = checked.columns[column.name]
        total = judged.sums.setdefault(column.name, {"admitted": 0, "rejected": 0, "unread": 0})
        total["admitted"] += pc.sum(values.filter(pa.array(~bad))).as_py() or 0
        total["rejected"] += pc.sum(values.filter(pa.array(bad))).as_py() or 0
        total["unread"] += sum(
            int(mask.sum()) for name, what, mask in checked.faults if name == column.name and what.startswith("not a")
        )


def _check_sums(delivery: _Delivery) -> None:
    """The manifest's totals against the rows'; not where an amount did not parse: its row is rejected."""
    broken_rows = any("row: " in str(row["reasons"]) for row in delivery.rejected)
    for name, stated in delivery.manifest.sums.items():
        found = delivery.judged.sums.get(name)
        if found is None and delivery.judged.rows_in:
            raise Unreadable(f"the manifest states a sum of {shape(name)!r}, which this feed does not total")
        if found and not found["unread"] and not broken_rows and found["admitted"] + found["rejected"] != stated:
            total = found["admitted"] + found["rejected"]
            raise Unreadable(f"sum of {name} is {total}, the manifest states {stated}")
