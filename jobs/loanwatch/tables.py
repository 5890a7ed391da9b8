"""Feeds and tables, declared once; every schema, check and dictionary is derived from them.

Imports neither Spark, Airflow nor Great Expectations.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import pyarrow as pa

from loanwatch.columns import ADMITTED, ARROW, AS_OF, DELIVERY_NO, LINE_NO, RELEASE, SENDER_ID, SPARK, Column


@dataclass(frozen=True)
class Table:
    """A table of the lake: `<stage>.<name>`, its grain, key and columns.

    A table that a night's step writes is partitioned by `as_of` and `release`; a ledger is append-only
    and carries its own columns only.
    """

    name: str
    grain: str
    key: tuple[Column, ...]
    columns: tuple[Column, ...]
    ledger: bool = False
    public: bool = False

    @property
    def stage(self) -> str:
        return self.name.split(".")[0]

    @property
    def short(self) -> str:
        """The table's name without its stage: how a step's argument is named."""
        return self.name.split(".")[1]

    @property
    def subject(self) -> str:
        """The first column of its key: what its rows are of."""
        return self.key[0].name

    @cached_property
    def all_columns(self) -> tuple[Column, ...]:
        return self.columns if self.ledger else (AS_OF, RELEASE, *self.columns)

    @property
    def partition_by(self) -> tuple[str, ...]:
        return () if self.ledger else (AS_OF.name, RELEASE.name)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def arrow(self) -> pa.Schema:
        return pa.schema(
            [pa.field(c.name, ARROW[c.type], not c.required, {"comment": c.doc}) for c in self.all_columns]
        )

    @property
    def spark(self) -> str:
        """The step's part of the schema as Spark DDL."""
        return ", ".join(f"{column.name} {SPARK[column.type]}" for column in self.columns)

    @property
    def checks(self) -> dict[str, str]:
        """CHECK constraints by name."""
        return {column.name: column.check for column in self.columns if column.check}

    @property
    def parent(self) -> Parent:
        """The rows of this table in the attempt's parent release; for true state only."""
        return Parent(self)

    def line(self, months: int) -> Line:
        """The rows of this table in all releases before, along the line of parents; for sums over closed months."""
        return Line(self, months)

    def month_ends(self, months: int) -> MonthEnds:
        """The rows of this table on the last month-ends before the date, along the line of parents."""
        return MonthEnds(self, months)


@dataclass(frozen=True)
class Parent:
    """A read of the parent release's rows of a table; the step's argument is `<table>_before`."""

    table: Table

    @property
    def short(self) -> str:
        return f"{self.table.short}_before"


@dataclass(frozen=True)
class MonthEnds:
    """A read of a table's rows of the last month-ends before the date; the step's argument is `<table>_month_ends`.

    The month-ends are those of the line of parents, `as_of` beside each row; there may be fewer.
    """

    table: Table
    months: int

    @property
    def short(self) -> str:
        return f"{self.table.short}_month_ends"


@dataclass(frozen=True)
class Line:
    """A read of what the releases before have added to a table, so many months back; the step's argument is `<table>_line`.

    `as_of` stands beside each row. Sums over closed months are a cache of admitted rows that grows with the line (runs.md 12).
    """

    table: Table
    months: int

    @property
    def short(self) -> str:
        return f"{self.table.short}_line"


@dataclass(frozen=True)
class Changes:
    """A read of the rows of a feed that were admitted or superseded since the parent release; `<feed>_changes`.

    Nothing where there is no parent.
    """

    feed: Feed

    @property
    def short(self) -> str:
        return f"{self.feed.name}_changes"


@dataclass(frozen=True)
class Older:
    """An older version of a feed: what it lacked beside the next one, and the last business date of which it is taken.

    Whole columns, words of code lists as (column, word), and whole numbers that were `int`. Only facts can be added
    or widened: another key or date is another feed.
    """

    until: datetime.date
    lacks: tuple[str, ...] = ()
    lacks_words: tuple[tuple[str, str], ...] = ()
    narrower: tuple[str, ...] = ()

    def of(self, newer: Feed) -> Feed:
        """The feed as it was, from the one that came after; ValueError where it lacks what that does not have."""
        facts = {column.name: column for column in newer.facts}
        named = {*self.lacks, *self.narrower, *(name for name, _ in self.lacks_words)}
        wrong = [f"no fact {name}" for name in sorted(named - set(facts))]
        wrong += [f"{name} has no word {word}" for name, word in self.lacks_words if word not in (facts[name].codes or ())]
        wrong += [f"{name} is no long" for name in self.narrower if facts[name].type != "long"]
        if wrong:
            raise ValueError(f"feed {newer.name}, before {self.until}: {'; '.join(wrong)}")
        was = {name: self._column(column) for name, column in facts.items() if name not in self.lacks}
        sums = tuple(was.get(column.name, column) for column in newer.sums if column.name not in self.lacks)
        adds_up = newer.adds_up if newer.adds_up and set(newer.adds_up[1]) <= set(was) else None
        some_of = tuple(name for name in newer.some_of if name in was)
        return replace(newer, facts=tuple(was.values()), sums=sums, adds_up=adds_up, some_of=some_of, older=newer.older[:-1])

    def _column(self, newer: Column) -> Column:
        without = tuple(word for name, word in self.lacks_words if name == newer.name)
        codes = newer.codes.without(without) if newer.codes and without else newer.codes
        return replace(newer, codes=codes, type="int" if newer.name in self.narrower else newer.type)


