"""What the records of a form are held to before they are handed in: format, length, code list, key, nothing missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch.extract import checks as between
from loanwatch.extract import formats, relations
from loanwatch.extract.checks import Check
from loanwatch.extract.layout import Field, Layout
from loanwatch.extract.records import LINE, Records
from loanwatch.extract.relations import Relation
from loanwatch.token_index import TOKEN

SHOWN = 3
FORMAT, KEY = "format", "key"
NOT_KNOWN: Mapping[str, int] = {}


@dataclass(frozen=True)
class Fault:
    """Records that break a check: how many, and the numbers of the first. Values are not told: they may be a person's.

    One that is not `critical` keeps nothing from being handed in. `check` names the check among `asked`.
    """

    field: str
    says: str
    records: int
    lines: tuple[int, ...]
    critical: bool = True
    check: str = FORMAT


def asked(layout: Layout, checks: Sequence[Check]) -> list[str]:
    """The checks that records of a form are held to by themselves: format and code list of every field, with nothing missing; the
    key; between fields; the relations that can be read."""
    key = [KEY] if any(field.key for field in layout.fields) else []
    said = relations.within(layout.relations, layout.code, layout.by_code) if layout.cells else ()
    return [FORMAT, *key, *(check.name for check in checks), *dict.fromkeys(one.text for one in said)]


def faults(
    layout: Layout, records: Records, checks: Sequence[Check] = (), empty: Collection[str] = (),
    exact: Mapping[str, int] = NOT_KNOWN, persons: Collection[str] = (),
) -> list[Fault]:  # fmt: skip
    """All that is wrong: field by field in the order of the form, then by key, then between fields.

    Those left `empty` may be so. In fields that name `persons` a token is not looked at: what it stands for will be. Of cells that
    are known exactly, a relation that rounding alone breaks is not critical.
    """
    found = []
    if records.broken:
        found.append(Fault("", "wrong number of cells", len(records.broken), records.broken[:SHOWN]))
    with duckdb.connect() as engine:
        engine.register("records", records.rows)
        for field in layout.fields:
            found += _of_field(field, records.rows, blanks=layout.blanks or field.code in empty,
                               tokens=field.code in persons)
        found += _repeated(engine, [field.code for field in layout.fields if field.key])
        found += _between(engine, layout, checks)
    return [*found, *_related(layout, records, exact)]


def _related(layout: Layout, records: Records, exact: Mapping[str, int]) -> Iterator[Fault]:
    """The relations between the cells of a form that do not hold, as its notes have them."""
    said = list(relations.within(layout.relations, layout.code, layout.by_code)) if layout.cells else []
    for row in records.rows.to_pylist() if said else ():
        shown = {code: number for code in layout.by_code if (number := _number(row[code])) is not None}
        known = {code: (number, Decimal(exact[code]) if code in exact else None) for code, number in shown.items()}
        yield from related([one for one in said if all(cell.key in known for cell in one.cells)], known)


def related(said: Iterable[Relation], known: Mapping[str, tuple[Decimal, Decimal | None]]) -> Iterator[Fault]:
    """Those of some relations that do not hold, by what stands in the cells, and exactly: what rounding breaks is not critical."""
    shown = {name: number for name, (number, _) in known.items()}
    exact = {name: number for name, (_, number) in known.items() if number is not None}
    for one in said:
        if not one.holds(shown):
            rounded = all(cell.key in exact for cell in one.cells) and one.holds(exact)
            left, right = (sum((cell.sign * shown[cell.key] for cell in side), Decimal()) for side in (one.left, one.right))
            says = f"{one.text} does not hold, {left} and {right}{': by rounding alone' if rounded else ''}"
            yield Fault(one.left[0].code, says, 1, (1,), critical=not rounded, check=one.text)


def _number(text: str | None) -> Decimal | None:
    """None where it is none: that is a fault of its format, told there."""
    try:
        number = Decimal(text or "")
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _between(engine: duckdb.DuckDBPyConnection, layout: Layout, checks: Sequence[Check]) -> Iterator[Fault]:
    """Records of which a check between fields is false; where it cannot be told, a field is missing, and said to be."""
    if not checks:
        return
    fields = [field for field in layout.fields if any(field.code in check.fields for check in checks)]
    typed = ", ".join(f"{between.value(field, _quoted(field.code))} as {_quoted(field.code)}" for field in fields)
    engine.sql(f"create table typed as select {LINE}, {typed} from records")
    counts = ", ".join(f"coalesce(sum((not ({check.sql}))::int), 0)" for check in checks)
    for check, count in zip(checks, engine.sql(f"select {counts} from typed").fetchall()[0], strict=True):
        if count:
            lines = engine.sql(f"select {LINE} from typed where not ({check.sql}) order by {LINE} limit {SHOWN}").fetchall()
            first = tuple(n for n, in lines)
            yield Fault(", ".join(check.fields), f"{check.name}: {check.says}", count, first, check.critical, check.name)


def _of_field(field: Field, rows: pa.Table, *, blanks: bool, tokens: bool) -> Iterator[Fault]:
    """A value is looked at once, however often it stands there; the records are looked up of those alone that are wrong."""
    values = pc.fill_null(rows[field.code].cast(pa.string()), "")
    wrong = {
        value: fault for value in pc.unique(values).to_pylist()
        if not (tokens and TOKEN.fullmatch(value))
        and (fault := formats.fault(field, value) or ("missing" if not value and not blanks else None))
    }  # fmt: skip
    if not wrong:
        return
    there = pc.is_in(values, value_set=pa.array(wrong, pa.string()))
    lines: dict[str, list[int]] = {}
    for value, line in zip(*(of.filter(there).to_pylist() for of in (values, rows[LINE])), strict=True):
        lines.setdefault(wrong[value], []).append(line)
    yield from (Fault(field.code, says, len(of), tuple(sorted(of)[:SHOWN])) for says, of in lines.items())


def _repeated(engine: duckdb.DuckDBPyConnection, key: Iterable[str]) -> Iterator[Fault]:
    """Records beyond the first of a key."""
    if not (names := ", ".join(map(_quoted, key))):
        return
    again = f"select {names} from records group by {names} having count(*) > 1"
    if not engine.sql(f"select count(*) from ({again})").fetchall()[0][0]:
        return
    place = f"row_number() over (partition by {names} order by {LINE})"
    beyond = f"select {LINE} as line from records qualify {place} > 1"
    count, lines = engine.sql(f"select count(*), (list(line order by line))[:{SHOWN}] from ({beyond})").fetchall()[0]
    yield Fault(names.replace('"', ""), "stands twice", count, tuple(lines), check=KEY)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
