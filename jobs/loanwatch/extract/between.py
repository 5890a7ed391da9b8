"""What a form has to hold with others, with our ledger, and with what was handed in last: `between.yaml` beside the layout.

Three kinds, told by what stands there: a condition over a record and its counterpart (`holds`), records of the last hand-in that
must be there again (`gone`), and a sum over the records of some forms (`sum`). Conditions are as in `checks.yaml`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Protocol

import duckdb
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Item

from loanwatch.columns import Column
from loanwatch.errors import UsageError, near
from loanwatch.expression import columns_of, parsed
from loanwatch.extract import checks
from loanwatch.extract.compiling import duckdb_sql
from loanwatch.extract.edit_checks import SHOWN, Fault
from loanwatch.extract.layout import Layout
from loanwatch.extract.records import LINE
from loanwatch.kinds import faults
from loanwatch.yaml_lines import listed, twice

FILE = "between.yaml"
LAST, LEDGER = "last", "ledger"
Layouts = Callable[[str], Layout | None]


class _Text(BaseModel):
    """`says` tells what is wrong; what is not `critical` keeps nothing from being handed in."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    check: str = Item(pattern=r"^[a-z][a-z0-9_]*$")
    says: str = Item(min_length=1)
    critical: bool = True


class BesideText(_Text):
    """`holds` has to be true of each record and what is taken, under other names, from its counterpart in another form or in the
    last hand-in: the record with the same fields `by`, of several the one with the greatest `newest`. Without one it is null."""

    beside: str
    by: list[str] = Item(min_length=1)
    newest: str = LINE
    take: dict[str, str] = Item(min_length=1)
    holds: str


class GoneText(_Text):
    """Each record of the last hand-in of which `gone` is true has one with the same fields `by`, here or in a form of `also`."""

    gone: str
    by: list[str] = Item(min_length=1)
    also: list[str] = []


class SumText(_Text):
    """The sum of a field over the records of forms `of` of which `where` is true, apart by the words of a field `by`, is what our
    ledger says, by currency, or what stands in a cell of this form, by word."""

    sum: str
    of: list[str] = Item(min_length=1)
    where: str = "true"
    by: str
    equals: Literal["ledger"] | dict[str, str]


Said = BesideText | GoneText | SumText


class Known(Protocol):
    """What checks may ask for; None where it is not known."""

    def records(self, form: str) -> pa.Table | None:
        """The records of a form of the same release, or of the last hand-in; tokens for names."""

    def ledger(self) -> Mapping[str, int] | None:
        """The balance of our ledger by currency, minor units."""

    def cells(self) -> Mapping[str, int]:
        """This form's cells, exactly, minor units."""


