"""Senders put deliveries into the inbox, each in its own format, through the project's own writer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa

from loanwatch.admit.delivery import DeliveryWriter, Place
from loanwatch.synth.columns import numbered
from loanwatch.synth.plan import Ints, Plan, as_date
from loanwatch.tables import Feed


@dataclass(frozen=True)
class Sender:
    """Who delivers, where to, and as which kind of file."""

    code: str
    kind: Literal["csv", "parquet"]
    inbox: Path

    def send(self, feed: Feed, day: int, rows: pa.Table, even_empty: bool = False, sequence: int = 1) -> None:
        """One delivery, sent on its business date; without rows only where the feed is due every day."""
        if not (len(rows) or even_empty):
            return
        place = Place(feed.name, self.code, as_date(day), sequence)
        with DeliveryWriter(self.inbox, feed, place, as_date(day), self.kind) as writer:
            writer.write(rows)


def partner_sender(code: str, number: int, inbox: Path) -> Sender:
    """Every other partner sends CSV, beginning with the first."""
    return Sender(code, "parquet" if number % 2 else "csv", inbox)


def of_day(plan: Plan, days: Ints, rows: pa.Table, day: int) -> pa.Table:
    """The rows of a day, given the day of each in order; the first day's have the history with them."""
    begin = 0 if day == plan.first else int(np.searchsorted(days, day))
    return rows.slice(begin, int(np.searchsorted(days, day + 1)) - begin)


class Collector:
    """Rows of a sender that speaks of all partners: kept by day until the last partner is done, then numbered."""

    def __init__(self, number: str = "", letter: str = "") -> None:
        """`number` is the column that counts the sender's rows, `letter` what each number begins with."""
        self.number, self.letter, self.sent = number, letter, 0
        self._by_day: dict[int, list[pa.Table]] = {}

    def add(self, day: int, rows: pa.Table) -> None:
        self._by_day.setdefault(day, []).append(rows)

    def rows(self, day: int) -> int:
        """How many rows the day has so far."""
        return sum(len(part) for part in self._by_day.get(day, ()))

    def on(self, day: int) -> pa.Table:
        """The day's rows; ask day after day, for the numbers go on."""
        rows = pa.concat_tables(self._by_day.pop(day))
        if self.number:
            rows = rows.append_column(self.number, numbered(self.letter, self.sent + 1 + np.arange(len(rows)), 9))
        self.sent += len(rows)
        return rows
