"""From which date on a night's late arrivals would have changed what was published: where to restate from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pyarrow as pa

from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.tables import DELIVERY, SUPERSEDED
from loanwatch.gaps import Expected
from loanwatch.lake import Lake
from loanwatch.seal.publication import Attempt, attempts, current, parent_of
from loanwatch.tables import Feed

MEMORY = "2GB"

_LATE = "select min({on}) from read_parquet($files) where delivery_no > $before and delivery_no <= $known and {on} <= $day"
_LOST = "select min({on}) from read_parquet($files) semi join lost using (delivery_no, line_no) where {on} <= $day"


def touched_from(lake: Lake, attempt: Attempt, expected: Expected) -> date | None:
    """The first published date about which the attempt knows something that its parent did not; None where there is none.

    The least of the dates of rows that came late, of the versions they supersede, and of gaps that have closed. Restated
    from there with everything the attempt knows, each date is what it would have been had all of it come in time.
    """
    known = attempts(lake)
    parent = parent_of(known, attempt)
    if parent is None:
        return None
    least = min((*_rows(lake, attempt, parent), *_closed(lake, attempt, parent, expected)), default=None)
    dates = sorted(day for day in current(known) if least and least <= day <= parent.as_of)
    return dates[0] if dates else None


def _rows(lake: Lake, attempt: Attempt, parent: Attempt) -> Iterator[date]:
    """The earliest dates of what is newly admitted and newly superseded, by feed."""
    came = lake.rows(DELIVERY, f"{_newly(attempt, parent, 'delivery_no')} and rows_admitted > 0", ("distinct feed",))
    lost = lake.rows(SUPERSEDED, _newly(attempt, parent, "by"), ("feed", "delivery_no", "line_no"))
    told = {"before": parent.known, "known": attempt.known, "day": parent.as_of}
    for name in came["feed"].to_pylist():
        yield from _least(lake, FEEDS[name], _LATE, told)
    for name in set(lost["feed"].to_pylist()):
        of_feed = lost.filter(pa.compute.equal(lost["feed"], name))
        yield from _least(lake, FEEDS[name], _LOST, {"day": parent.as_of}, of_feed)


def _least(lake: Lake, feed: Feed, query: str, told: dict[str, object], lost: pa.Table | None = None) -> Iterator[date]:
    with duckdb.connect(config={"memory_limit": MEMORY}) as engine:
        if lost is not None:
            engine.register("lost", lost)
        found = engine.execute(query.format(on=feed.on.name), {"files": lake.files(feed.table), **told}).fetchone()
    yield from (day for day in found or () if day)


def _closed(lake: Lake, attempt: Attempt, parent: Attempt, expected: Expected) -> Iterator[date]:
    """From when on what has come by now was missing."""
    rows = lake.rows(DELIVERY, f"{_newly(attempt, parent, 'delivery_no')} and outcome = 'admitted'", ("feed", "business_on"))
    for row in rows.to_pylist():
        if row["feed"] in expected.behind_days:
            missing_from = row["business_on"] + timedelta(expected.behind_days[row["feed"]])
            if missing_from <= parent.as_of:
                yield missing_from


def _newly(attempt: Attempt, parent: Attempt, number: str) -> str:
    return f'"{number}" > {parent.known} and "{number}" <= {attempt.known}'
