"""Runs steps: reads what a step takes, writes what it gives, reads that back, and goes on only if it passes.

The only place where a step meets a path, a session or a lock.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from loanwatch import digest, session
from loanwatch.admit.tables import DELIVERY, SUPERSEDED
from loanwatch.calendars import month_end
from loanwatch.columns import WITHDRAWN
from loanwatch.errors import DataError, MachineError
from loanwatch.lake import Lake
from loanwatch.pipeline import Source, Step
from loanwatch.seal import publication
from loanwatch.seal.publication import Attempt
from loanwatch.seal.step_result import StepResult, note, results
from loanwatch.tables import Changes, Feed, Line, MonthEnds, Parent, Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

log = logging.getLogger(__name__)
PARTS = "part-*.parquet"

BROKEN = "broken"  # rows that are not as their columns say
SHOWN = 3


@dataclass
class Runner:
    """Performs the steps of one attempt on one Spark session, started by `engine` when a step first needs it.

    `values` are the plain values steps may need; `gate` is called with each table that was written and
    raises DataError if it does not pass; `say` is told of each step done.
    """

    engine: Callable[[], SparkSession]
    lake: Lake
    attempt: Attempt
    parent: Attempt | None
    values: Mapping[str, Any]
    gate: Callable[[Table, DataFrame, int], None]
    say: Callable[[StepResult], None]
    _lost: dict[str, bool] = field(default_factory=dict)
    _frames: dict[tuple[str, ...], DataFrame] = field(default_factory=dict)

    def run(self, step: Step) -> None:
        """Perform one step, unless this attempt has it already."""
        if step.name in self._done:
            return
        if step.monthly and self.attempt.as_of != month_end(self.attempt.as_of):
            self.lake.create(step.writes)
            self._note(step, {"rows": 0}, 0)
            return
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            session.name_jobs(self.engine(), step.name)
            self._perform(step)
        except (PySparkException, Py4JError) as error:
            raise _explained(step.writes, error) from None
        finally:
            self.engine().catalog.clearCache()  # what the step asked to keep while it uses it twice

    def _perform(self, step: Step) -> None:
        began = time.monotonic()
        frames = {source.short: self.read(source) for source in step.reads}
        frame = step.function(**frames, **{name: self.values[name] for name in step.needs})
        files = self._write(step.writes, frame)
        written = self._files(step.writes, list(map(str, files))).select(*step.writes.names)
        found = self._read_back(step.writes, written)
        if found[BROKEN]:
            raise DataError(_broken(step.writes, written))
        self.lake.commit(step.writes, self.attempt.as_of, self.attempt.release, files)
        self.gate(step.writes, written, found["rows"])
        self._note(step, found, int(1000 * (time.monotonic() - began)))

    def _note(self, step: Step, found: Mapping[str, Any], wall_ms: int) -> None:
        sums = {name: found.get(name) or 0 for name in _amounts(step.writes)}
        result = StepResult(step.name, found["rows"], digest.text(found), sums, wall_ms)
        note(self.lake, self.attempt, result)
        self._done.add(step.name)
        self.say(result)

    @cached_property
    def _done(self) -> set[str]:
        """The steps that this attempt has, by a process before this one or by this one."""
        return set(results(self.lake, self.attempt))

    def read(self, source: Source) -> DataFrame:
        """The frame of a source: known by K, true on the business date, of this attempt or of those before it.

        Nothing of that changes while an attempt runs, so each is made once: to list and resolve its files takes longer than many
        a step's query.
        """
        key = (type(source).__name__, source.short, str(getattr(source, "months", "")))
        if key not in self._frames:
            self._frames[key] = self._frame(source)
        return self._frames[key]

    def _frame(self, source: Source) -> DataFrame:
        if isinstance(source, Feed):
            return self._known(source)
        if isinstance(source, Changes):
            return self._changes(source.feed)
        if isinstance(source, MonthEnds):
            return self._month_ends(source)
        if isinstance(source, Line):
            return self._line(source)
        if isinstance(source, Parent):
            return self._partition(source.table, self.parent) if self.parent else self._empty(source.table)
        return self._deliveries() if source is DELIVERY else self._partition(source, self.attempt)

    def _known(self, feed: Feed) -> DataFrame:
        """Winning rows of a feed; of a state feed, the one that is true on the business date."""
        from pyspark.sql import Window
        from pyspark.sql import functions as F

        self.lake.create(feed.table)
        rows = self._load(feed.table).where(F.col("delivery_no") <= self.attempt.known)
        if self._has_lost(feed):
            lost = self._load(SUPERSEDED).where((F.col("feed") == feed.name) & (F.col("by") <= self.attempt.known))
            place = ["delivery_no", "line_no"]
            rows = rows.join(F.broadcast(lost.select(*place)), on=place, how="left_anti")
        rows = rows.where(~F.col(WITHDRAWN.name) & (F.col(feed.on.name) <= F.lit(self.attempt.as_of)))
        rows = rows.select(*[column.name for column in feed.row])
        if not feed.state:
            return rows
        newest = Window.partitionBy(*[c.name for c in feed.key]).orderBy(F.col(feed.on.name).desc())
        return rows.withColumn("_newest", F.row_number().over(newest)).where("_newest = 1").drop("_newest")

    def _has_lost(self, feed: Feed) -> bool:
        if not self._lost:
            rows = self.lake.rows(SUPERSEDED, columns=("distinct feed",))["feed"].to_pylist()
            self._lost = dict.fromkeys(rows, True) | {"": False}
        return self._lost.get(feed.name, False)

    def _deliveries(self) -> DataFrame:
        from pyspark.sql import functions as F

        known = (F.col("delivery_no") <= self.attempt.known) & (F.col("business_on") <= F.lit(self.attempt.as_of))
        return self._load(DELIVERY).where(known & (F.col("outcome") == "admitted"))

    def _partition(self, table: Table, of: Attempt) -> DataFrame:
        return self._files(table, self.lake.files(table, of.as_of, of.release)).select(*table.names)

    def _month_ends(self, source: MonthEnds) -> DataFrame:
        from pyspark.sql import functions as F

        dated = self._empty(source.table).select(F.lit(self.attempt.as_of).alias("as_of"), "*")
        for of in publication.month_ends(publication.attempts(self.lake), self.attempt, source.months):
            rows = self._partition(source.table, of)
            dated = dated.unionByName(rows.select(F.lit(of.as_of).alias("as_of"), *source.table.names))
        return dated

    def _changes(self, feed: Feed) -> DataFrame:
        """Rows of a feed that the parent did not know, and those it did that are superseded now."""
        from pyspark.sql import functions as F

        self.lake.create(feed.table)
        before = self.parent.known if self.parent else self.attempt.known
        rows, columns = self._load(feed.table), [column.name for column in feed.row]
        since = F.col("delivery_no").between(before + 1, self.attempt.known)
        new = rows.where(since).select(*columns)
        if not self._has_lost(feed):
            return new
        lost = self._load(SUPERSEDED).where((F.col("feed") == feed.name) & F.col("by").between(before + 1, self.attempt.known))
        place = ["delivery_no", "line_no"]
        return new.unionByName(rows.join(F.broadcast(lost.select(*place)), on=place, how="left_semi").select(*columns))

    def _line(self, source: Line) -> DataFrame:
        table = source.table
        attempts = publication.ancestors(publication.attempts(self.lake), self.attempt, source.months)
        files = self.lake.files_of(table, [(of.as_of, of.release) for of in attempts])
        schema = f"{table.spark}, as_of date"
        if not files:
            return self.engine().createDataFrame([], schema)
        reader = self.engine().read.option("basePath", str(self.lake.at(table))).schema(schema)
        return reader.parquet(*files).select(*table.names, "as_of")

    def _load(self, table: Table) -> DataFrame:
        """A ledger or feed table as of now."""
        return self._files(table, self.lake.files(table))

    def _files(self, table: Table, files: list[str]) -> DataFrame:
        # The files of a Delta version, listed by delta-rs: Spark's own snapshot of the log costs a second a table.
        return self.engine().read.schema(table.spark).parquet(*files) if files else self._empty(table)

    def _empty(self, table: Table) -> DataFrame:
        return self.engine().createDataFrame([], table.spark)

    def _write(self, table: Table, frame: DataFrame) -> list[Path]:
        """The files of the rows: where the table's lie, but not of it yet."""
        folder = self.lake.folder(table, self.attempt.as_of, self.attempt.release)
        before = set(folder.glob(PARTS))
        frame.select(*_declared(table, frame)).write.mode("append").parquet(str(folder))
        written = sorted(set(folder.glob(PARTS)) - before)
        return [file for file in written if pq.read_metadata(file).num_rows]

    def _read_back(self, table: Table, written: DataFrame) -> dict[str, Any]:
        from pyspark.sql import functions as F

        sums = [F.sum(name).alias(name) for name in _amounts(table)]
        broken = F.count_if(F.expr(" or ".join(f"({fault})" for fault in _faults(table).values()) or "false"))
        found = written.agg(F.count(F.lit(1)).alias("rows"), broken.alias(BROKEN), *digest.parts(table), *sums).collect()[0]
        return found.asDict()


