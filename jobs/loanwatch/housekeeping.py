"""What a lake may lose and what it never does (runs.md 17), and its files put together.

Kept for ever are all admitted rows and ledgers, public tables, and of every release what a later one reads through its parents,
or at month-ends. Working tables go after so many nights, and what an abandoned attempt wrote at once. Nothing goes before
`seal.retired` says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date

from loanwatch import catalogue
from loanwatch.calendars import month_end
from loanwatch.lake import Lake
from loanwatch.locks import lease
from loanwatch.pipeline import STEPS
from loanwatch.seal import audit_log, publication
from loanwatch.seal.publication import Attempt
from loanwatch.seal.tables import RETIRED
from loanwatch.tables import Line, MonthEnds, Parent, Table

NIGHTS = 35  # that working tables stay after their release was published
LEASES = ("night", "restatement", "admission")
FILE_HOURS = 168  # that files stay which no longer belong to a table: somebody may still be reading them

_LATER = {read.table for step in STEPS for read in step.reads if isinstance(read, Parent | Line)}
_AT_MONTH_ENDS = {read.table for step in STEPS for read in step.reads if isinstance(read, MonthEnds)}
WORKING = tuple(step.writes for step in STEPS if not step.writes.public and step.writes not in _LATER)


Partition = tuple[date, int]


@dataclass(frozen=True)
class Kept:
    """What was done to a lake: partitions of published releases and of abandoned ones that went, files that became others."""

    retired: int
    abandoned: int
    compacted: int
    removed: int


@dataclass(frozen=True)
class Housekeeping:
    """Of one lake; `nights` and `file_hours` as in runs.md and Delta's own default."""

    lake: Lake
    nights: int = NIGHTS
    file_hours: int = FILE_HOURS

    def due(self) -> list[tuple[Attempt, list[Table], int]]:
        """Published releases with the working tables that are to go, and how many nights were published since."""
        there, noted = publication.published(publication.attempts(self.lake)), self._noted()
        found = []
        for attempt in there:
            number = attempt.publication_no or 0
            since = sum(of.kind == "night" and (of.publication_no or 0) > number for of in there)
            at = attempt.as_of, attempt.release
            tables = [table for table in WORKING if at not in noted.get(table, ()) and may_go(table, attempt)]
            if since >= self.nights and tables:
                found.append((attempt, tables, since))
        return found

    def keep(self) -> Kept:
        """Take away what is due, and put files together. NotNow while a night, a restatement or an admission is at work."""
        with ExitStack() as held:
            for name in LEASES:
                held.enter_context(lease(self.lake.path, name))
            if due := self.due():
                self.lake.append(RETIRED, [
                    {"release": of.release, "as_of": of.as_of, "nights": since, "table": table.name}
                    for of, tables, since in due for table in tables
                ])  # fmt: skip
            audit_log.record(self.lake)
            went = self._take(self._noted()), self._take(self._abandoned())
            there = [table for table in catalogue.TABLES.values() if self.lake.has(table)]
            files = [self.lake.put_together(table, self.file_hours) for table in there]
        return Kept(*went, sum(compacted for compacted, _ in files), sum(removed for _, removed in files))

    def _noted(self) -> dict[Table, set[Partition]]:
        """All that was ever noted: where one died between the note and the deed, this one does it."""
        noted = defaultdict[Table, set[Partition]](set)
        for row in self.lake.rows(RETIRED).to_pylist():
            noted[catalogue.TABLES[row["table"]]].add((row["as_of"], row["release"]))
        return noted

    def _abandoned(self) -> dict[Table, set[Partition]]:
        gone = {(a.as_of, a.release) for a in publication.attempts(self.lake) if a.state == "abandoned"}
        return {step.writes: gone for step in STEPS}

    def _take(self, wanted: dict[Table, set[Partition]]) -> int:
        """Take away the partitions that are there; how many."""
        there = {table: self.lake.partitions(table) & partitions for table, partitions in wanted.items()}
        for table, partitions in there.items():
            self.lake.drop(table, partitions)
        return sum(map(len, there.values()))


def may_go(table: Table, attempt: Attempt) -> bool:
    """Whether nothing that is kept for ever needs the table's rows of a release."""
    return table in WORKING and not (table in _AT_MONTH_ENDS and attempt.as_of == month_end(attempt.as_of))


def described(due: Sequence[tuple[Attempt, list[Table], int]]) -> Iterator[str]:
    """What is due, in words."""
    for attempt, tables, since in due:
        names = ", ".join(table.name for table in tables)
        yield f"release {attempt.release} of {attempt.as_of}, {since} nights ago: {names}"
