"""The delivered rows behind a value: which feeds it rests on, and where its newest rows came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import duckdb
import pyarrow as pa

from loanwatch.admit import feeds
from loanwatch.admit.contact_feeds import CONTACT_ATTEMPT
from loanwatch.columns import ARROW
from loanwatch.derive.indicator import Indicator
from loanwatch.explanation.formulas import DAY, counted
from loanwatch.explanation.known import PLACE, FeedRow, known_rows
from loanwatch.lake import Lake
from loanwatch.seal.publication import Attempt
from loanwatch.tables import Feed

SHOWN = 3
# What the sources of the book are delivered as; a source of another name is a feed of that name.
FEEDS_OF: dict[str, tuple[Feed, ...]] = {
    "repayment": (feeds.REPAYMENT,), "payer": (feeds.REPAYMENT,), "schedule": (feeds.INSTALMENT, feeds.CHARGE, feeds.LOAN_EVENT),
    "valuation": (feeds.VALUATION, feeds.PLEDGE), "appraisal": (feeds.VALUATION,), "prior": (feeds.PLEDGE,),
    "registration": (feeds.PLEDGE,), "insurance": (feeds.ASSET_EVENT,), "attempt": (CONTACT_ATTEMPT,), "refinanced": (feeds.LOAN,),
}  # fmt: skip
_WHOSE = ("loan_id", "asset_id", "customer_id", "borrower_id")


@dataclass(frozen=True)
class Place:
    """Where a row came from: delivery, line, and the date from which it is true."""

    delivery_no: int
    line_no: int
    on: date


@dataclass(frozen=True)
class SourceRows:
    """Rows of a feed behind a value: the newest, and how many there are in all."""

    feed: str
    newest: tuple[Place, ...]
    count: int


@dataclass(frozen=True)
class Sources:
    """The feed rows that a release knew about some subjects: `whose` holds their ids by column."""

    lake: Lake
    attempt: Attempt
    whose: Mapping[str, Sequence[str]]
    _read: dict[str, list[FeedRow]] = field(default_factory=dict)

    def of(self, indicator: Indicator) -> Iterator[SourceRows]:
        """A row per feed that an indicator rests on."""
        asked: dict[str, list[str]] = {}
        for measure in indicator.of:
            asked.setdefault(measure.source.feed.name, []).append(counted(measure))
        for source in indicator.sources:
            for feed in FEEDS_OF.get(source, (feeds.FEEDS[source],) if source in feeds.FEEDS else ()):
                asked.setdefault(feed.name, []).append("true")
        for name, conditions in asked.items():
            if (rows := self._rows(feeds.FEEDS[name])) is not None:
                yield newest(feeds.FEEDS[name], _where(feeds.FEEDS[name], rows, conditions, self.attempt.as_of))

    def _rows(self, feed: Feed) -> list[FeedRow] | None:
        """None where the feed tells about none of the subjects by their ids."""
        names = {column.name for column in feed.row}
        column = next((name for name in _WHOSE if name in names and name in self.whose), None)
        if column and feed.name not in self._read:
            self._read[feed.name] = known_rows(self.lake, feed, self.attempt, column, self.whose[column])
        return self._read.get(feed.name)


def _where(feed: Feed, rows: Sequence[FeedRow], conditions: Sequence[str], day: date) -> list[FeedRow]:
    """The rows for which some condition holds on a day."""
    if "true" in conditions or not rows:
        return list(rows)
    schema = pa.schema({column.name: ARROW[column.type] for column in feed.row} | dict.fromkeys(PLACE, pa.int64()))
    with duckdb.connect() as engine:
        engine.register("rows", pa.Table.from_pylist(list(rows), schema=schema))
        chosen = " or ".join(f"({condition})" for condition in conditions)
        dated = f"select *, date '{day}' as {DAY}, row_number() over () as place from rows"
        found = engine.sql(f"select place from ({dated}) where {chosen} order by place").fetchall()
    return [rows[place - 1] for (place,) in found]


def newest(feed: Feed, rows: Sequence[FeedRow]) -> SourceRows:
    """The newest of some rows that stand oldest first."""
    places = [Place(row["delivery_no"], row["line_no"], row[feed.on.name]) for row in reversed(rows[-SHOWN:])]
    return SourceRows(feed.name, tuple(places), len(rows))
