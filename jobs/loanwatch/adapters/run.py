"""An adapter at work: its files read and translated, its feeds delivered, its function called.

A cell that cannot be read goes on as it is, marked, into the delivery of a mapped feed: admission turns the row away.
What cannot go on is left out and listed in `unread.csv` beside the inbox: rows with a wrong number of cells or no business
date, and rows that a function would have needed whole.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch.adapters import source
from loanwatch.adapters.deliveries import Inbox, free, total
from loanwatch.adapters.functions import Function
from loanwatch.adapters.mapping import Mapping, Rows
from loanwatch.adapters.monthly import Given
from loanwatch.adapters.snapshots import Snapshots, joined
from loanwatch.adapters.source import Source
from loanwatch.adapters.translation import Flags, Translated, translated
from loanwatch.admit.feeds import FEEDS
from loanwatch.columns import ARROW, AS_OF, Column
from loanwatch.errors import UsageError
from loanwatch.snapshot import cell
from loanwatch.tables import Feed

Say = Callable[[str], None]
BUSINESS_ON = "business_on"


@dataclass
class Run:
    """One import: a mapping, its files, and what was left out on the way."""

    mapping: Mapping
    function: Function | None
    out: Path
    say: Say
    unread: list[tuple[str, int, str, str]] = field(default_factory=list)
    gone: list[tuple[str, date, str]] = field(default_factory=list)
    seen: dict[str, set[str]] = field(default_factory=dict)

    def perform(self, paths: Sequence[Path]) -> None:
        """Deliver what the files bring; NotNow where a snapshot has to wait for the one before."""
        if self.function:
            free(self.out)
        found = source.sorted_out(paths, self.mapping)
        self._say_missing(found)
        try:
            tables: dict[str, list[pa.Table]] = {name: [] for name in self.mapping.reads}
            for theirs in self._in_order(found):
                self._deliver(*theirs)
                for name, rows in self._read_by_function(*theirs):
                    tables[name].append(rows)
            if self.function:
                whole = {name: pa.concat_tables(parts) for name, parts in tables.items()}
                self.function.deliver(Given(whole, self._inbox, self.mapping.about, self.say))
        finally:
            self._list()

    @property
    def _inbox(self) -> Inbox:
        return Inbox(self.out / "inbox", self.mapping.sender)

    def _say_missing(self, found: dict[str, list[Path]]) -> None:
        without = sorted({rows.of for rows in self.mapping.reads.values() if not found[rows.of]})
        if without:
            told = ", ".join(f"{name} ({', '.join(self.mapping.files[name].files)})" for name in without)
            raise UsageError(f"no file of {told}: the function {self.mapping.function} needs it")

    def _in_order(self, found: dict[str, list[Path]]) -> Iterator[tuple[str, Source]]:
        """The files by business date, then name: a snapshot comes after the one before. One is in memory at a time."""
        dated = [(source.told_date(path, self.mapping.files[name].business_on) or date.min, path.name, name, path)
                 for name, paths in found.items() for path in paths]  # fmt: skip
        for _, _, name, path in sorted(dated):
            rows = [rows for rows in (*self.mapping.feeds.values(), *self.mapping.reads.values()) if rows.of == name]
            wanted = [column for part in rows for cell in part.columns.values() for column in cell.from_]
            yield name, source.read(path, self.mapping.files[name], wanted)

    def _deliver(self, name: str, theirs: Source) -> None:
        """The feeds that a file brings, each by business date."""
        days = [day for day in theirs.business_on.unique().sort().to_pylist() if day]
        feeds = {feed: rows for feed, rows in self.mapping.feeds.items() if rows.of == name}
        for feed in (feed for feed, rows in feeds.items() if rows.snapshot):
            for day in days[:1]:
                self._snapshots(FEEDS[feed]).check(day)
        for number in theirs.broken:
            self.unread.append((theirs.path.name, number, "", "another number of cells than the layout"))
        self._note(theirs, BUSINESS_ON, "no business date", pc.is_null(theirs.business_on).to_numpy(zero_copy_only=False))
        for feed, rows in feeds.items():
            columns = {column.name: column for column in FEEDS[feed].file_columns}
            ours = translated(rows, columns, theirs.text, self.mapping.sender)
            for day in days:
                self._send(FEEDS[feed], rows, ours, pc.equal(theirs.business_on, day), day)

    def _send(self, feed: Feed, rows: Rows, ours: Translated, that_day: pa.Array, day: date) -> None:
        chosen = pc.fill_null(that_day, False)
        text, values = pa.table(ours.text).filter(chosen), pa.table(ours.values).filter(chosen)
        if rows.once:
            new = pa.array(self._new(feed.name, text))
            text, values = text.filter(new), values.filter(new)
        if not rows.snapshot:
            self._send_rows(feed, day, text, values, even_empty=not rows.once)
            return
        snapshots = self._snapshots(feed)
        snapshots.check(day)
        changes = snapshots.changes(text)
        self._send_rows(feed, day, text.filter(pa.array(changes.rows)), values.filter(pa.array(changes.rows)), even_empty=True)
        self.gone += [(feed.name, day, key) for key in changes.gone]
        snapshots.keep(day, changes)

    def _send_rows(self, feed: Feed, day: date, text: pa.Table, values: pa.Table, *, even_empty: bool) -> None:
        sums = {column.name: total(values[column.name]) for column in feed.sums if column.name in values.column_names}
        if len(text) or even_empty:
            self._inbox.send_text(feed, day, text, sums)

    def _new(self, feed: str, text: pa.Table) -> Flags:
        """Which rows have not come before in this import."""
        seen, new = self.seen.setdefault(feed, set()), np.zeros(len(text), bool)
        for i, row in enumerate(joined(text, text.column_names).to_pylist()):
            new[i] = row not in seen
            seen.add(row)
        return new

    def _snapshots(self, feed: Feed) -> Snapshots:
        return Snapshots(self.out / "snapshots" / feed.name / self._inbox.sender(feed.name), feed, self.mapping.calendar)

    def _read_by_function(self, name: str, theirs: Source) -> Iterator[tuple[str, pa.Table]]:
        """What a function reads of a file: typed rows without a fault, each with its business date."""
        for table, rows in self.mapping.reads.items():
            if rows.of != name or self.function is None:
                continue
            columns = {column.name: column for column in self.function.reads[table]}
            ours = translated(rows, columns, theirs.text, self.mapping.sender)
            ours.values |= {c: pa.nulls(len(theirs.row), ARROW[columns[c].type]) for c in columns if c not in ours.values}
            faults = [*ours.faults, *_unfit(columns, ours), (BUSINESS_ON, "", ~theirs.business_on.is_valid().to_numpy(False))]
            for column, what, where in faults:
                if what:
                    self._note(theirs, column, what, where)
            good = ~np.logical_or.reduce([where for _, _, where in faults])
            yield table, pa.table({**{c: ours.values[c] for c in columns}, BUSINESS_ON: theirs.business_on}).filter(pa.array(good))

    def _note(self, theirs: Source, column: str, what: str, where: Flags) -> None:
        self.unread += [(theirs.path.name, int(row), column, what) for row in theirs.row[where]]

    def _list(self) -> None:
        """The two lists beside the inbox, where there is something to say."""
        lists = (("unread", ("file", "row", "column", "what"), sorted(self.unread)),
                 ("gone", ("feed", AS_OF.name, "key"), sorted(self.gone)))  # fmt: skip
        for name, header, rows in lists:
            path = self.out / f"{name}.csv"
            if rows:
                self.out.mkdir(parents=True, exist_ok=True)
                with path.open("a", newline="", encoding="utf-8") as file:
                    told = [[cell(value) for value in row] for row in rows]
                    csv.writer(file).writerows(told if file.tell() else [header, *told])
                self.say(f"{len(rows)} faults or rows {name}: listed in {path}")


def _unfit(columns: dict[str, Column], ours: Translated) -> Iterator[tuple[str, str, Flags]]:
    """Values that a function cannot take: missing, out of range, of no form or word that it knows."""
    for name, column in columns.items():
        values = ours.values[name]
        if column.required:
            unread = np.logical_or.reduce([where for of, _, where in ours.faults if of == name] or [np.zeros(len(values), bool)])
            yield name, "missing", values.is_null().to_numpy(zero_copy_only=False) & ~unread
        for what, holds in _facts(column, values):
            yield name, what, ~pc.fill_null(holds, True).to_numpy(zero_copy_only=False)


def _facts(column: Column, values: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    if column.at_least is not None:
        yield f"below {column.at_least}", pc.greater_equal(values, column.at_least)
    if column.at_most is not None:
        yield f"above {column.at_most}", pc.less_equal(values, column.at_most)
    if column.pattern is not None:
        yield "not of the form", pc.match_substring_regex(values, f"^(?:{column.pattern})$")
    if column.codes is not None:
        yield f"no {column.codes.name}", pc.or_(pc.is_in(values, pa.array(column.codes.words)), pc.is_null(values))