def _declared(table: Table, frame: DataFrame) -> list[Any]:
    """The frame's columns as the table declares them; all differences together where they do not agree."""
    from pyspark.sql import functions as F

    from loanwatch.columns import SPARK

    missing = [c.name for c in table.columns if c.name not in frame.columns]
    surplus = [name for name in frame.columns if name not in table.names]
    if missing or surplus:
        raise MachineError(f"step {table.name}: columns missing {missing}, not declared {surplus}")
    return [F.col(c.name).cast(SPARK[c.type]).alias(c.name) for c in table.columns]


def _faults(table: Table) -> dict[str, str]:
    """When a row is not as a column says, by column: nothing where it is required, or no value that it may have."""
    faults = {}
    for column in table.columns:
        nothing = [f"{column.name} is null"] if column.required else []
        wrong = [f"not coalesce({column.check}, true)"] if column.check else []
        if nothing or wrong:
            faults[column.name] = " or ".join(nothing + wrong)
    return faults


def _broken(table: Table, written: DataFrame) -> str:
    """Which columns are not as they are declared, in how many rows, and the first of these by key."""
    from pyspark.sql import functions as F

    key, told = ", ".join(column.name for column in table.key), []
    for name, fault in _faults(table).items():
        rows = written.where(fault)
        if count := rows.count():
            first = rows.select(F.concat_ws(" ", *[column.name for column in table.key])).limit(SHOWN).collect()
            column = table.by_name[name]
            says = "; ".join([*(["required"] if column.required else []), *([column.check] if column.check else [])])
            told.append(f"{name} ({says}): {count} rows, such as {key} {', '.join(str(row[0]) for row in first)}")
    return f"{table.name}: not as declared: {' | '.join(told)}"


def _amounts(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.name.endswith("_minor")]


def _explained(table: Table, error: Exception) -> MachineError:
    """The engine's error in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith("Caused by: ")]
    first = [line for line in lines[:1] if not line.startswith("An error occurred while calling")]
    said = [line.removeprefix("Caused by: ") for line in first + causes[-1:]]
    return MachineError(f"{table.name}: {': '.join(said) or type(error).__name__}")
