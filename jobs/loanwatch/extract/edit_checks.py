"""What the records of a form are held to before they are handed in: format, length, code list, key, nothing missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import duckdb

from loanwatch.extract import formats
from loanwatch.extract.layout import Field, Layout
from loanwatch.extract.records import LINE, Records

SHOWN = 3


@dataclass(frozen=True)
class Fault:
    """Records that break a check: how many, and the numbers of the first. Values are not told: they may be a person's."""

    field: str
    says: str
    records: int
    lines: tuple[int, ...]


def faults(layout: Layout, records: Records) -> list[Fault]:
    """All that is wrong, field by field in the order of the form, then by key."""
    found = []
    if records.broken:
        found.append(Fault("", "wrong number of cells", len(records.broken), records.broken[:SHOWN]))
    with duckdb.connect() as engine:
        engine.register("records", records.rows)
        for field in layout.fields:
            found += _of_field(engine, field)
        found += _repeated(engine, [field.code for field in layout.fields if field.key])
    return found


def _of_field(engine: duckdb.DuckDBPyConnection, field: Field) -> Iterator[Fault]:
    """A value is looked at once, however often it stands there."""
    name = _quoted(field.code)
    lines = f"(list({LINE} order by {LINE}))[:{SHOWN}]"
    values = f"select coalesce({name}, ''), count(*), {lines} from records group by 1 order by min({LINE})"
    by_fault: dict[str, tuple[int, list[int]]] = {}
    for value, count, first in engine.sql(values).fetchall():
        if fault := formats.fault(field, value):
            so_far, shown = by_fault.get(fault, (0, []))
            by_fault[fault] = so_far + count, sorted([*shown, *first])[:SHOWN]
    yield from (Fault(field.code, says, count, tuple(shown)) for says, (count, shown) in by_fault.items())


def _repeated(engine: duckdb.DuckDBPyConnection, key: Iterable[str]) -> Iterator[Fault]:
    """Records beyond the first of a key."""
    if not (names := ", ".join(map(_quoted, key))):
        return
    place = f"row_number() over (partition by {names} order by {LINE})"
    again = f"select {LINE} as line from records qualify {place} > 1"
    count, lines = engine.sql(f"select count(*), (list(line order by line))[:{SHOWN}] from ({again})").fetchall()[0]
    if count:
        yield Fault(names.replace('"', ""), "stands twice", count, tuple(lines))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