@dataclass(frozen=True)
class Feed:
    """What one kind of delivery contains.

    An event is true on its `on` date. A state (`state=True`) is true from `on` until a later row of the
    same key; `on` is then part of the key and defaults to the delivery's business date.
    `sums` are the columns whose totals the sender states in the manifest.
    `whose` data it is and on what lawful `basis` they are processed: codes.DATA_SUBJECTS, codes.LAWFUL_BASES
    (PIPL art. 13 and 29). Only consent ends by withdrawal.
    `adds_up`: an amount, and the shares it is split into; where any is told, they add up to it.
    `some_of`: columns of which at least one is told.
    `past`: an event that has happened; what is dated after the delivery's business date and the day it was sent is rejected.
    A feed is declared as its newest version; `older` are those before it, from version 1 on.
    """

    name: str
    key: tuple[Column, ...]
    on: Column
    facts: tuple[Column, ...]
    sums: tuple[Column, ...] = ()
    state: bool = False
    sent_by: Literal["partner", "ledger", "bank", "valuer", "bureau", "market", "risk"] = "partner"
    doc: str = ""
    whose: str = "nobody"
    basis: str | None = None
    adds_up: tuple[str, tuple[str, ...]] | None = None
    some_of: tuple[str, ...] = ()
    past: bool = False
    older: tuple[Older, ...] = ()

    def __post_init__(self) -> None:
        if self.older:
            self.older[-1].of(self)  # says what is wrong, there and before

    @property
    def short(self) -> str:
        return self.name

    @property
    def version(self) -> int:
        return len(self.older) + 1

    @property
    def changes(self) -> Changes:
        """The rows admitted or superseded since the parent release."""
        return Changes(self)

    def at(self, version: int) -> Feed:
        """The feed as of a version; KeyError where there is none."""
        if not 1 <= version <= self.version:
            raise KeyError(version)
        return self if version == self.version else self.older[-1].of(self).at(version)

    def until(self, version: int) -> datetime.date | None:
        """The last business date of which a version is taken; None = the newest, without end."""
        return self.older[version - 1].until if version < self.version else None

    def basis_of(self, column: Column) -> tuple[str, str | None]:
        """Whose data a column holds, and on what basis."""
        return column.whose or self.whose, column.basis or self.basis

    @cached_property
    def row(self) -> tuple[Column, ...]:
        """The columns of an admitted row, without its place."""
        columns = (*self.key, self.on, *self.facts)
        return tuple({column.name: column for column in columns}.values())

    @cached_property
    def file_columns(self) -> tuple[Column, ...]:
        """The columns of a delivered file, in order; `withdrawn` may follow, and no other."""
        columns: list[Column] = []
        declared = {column.name: column for column in self.row}
        for column in self.row:
            if column.name == SENDER_ID.name:
                continue
            parts = column.of or (column.name,)
            for name in parts:
                if all(name != seen.name for seen in columns):
                    part = Column(name, doc=f"Part of {column.name}.", whose=column.whose, basis=column.basis)
                    columns.append(declared.get(name, part))
        return tuple(columns)

    @property
    def identity(self) -> tuple[str, ...]:
        """The names of the business key: two rows that agree on them are versions of one another."""
        names = tuple(column.name for column in self.key)
        return (*names, self.on.name) if self.state else names

    @cached_property
    def table(self) -> Table:
        """`admit.<feed>`: every admitted version of every row, with the place it came from; what came later may be null."""
        grain = "one row per version of a row that a sender delivered"
        later = {name for older in self.older for name in older.lacks}
        row = tuple(replace(c, required=False) if c.name in later else c for c in self.row)
        columns = (*row, *ADMITTED)
        return Table(f"admit.{self.name}", grain, (DELIVERY_NO, LINE_NO), columns, ledger=True)
