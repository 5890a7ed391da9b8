"""A release performed again in an empty lake, from the rows that it knew and what the releases before it left, and compared.

The lake is only read: Parquet files are linked into the scratch lake, never changed. The steps are run as a night runs them.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake.transaction import AddAction, RemoveAction

from loanwatch import catalogue
from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.tables import CONF, DELIVERY, SUPERSEDED
from loanwatch.cover.model.champions import FOLDER, Models
from loanwatch.cover.tables import MODEL
from loanwatch.difference import Differing, of_rows
from loanwatch.errors import DataError, UsageError
from loanwatch.explanation.known import quoted
from loanwatch.lake import Lake
from loanwatch.nights import Application, landed
from loanwatch.pipeline import STEPS, stages
from loanwatch.seal import publication, sealed_tables
from loanwatch.seal.publication import Attempt
from loanwatch.seal.sealed_tables import Check
from loanwatch.seal.table_digest import Content
from loanwatch.seal.tables import PUBLICATION, STEP_RESULT
from loanwatch.tables import Line, MonthEnds, Parent, Table

PERFORMED = stages("balance", "report")


@dataclass(frozen=True)
class Compared:
    """A sealed table of a release: what the lake has of it, against what was sealed and what was performed."""

    check: Check
    performed: str
    differing: tuple[Differing, ...]

    @property
    def holds(self) -> bool:
        return self.check.holds and self.check.sealed.digest == self.performed


@dataclass(frozen=True)
class Reperformance:
    """What is asked for: a release of a lake, alone or with all its line of parents; whether by code other than its own."""

    lake: Lake
    attempt: Attempt
    from_origin: bool = False
    other_code: bool = False

    def prepare(self, scratch: Lake, tenant: str, code: str) -> list[Attempt]:
        """Fill the scratch lake; the releases that are to be performed on it, the earliest first. Starts no JVM.

        UsageError where it is not empty, the code is another's, or what the release goes on from was not sealed; DataError
        where admitted rows, configuration or parents are not what they were.
        """
        before = self._before()
        line = [*reversed(before), self.attempt] if self.from_origin else [self.attempt]
        for attempt in line:
            self._accept(attempt, code)
        reads = {} if self.from_origin else self._reads()
        self._sound(reads)
        self._fill(scratch, tenant, [] if self.from_origin else before, reads)
        return line

    def perform(self, running: Application, line: Sequence[Attempt]) -> Iterator[tuple[Attempt, list[Compared]]]:
        """Each release of the line with its tables compared; `running` is at work on the scratch lake."""
        for attempt in line:
            running.build(attempt, landed(self.lake, str(attempt.conf_digest)), PERFORMED)
            running.lake.append(PUBLICATION, [asdict(attempt)])
            checks = sealed_tables.check(self.lake, attempt, catalogue.TABLES)
            yield attempt, [self._compared(running.lake, attempt, check) for check in checks]

    def _before(self) -> list[Attempt]:
        """The line of parents, latest first."""
        known, line = publication.attempts(self.lake), [self.attempt]
        while line[-1].parent is not None:
            parent = publication.parent_of(known, line[-1])
            if parent is None:
                raise DataError(
                    f"{PUBLICATION.name}: the parent of release {line[-1].release} of {line[-1].as_of}, release {line[-1].parent}, "
                    "is gone; restore it from a backup of the lake"
                )
            line.append(parent)
        return line[1:]

    def _accept(self, attempt: Attempt, code: str) -> None:
        if attempt.code_digest != code and not self.other_code:
            raise UsageError(
                f"release {attempt.release} of {attempt.as_of} was made by code {attempt.code_digest}, this is {code}; install "
                "the program that made it, or say --other-code"
            )
        if landed(self.lake, str(attempt.conf_digest)).digest != attempt.conf_digest:
            raise DataError(
                f"admit.conf: what is kept of configuration {attempt.conf_digest} has another digest: it was altered or is gone; "
                "restore it from a backup of the lake"
            )

    def _reads(self) -> dict[Attempt, set[Table]]:
        """What the release goes on from: tables of releases before, as its steps read them."""
        known, parent = publication.attempts(self.lake), self._before()[:1]
        reads: dict[Attempt, set[Table]] = defaultdict(set)
        for read in (read for step in STEPS for read in step.reads if isinstance(read, Parent | MonthEnds | Line)):
            of: list[Attempt] = []
            if isinstance(read, Parent):
                of = parent
            elif isinstance(read, MonthEnds):
                of = publication.month_ends(known, self.attempt, read.months)
            elif isinstance(read, Line):
                of = publication.ancestors(known, self.attempt, read.months)
            for attempt in of:
                reads[attempt].add(read.table)
        return reads

    def _sound(self, reads: Mapping[Attempt, set[Table]]) -> None:
        """Refuse what the release goes on from where it is not what was sealed."""
        for attempt, tables in reads.items():
            names = {table.name for table in tables}
            checks = {of.sealed.table: of for of in sealed_tables.check(self.lake, attempt, catalogue.TABLES, names)}
            if lacking := sorted(names - set(checks)):
                raise UsageError(
                    f"release {attempt.release} of {attempt.as_of} was sealed without {', '.join(lacking)}; perform the line of "
                    "parents by --from-origin"
                )
            if broken := sorted(name for name, check in checks.items() if not check.holds):
                raise DataError(
                    f"{', '.join(broken)}: release {attempt.release} of {attempt.as_of}, which release "
                    f"{self.attempt.release} goes on from, is not what was sealed; `loanwatch audit tables --date {attempt.as_of} "
                    f"--release {attempt.release}` names the rows; restore its files, or perform all anew by --from-origin"
                )

    def _fill(self, into: Lake, tenant: str, before: Sequence[Attempt], reads: Mapping[Attempt, set[Table]]) -> None:
        """The scratch lake with the admitted rows, the models, and of the releases before only what steps go on from."""
        if into.path.exists() and any(into.path.iterdir()):
            raise UsageError(f"{into.path} is not empty; give a new folder")
        into.open(tenant)
        feeds = [feed.table for feed in FEEDS.values()]
        for table in (DELIVERY, SUPERSEDED, CONF, MODEL, *feeds):
            _link(into, table, self.lake.files(table))
        self._whole(feeds)
        for of in before:
            for table in reads.get(of, ()):
                _link(into, table, self.lake.files(table, of.as_of, of.release), of)
            into.append(STEP_RESULT, self.lake.rows(STEP_RESULT, of.noted, STEP_RESULT.names))
            into.append(PUBLICATION, [asdict(of)])
        if Models(self.lake).folder.is_dir():
            shutil.copytree(Models(self.lake).folder, into.path.joinpath(*FOLDER))

    def _whole(self, feeds: Sequence[Table]) -> None:
        """Refuse admitted rows that are not as many, by delivery, as the ledger of deliveries tells."""
        admitted = f"outcome = 'admitted' and delivery_no <= {self.attempt.known}"
        told = self.lake.rows(DELIVERY, admitted, ("delivery_no", "feed", "rows_admitted")).to_pylist()
        found = {number: rows for table in feeds for number, rows in _counted(table, self.lake.files(table), self.attempt.known)}
        wrong = [
            f"admit.{row['feed']}: delivery {row['delivery_no']}: {row['rows_admitted']} rows were admitted, "
            f"{found.get(row['delivery_no'], 0)} are there"
            for row in told if row["rows_admitted"] != found.get(row["delivery_no"], 0)
        ]  # fmt: skip
        wrong += [
            f"{DELIVERY.name}: delivery {number} is gone, {found[number]} of its rows are there"
            for number in sorted(set(found) - {row["delivery_no"] for row in told})
        ]
        if wrong:
            raise DataError("\n".join([*wrong, "admitted rows are not what they were; restore them from a backup of the lake"]))

    def _compared(self, scratch: Lake, attempt: Attempt, check: Check) -> Compared:
        table = catalogue.TABLES[check.sealed.table]
        there, performed = (
            Content(table, lake.files(table, attempt.as_of, attempt.release), check.sealed.columns) for lake in (self.lake, scratch)
        )
        digest = performed.digest()
        alike = check.found is None or digest.digest == check.found.digest
        return Compared(check, digest.digest, () if alike else of_rows(table, _unlike(there, performed), check.sealed.columns))


def _link(into: Lake, table: Table, files: Sequence[str], of: Attempt | None = None) -> None:
    """Make files of another lake part of a table, as its rows or as those of a release."""
    values = {"as_of": str(of.as_of), "release": str(of.release)} if of else {}
    folder = "".join(f"{name}={value}/" for name, value in values.items())
    actions: list[AddAction | RemoveAction] = []
    into.create(table)
    for number, file in enumerate(files):
        path = f"{folder}{number:06d}-{Path(file).name}"
        (into.at(table) / folder).mkdir(parents=True, exist_ok=True)
        try:
            os.link(file, into.at(table) / path)
        except OSError:  # another file system
            shutil.copyfile(file, into.at(table) / path)
        actions.append(AddAction(path, Path(file).stat().st_size, values, 0, True, json.dumps({"numRecords": _rows(table, file)})))
    if actions:
        into.create(table).create_write_transaction(actions, "append", table.arrow, partition_by=list(table.partition_by))


def _rows(table: Table, file: str) -> int:
    try:
        return int(pq.read_metadata(file).num_rows)
    except pa.ArrowInvalid as error:
        raise DataError(f"{table.name}: {file} cannot be read: {error}; restore it from a backup of the lake") from None


def _counted(table: Table, files: Sequence[str], known: int) -> list[Any]:
    if not files:
        return []
    query = "select delivery_no, count(*) from read_parquet($files) where delivery_no <= $known group by delivery_no"
    try:
        with duckdb.connect() as engine:
            return engine.execute(query, {"files": list(files), "known": known}).fetchall()
    except duckdb.Error as error:
        raise DataError(f"{table.name}: its files cannot be read: {str(error).splitlines()[0]}") from None


def _unlike(one: Content, other: Content) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of either that the other does not have."""
    names = ", ".join(f'"{name}"' for name in one.columns)
    a, b = (f"select {names} from {_scan(of)}" for of in (one, other))
    with duckdb.connect() as engine:
        sides = [engine.execute(f"{x} except all {y}").to_arrow_table().to_pylist() for x, y in ((a, b), (b, a))]
    return sides[0], sides[1]


def _scan(of: Content) -> str:
    if of.files:
        return f"read_parquet([{', '.join(map(quoted, of.files))}])"
    cells = ", ".join(f'null as "{name}"' for name in of.columns)
    return f"(select {cells} where false)"