@dataclass(frozen=True)
class Between:
    """The checks of a form, without faults, and the layouts that they look at."""

    layout: Layout
    said: tuple[Said, ...]
    layouts: Layouts

    def faults(self, rows: pa.Table, known: Known) -> tuple[list[Fault], list[str]]:
        """What does not hold, and the checks that could not be made."""
        found, left = list[Fault](), list[str]()
        for one in self.said:
            made = self._made(one, rows, known)
            if made is None:
                left.append(one.check)
            else:
                found += made
        return found, left

    def _made(self, one: Said, rows: pa.Table, known: Known) -> list[Fault] | None:
        if isinstance(one, SumText):
            return self._sum(one, rows, known)
        if isinstance(one, GoneText):
            return self._gone(one, rows, known)
        other = known.records(one.beside)
        return None if other is None else [*self._beside(one, rows, other)]

    def _beside(self, one: BesideText, rows: pa.Table, other: pa.Table) -> Iterator[Fault]:
        """The records that do not go with their counterparts."""
        theirs, by = _layout(self.layouts, self.layout, one.beside), ", ".join(map(_quoted, one.by))
        taken = ", ".join(
            f"arg_max({checks.value(theirs.by_code[code], _quoted(code))}, {_quoted(one.newest)}) as {_quoted(name)}"
            for name, code in one.take.items()
        )
        condition, fields = _condition(one.holds, _columns(self.layout, theirs, one.take))
        own = [code for code in fields if code not in one.take]
        typed = "".join(f", {checks.value(self.layout.by_code[code], f'r.{_quoted(code)}')} as {_quoted(code)}" for code in own)
        with duckdb.connect() as engine:
            engine.register("records", rows)
            engine.register("other", other)
            names = "".join(f", o.{_quoted(name)}" for name in one.take)
            same = " and ".join(f"r.{_quoted(code)} = o.{_quoted(code)}" for code in one.by)
            counterparts = f"select {by}, {taken} from other group by {by}"
            engine.sql(f"create view both_ as select r.{LINE}{typed}{names} from records r left join ({counterparts}) o on {same}")
            yield from _broken(engine, f"select {LINE} from both_ where not ({condition})", ", ".join(own), one)

    def _gone(self, one: GoneText, rows: pa.Table, known: Known) -> list[Fault] | None:
        last, others = known.records(LAST), [known.records(form) for form in one.also]
        if last is None or any(other is None for other in others):
            return None
        by = ", ".join(map(_quoted, one.by))
        condition, fields = _condition(one.gone, checks.columns(self.layout))
        with duckdb.connect() as engine:
            engine.register("there", pa.concat_tables([of.select(one.by) for of in (rows, *others) if of is not None]))
            engine.register("last", last)
            lost = f"select * from last anti join there using ({by})"
            lines = f"select {LINE} from ({_typed(self.layout, fields, lost)}) where {condition}"
            return [*_broken(engine, lines, ", ".join(one.by), one)]

    def _sum(self, one: SumText, rows: pa.Table, known: Known) -> list[Fault] | None:
        wanted = _wanted(one, known)
        if wanted is None:
            return None
        sums = Counter[str]()
        for form in one.of:
            part = rows if form == self.layout.form else known.records(form)
            if part is None:
                return None
            sums.update(_sums(one, _layout(self.layouts, self.layout, form), part))
        off = [word for word in sorted({*sums, *wanted}) if sums[word] != wanted.get(word, 0)]
        told = {word: f"{word or 'of no word'} {_units(sums[word])} and {_units(wanted.get(word))}" for word in off}
        return [Fault(one.sum, f"{one.check}: {one.says}: {told[word]}", 1, (), one.critical, one.check) for word in off]


