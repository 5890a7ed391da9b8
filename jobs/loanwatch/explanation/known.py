"""Rows of feeds as a release knew them, few enough to be read without Spark."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from loanwatch.admit.tables import SUPERSEDED
from loanwatch.columns import WITHDRAWN
from loanwatch.lake import Lake
from loanwatch.seal.publication import Attempt
from loanwatch.tables import Feed

FeedRow = dict[str, Any]
PLACE = ("delivery_no", "line_no")


def known_rows(lake: Lake, feed: Feed, attempt: Attempt, column: str, values: Iterable[str]) -> list[FeedRow]:
    """The winning rows of a feed for some values of a column, with the place each came from, oldest first.

    Known by K and true on the business date, as a night reads them; of a state feed the one that holds on the date.
    """
    on = feed.on.name
    listed = ", ".join(quoted(value) for value in values)
    if not listed:
        return []
    known = f"delivery_no <= {attempt.known} and {on} <= DATE '{attempt.as_of}' and not {WITHDRAWN.name}"
    names = (*(c.name for c in feed.row), *PLACE)
    rows = lake.rows(
        feed.table, f"{column} in ({listed}) and {known} order by {on}, delivery_no, line_no", names
    ).to_pylist()
    lost = _lost(lake, feed, attempt, {row["delivery_no"] for row in rows})
    won = [row for row in rows if (row["delivery_no"], row["line_no"]) not in lost]
    return list({tuple(row[c.name] for c in feed.key): row for row in won}.values()) if feed.state else won


def _lost(lake: Lake, feed: Feed, attempt: Attempt, deliveries: set[int]) -> set[tuple[int, int]]:
    """The places of rows of some deliveries that lost to higher versions."""
    if not deliveries:
        return set()
    listed = ", ".join(map(str, sorted(deliveries)))
    where = f"feed = {quoted(feed.name)} and by <= {attempt.known} and delivery_no in ({listed})"
    found = lake.rows(SUPERSEDED, where, PLACE)
    return set(zip(*(found[name].to_pylist() for name in PLACE), strict=True))


def quoted(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"
