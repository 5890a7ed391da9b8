"""The lake: one Delta table a folder, `<lake>/<stage>/<table>`; created here, appended here without Spark.

Spark writes the files of a night's steps (runner.py); what is of a table is committed by delta-rs, and so are ledgers and feed
tables: Delta's own writer takes three times as long for a small table, and on a local file system two of its commits can both
take place. What is read here goes through DataFusion (`QueryBuilder`): delta-rs' Arrow readers abort the process now and then.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, QueryBuilder, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from loanwatch.errors import MachineError, NotNow, UsageError
from loanwatch.evolution import evolved, missing, nulls
from loanwatch.tables import Table

FORMAT = 1
ONCE = CommitProperties(max_commit_retries=0)


@dataclass(frozen=True)
class Lake:
    """A lake at a path: local, or on a file system that all machines of a cluster share."""

    path: Path

    def at(self, table: Table) -> Path:
        return self.path / table.stage / table.short

    def open(self, tenant: str) -> None:
        """Make the lake if it is not there; UsageError if it is another tenant's or of another format."""
        marker = self.path / "_lake.json"
        if not marker.exists():
            self.path.mkdir(parents=True, exist_ok=True)
            marker.write_text(json.dumps({"format": FORMAT, "tenant": tenant}) + "\n")
        known = json.loads(marker.read_text())
        if known.get("format") != FORMAT:
            raise UsageError(f"{self.path}: a lake of format {known.get('format')}, this program reads {FORMAT}")
        if known.get("tenant") != tenant:
            raise UsageError(f"{self.path}: the lake of tenant {known.get('tenant')!r}, not {tenant!r}; give --tenant")

    @property
    def exists(self) -> bool:
        return (self.path / "_lake.json").exists()

    def create(self, table: Table) -> DeltaTable:
        """The Delta table, made with its NOT NULL and CHECK facts and comments if it is not there yet, or brought up to date."""
        at = self.at(table)
        if not DeltaTable.is_deltatable(str(at)):
            with _explained(table):
                made = DeltaTable.create(
                    str(at), table.arrow, mode="ignore", partition_by=list(table.partition_by),
                    name=table.name, description=table.grain,
                )  # fmt: skip
                if table.checks and not table.ledger:
                    made.alter.add_constraint(dict(table.checks))
        with _explained(table):
            return evolved(DeltaTable(str(at)), table)

    def has(self, table: Table) -> bool:
        return DeltaTable.is_deltatable(str(self.at(table)))

    def delta(self, table: Table) -> DeltaTable:
        try:
            return DeltaTable(str(self.at(table)))
        except TableNotFoundError:
            raise UsageError(f"{self.path}: no table {table.name} yet; has a night been run on this lake?") from None

    def rows(self, table: Table, where: str = "true", columns: Sequence[str] = ("*",)) -> pa.Table:
        """Rows of a table without Spark; none where it has not been made, null in columns that are newer than the lake."""
        if not self.has(table):
            return table.arrow.empty_table()
        delta = self.delta(table)
        return read(delta, where, columns, nulls(missing(delta, table)))

    def files(self, table: Table, as_of: date | None = None, release: int | None = None) -> list[str]:
        """The data files of a table, or of one partition of it."""
        if not self.has(table):
            return []
        wanted = None if release is None else [("as_of", "=", str(as_of)), ("release", "=", str(release))]
        return [unquote(uri.removeprefix("file://")) for uri in self.delta(table).file_uris(file_pruning_predicate=wanted)]

    def files_of(self, table: Table, partitions: Iterable[tuple[date, int]]) -> list[str]:
        """The data files of some partitions, from one reading of the log."""
        wanted = {f"/as_of={as_of}/release={release}/" for as_of, release in partitions}
        return [file for file in self.files(table) if any(part in file for part in wanted)]

    def append(self, table: Table, rows: Sequence[Mapping[str, Any]] | pa.Table, batch: int | None = None) -> None:
        """Append to a ledger; with `batch`, at most once for that batch number."""
        delta = self.create(table)
        if batch is not None and (delta.transaction_version("admit") or 0) >= batch:
            return
        data = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows), schema=table.arrow)
        marks = None if batch is None else [Transaction("admit", batch)]
        with _explained(table):
            write_deltalake(delta, data, mode="append", commit_properties=CommitProperties(app_transactions=marks))

    def last_batch(self, table: Table) -> int:
        """The last batch number that was appended; 0 for none."""
        return (self.delta(table).transaction_version("admit") or 0) if self.has(table) else 0

    def append_if_unchanged(self, delta: DeltaTable, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Append on condition that nobody has written since `delta` was read; NotNow otherwise."""
        data = pa.Table.from_pylist(list(rows), schema=table.arrow)
        with _explained(table):
            write_deltalake(delta, data, mode="append", commit_properties=ONCE)

    def add_files(self, table: Table, files: Sequence[AddAction], batch: int) -> None:
        """Make files that already lie in the table's folder part of it, at most once for that batch."""
        delta = self.create(table)
        if (delta.transaction_version("admit") or 0) >= batch or not files:
            return
        marks = CommitProperties(app_transactions=[Transaction("admit", batch)])
        with _explained(table):
            delta.create_write_transaction(list(files), "append", table.arrow, commit_properties=marks)

    def folder(self, table: Table, as_of: date, release: int) -> Path:
        """Where the files of a date and release lie; what lies there and is not of the table was left by a process that died."""
        folder = self.at(table) / f"as_of={as_of}" / f"release={release}"
        if folder.is_dir():
            known = {Path(file).name for file in self.files(table, as_of, release)}
            for left in folder.iterdir():
                if left.is_dir():
                    shutil.rmtree(left)
                elif left.name not in known:
                    left.unlink()
        return folder

    def commit(self, table: Table, as_of: date, release: int, files: Sequence[Path]) -> None:
        """Make files that lie in the table's folder all that it has of a date and release."""
        delta = self.create(table)
        values = {"as_of": str(as_of), "release": str(release)}
        actions: list[AddAction | RemoveAction] = [_added(file, self.at(table), values) for file in files]
        replaces = bool(self.files(table, as_of, release))
        with _explained(table):
            if not actions and replaces:
                delta.delete(f"as_of = DATE '{as_of}' and release = {release}")
            elif actions:
                mode, of = ("overwrite", [(name, "=", value) for name, value in values.items()]) if replaces else ("append", None)
                delta.create_write_transaction(actions, mode, table.arrow, list(table.partition_by), of)

    def partitions(self, table: Table) -> set[tuple[date, int]]:
        """The dates and releases of which a table has files."""
        of = self.delta(table).partitions() if self.has(table) else []
        return {(date.fromisoformat(str(row["as_of"])), int(row["release"])) for row in of}

    def drop(self, table: Table, partitions: Collection[tuple[date, int]]) -> None:
        """Take the rows of some dates and releases away, in one commit; the files stay until `put_together` removes them."""
        of = " or ".join(f"(as_of = DATE '{as_of}' and release = {release})" for as_of, release in sorted(partitions))
        with _explained(table):
            if of:
                self.delta(table).delete(of)

    def put_together(self, table: Table, file_hours: int) -> tuple[int, int]:
        """Make one file of many small ones, remove those that have not belonged to the table for so many hours, sum up its log:
        the number of the first and of the second."""
        delta = self.delta(table)
        with _explained(table):
            compacted = delta.optimize.compact()["numFilesRemoved"]
            removed = delta.vacuum(file_hours, dry_run=False, enforce_retention_duration=False)
            delta.create_checkpoint()
            delta.cleanup_metadata()
        return int(compacted), len(removed)


def _added(file: Path, root: Path, values: Mapping[str, str]) -> AddAction:
    known = file.stat()
    stats = json.dumps({"numRecords": pq.read_metadata(file).num_rows})
    return AddAction(str(file.relative_to(root)), known.st_size, values, int(1000 * known.st_mtime), True, stats)


@contextmanager
def _explained(table: Table) -> Iterator[None]:
    """What delta-rs raises, in our words: somebody was faster, or the machine's fault."""
    try:
        yield
    except CommitFailedError:
        raise NotNow(f"{table.name}: somebody else wrote at the same moment; run again") from None
    except (DeltaError, OSError) as error:
        raise MachineError(f"{table.name}: cannot be written: {error}") from None


def read(delta: DeltaTable, where: str = "true", columns: Sequence[str] = ("*",), more: str = "") -> pa.Table:
    """Rows of one version of a table; `more` are columns that it does not have, as SQL."""
    rows = f"(select *, {more} from t)" if more else "t"
    query = f"select {', '.join(columns)} from {rows} where {where}"
    try:
        return _plain(pa.table(QueryBuilder().register("t", delta).execute(query)))
    except OSError as error:
        raise MachineError(f"{delta.table_uri}: cannot be read: {error}") from None


def _plain(table: pa.Table) -> pa.Table:
    """The table without view types, which few functions of Arrow know."""
    fields = [pa.field(f.name, _plain_type(f.type)) for f in table.schema]
    return table.cast(pa.schema(fields))


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_string_view(kind):
        return pa.string()
    return pa.list_(_plain_type(kind.value_type)) if pa.types.is_list(kind) else kind