def read(path: Path, layout: Layout, layouts: Layouts) -> Between:
    """From its file, none where there is none; `layouts` are the other forms'. UsageError lists every fault with its line."""
    found: list[str] = []
    said: list[Said] = []
    text = path.read_text(encoding="utf-8") if path.is_file() else "[]"
    for line, _, item in listed(str(path), text, found):
        try:
            one = _kind(item).model_validate(item)
        except ValidationError as error:
            found += [f"{path}:{line}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
            continue
        found += [f"{path}:{line}: check {one.check}: {fault}" for fault in _wrong(one, layout, layouts)]
        said.append(one)
    found += [f"{path}: check {name} stands twice" for name in twice(one.check for one in said)]
    if found:
        raise UsageError("\n".join(found))
    return Between(layout, tuple(said), layouts)


def _kind(item: Any) -> type[BesideText] | type[GoneText] | type[SumText]:
    said = item if isinstance(item, dict) else {}
    return SumText if "sum" in said else GoneText if "gone" in said else BesideText


def _wrong(one: Said, layout: Layout, layouts: Layouts) -> Iterator[str]:
    """Forms and fields that there are not, and what is wrong with the condition."""
    named = [one.beside] if isinstance(one, BesideText) else one.also if isinstance(one, GoneText) else one.of
    if unknown := [form for form in named if form not in (LAST, layout.form) and layouts(form) is None]:
        yield f"there is no form {', '.join(unknown)}"
        return
    asked: dict[str, list[str]]
    if isinstance(one, BesideText):
        theirs = _layout(layouts, layout, one.beside)
        asked = {layout.form: one.by, theirs.form: [*one.by, *one.take.values(), *([one.newest] if one.newest != LINE else [])]}
    elif isinstance(one, GoneText):
        asked = dict.fromkeys((layout.form, *one.also), one.by)
    else:
        asked = {form: [one.sum, one.by] for form in one.of}
        if isinstance(one.equals, dict):
            asked[layout.form] = [*asked.get(layout.form, []), *one.equals.values()]
    lacking = [fault for form, codes in asked.items() for fault in _lacking(_layout(layouts, layout, form), codes)]
    yield from lacking
    if not lacking:
        yield from _wrong_condition(one, layout, layouts)


def _lacking(layout: Layout, codes: list[str]) -> Iterator[str]:
    yield from (f"{layout.form} has no field {code!r}{near(code, layout.by_code)}" for code in codes if code not in layout.by_code)


def _wrong_condition(one: Said, layout: Layout, layouts: Layouts) -> Iterator[str]:
    if isinstance(one, BesideText):
        over = [(one.holds, _columns(layout, _layout(layouts, layout, one.beside), one.take))]
    elif isinstance(one, GoneText):
        over = [(one.gone, checks.columns(layout))]
    else:
        over = [(one.where, checks.columns(_layout(layouts, layout, form))) for form in one.of]
    for condition, columns in over:
        try:
            yield from faults(parsed(condition), columns, "the form")
        except ValueError as error:
            yield str(error)


def _layout(layouts: Layouts, own: Layout, form: str) -> Layout:
    return (None if form in (LAST, own.form) else layouts(form)) or own


def _columns(layout: Layout, theirs: Layout, take: Mapping[str, str]) -> dict[str, Column]:
    other = checks.columns(theirs)
    return checks.columns(layout) | {name: other[code].with_(name=name) for name, code in take.items()}


def _wanted(one: SumText, known: Known) -> Mapping[str, int] | None:
    """What the sums have to be, by word; None where it is not known."""
    if not isinstance(one.equals, dict):
        return known.ledger()
    cells = known.cells()
    found = {word: cells[cell] for word, cell in one.equals.items() if cell in cells}
    return found if len(found) == len(one.equals) else None


def _sums(one: SumText, layout: Layout, rows: pa.Table) -> dict[str, int]:
    """The sums over the records of one form, by word."""
    condition, fields = _condition(one.where, checks.columns(layout))
    with duckdb.connect() as engine:
        engine.register("records", rows)
        typed = _typed(layout, [*fields, one.sum, one.by], "select * from records")
        asked = f"select {_quoted(one.by)}, sum({_quoted(one.sum)}) from ({typed}) where {condition} group by 1"
        return {word or "": int(minor or 0) for word, minor in engine.sql(asked).fetchall()}


def _typed(layout: Layout, codes: Iterable[str], rows: str) -> str:
    """Some fields of the records, and their lines, as conditions read them."""
    typed = [f"{checks.value(layout.by_code[code], _quoted(code))} as {_quoted(code)}" for code in dict.fromkeys(codes)]
    return f"select {', '.join([LINE, *typed])} from ({rows})"


def _condition(text: str, columns: Mapping[str, Column]) -> tuple[str, tuple[str, ...]]:
    tree = parsed(text)
    return duckdb_sql(tree), tuple(name for name in columns_of(tree) if name in columns)


def _broken(engine: duckdb.DuckDBPyConnection, lines: str, field: str, one: Said) -> Iterator[Fault]:
    asked = f"select count(*), (list({LINE} order by {LINE}))[:{SHOWN}] from ({lines})"
    count, first = engine.sql(asked).fetchall()[0]
    if count:
        yield Fault(field, f"{one.check}: {one.says}", count, tuple(first), one.critical, one.check)


def _units(minor: int | None) -> str:
    return "nothing" if minor is None else f"{Decimal(minor) / 100:,.2f}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
