"""What two releases of one date say differently about the same rows; no Spark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from loanwatch.errors import UsageError
from loanwatch.lake import Lake
from loanwatch.seal import publication, retired
from loanwatch.seal.publication import Attempt
from loanwatch.tables import Table

Rows = Sequence[dict[str, Any]]
Keyed = dict[tuple[Any, ...], dict[str, Any]]


@dataclass(frozen=True)
class Differing:
    """One value of one row, or a whole row that only one of the releases has: then `column` is None, and the other side too."""

    key: tuple[Any, ...]
    column: str | None
    before: Any
    after: Any


@dataclass(frozen=True)
class Difference:
    """Everything that differs between two releases of a table, in the order of the key; `rows` is by how many rows."""

    table: Table
    before: Attempt
    after: Attempt
    differing: tuple[Differing, ...]

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.table.key)

    @property
    def rows(self) -> int:
        return len({one.key for one in self.differing})

    def columns(self) -> dict[str, list[Any]]:
        """As a table for people: the key, the column that differs, and its value under either release."""
        named = {name: [one.key[i] for one in self.differing] for i, name in enumerate(self.key)}
        return named | {
            "differs": [one.column or "the whole row" for one in self.differing],
            f"release {self.before.release}": [_said(one, one.before) for one in self.differing],
            f"release {self.after.release}": [_said(one, one.after) for one in self.differing],
        }


def difference(lake: Lake, table: Table, as_of: date, before: int, after: int) -> Difference:
    """What release `after` of a date says otherwise than release `before`.

    UsageError for a release that the date does not have, and for a ledger, which has no releases.
    """
    if table.ledger:
        raise UsageError(f"{table.name} is a ledger, one for all releases; diff compares tables that a night computes")
    if before == after:
        raise UsageError(f"release {before} does not differ from itself; give two releases of {as_of}")
    one, other = publication.find(lake, as_of, before), publication.find(lake, as_of, after)
    for attempt in (one, other):
        retired.refuse(lake, attempt, table)
    sides: tuple[Keyed, Keyed] = ({}, {})
    for row in _unlike(lake, table, one, other):
        sides[row["in_release"] == other.release][tuple(row[column.name] for column in table.key)] = row
    return Difference(table, one, other, _differing(sides, table.names))


def of_rows(table: Table, unlike: tuple[Rows, Rows], columns: Sequence[str]) -> tuple[Differing, ...]:
    """What differs between rows of either side that the other does not have, in the order of the key."""
    key = [column.name for column in table.key if column.name in columns]
    before, after = ({tuple(row[name] for name in key): row for row in rows} for rows in unlike)
    return _differing((before, after), columns)


def _differing(sides: tuple[Keyed, Keyed], columns: Sequence[str]) -> tuple[Differing, ...]:
    keys = sorted({**sides[0], **sides[1]}, key=lambda key: [(value is not None, value) for value in key])
    return tuple(found for key in keys for found in _of_row(columns, key, sides[0].get(key), sides[1].get(key)))


def _said(one: Differing, value: Any) -> Any:
    if one.column is not None:
        return value
    return "not there" if value is None else "there"


def _unlike(lake: Lake, table: Table, one: Attempt, other: Attempt) -> list[dict[str, Any]]:
    """Rows of either release without an equal in the other: of equal ones there are two in a group."""
    names = ", ".join(table.names)
    where = f"({one.partition} or {other.partition}) group by {names} having count(*) = 1"
    return list(lake.rows(table, where, (*table.names, "min(release) as in_release")).to_pylist())


def _of_row(
    columns: Sequence[str], key: tuple[Any, ...], before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Iterator[Differing]:
    if before is None or after is None:
        yield Differing(key, None, before, after)
        return
    for name in columns:
        if before[name] != after[name]:
            yield Differing(key, name, before[name], after[name])
