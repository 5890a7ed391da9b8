"""Whether a mapping fits what is declared: feeds and their columns, a function's inputs, code lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from loanwatch.adapters import cells
from loanwatch.adapters.mapping import REJECT, BusinessOn, Cell, Files, Rows
from loanwatch.adapters.mapping import Mapping as Written
from loanwatch.admit.feeds import FEEDS
from loanwatch.columns import Column, Type
from loanwatch.errors import near

DEFAULTS: dict[Type, cells.Kind] = {
    "string": "text", "int": "integer", "long": "integer", "date": "iso", "boolean": "boolean",
}  # fmt: skip
Inputs = Mapping[str, tuple[Column, ...]]
"""What a function reads: its own tables, their columns declared as a feed's are."""


@dataclass(frozen=True)
class Target:
    """Rows of ours that a mapping speaks of: where it does so, and the columns they can have and must have."""

    at: str
    name: str
    columns: Mapping[str, Column]
    needed: tuple[str, ...]


def kind(cell: Cell, column: Column) -> cells.Kind:
    """How the cells of a column are written."""
    return cell.parse or DEFAULTS[column.type]


def faults(mapping: Written, functions: Mapping[str, Inputs]) -> Iterator[str]:
    """Every disagreement, with its place in the file."""
    if mapping.function is None and mapping.reads:
        yield "reads: there is no function to read it"
    if mapping.function is not None and mapping.function not in functions:
        yield f"function: none is called {mapping.function!r}{near(mapping.function, functions)}"
        return
    inputs = functions[mapping.function] if mapping.function else {}
    yield from (f"reads: no {name}, which {mapping.function} needs" for name in inputs if name not in mapping.reads)
    for name, rows in mapping.feeds.items():
        if (feed := FEEDS.get(name)) is None:
            yield f"feeds: no feed {name!r}{near(name, FEEDS)}"
            continue
        needed = tuple(c.name for c in feed.file_columns if c.required and not (feed.state and c.name == feed.on.name))
        columns = {column.name: column for column in feed.file_columns}
        yield from _of_rows(rows, Target(f"feeds.{name}", f"feed {name}", columns, needed), mapping.files)
    for name, rows in mapping.reads.items():
        if name not in inputs:
            yield f"reads: {mapping.function} does not read {name!r}{near(name, inputs)}"
            continue
        if rows.snapshot or rows.once:
            yield f"reads.{name}: `snapshot` and `once` are about deliveries"
        columns = {column.name: column for column in inputs[name]}
        needed = tuple(column.name for column in inputs[name] if column.required)
        yield from _of_rows(rows, Target(f"reads.{name}", name, columns, needed), mapping.files)
    for name, files in mapping.files.items():
        yield from _of_business_on(f"files.{name}.business_on", files.business_on, files.columns)


def _of_rows(rows: Rows, target: Target, files: Mapping[str, Files]) -> Iterator[str]:
    if rows.of not in files:
        yield f"{target.at}.of: no files {rows.of!r}{near(rows.of, files)}"
    theirs = files[rows.of].columns if rows.of in files else ()
    for name, cell in rows.columns.items():
        at = f"{target.at}.columns.{name}"
        if name not in target.columns:
            yield f"{at}: {target.name} has no column {name!r}{near(name, target.columns)}"
            continue
        yield from (f"{at}: {fault}" for fault in _of_cell(cell, target.columns[name], theirs))
    yield from (f"{target.at}.columns: no {name}, which {target.name} needs" for name in target.needed if name not in rows.columns)


def _of_cell(cell: Cell, column: Column, theirs: Iterable[str]) -> Iterator[str]:
    yield from _unknown(cell.from_, theirs)
    parse = kind(cell, column)
    fits = {"date": cells.DATE_KINDS, "int": cells.NUMBER_KINDS, "long": cells.NUMBER_KINDS, "boolean": {"boolean"}}
    allowed = fits.get(column.type, {"text"})
    if parse not in allowed:
        yield f"{parse!r} gives no {column.type}; {', '.join(sorted(allowed))} do"
    if len(cell.from_) > 1 and column.type != "string":
        yield "only text is joined of several columns"
    if cell.day and column.type != "date":
        yield "`day` is of dates"
    if "places" in cell.model_fields_set and parse != "amount":
        yield "`places` are of amounts"
    if cell.exponent and parse not in cells.NUMBER_KINDS:
        yield "`exponent` is of numbers"
    for word in (*cell.codes.values(), *([cell.otherwise] if cell.otherwise != REJECT else [])):
        yield from _of_word(word, column)
    if cell.constant is not None:
        yield from _of_word(cell.constant, column)


def _of_word(word: str, column: Column) -> Iterator[str]:
    """A word of ours that the mapping says itself: translated to, or constant."""
    if column.codes is not None and word not in column.codes:
        yield f"{word!r} is not of the code list {column.codes.name}{near(word, column.codes.words)}"
    if column.type != "string" and not _is(word, column.type):
        yield f"{word!r} is no {column.type}"


def _is(word: str, of: Type) -> bool:
    text = pa.array([word])
    if of == "boolean":
        return bool(cells.booleans(text)[0].is_valid)
    return bool((cells.dates(text, "iso", None) if of == "date" else cells.numbers(text, "integer", 0))[0].is_valid)


def _of_business_on(at: str, on: BusinessOn, theirs: Iterable[str]) -> Iterator[str]:
    if on.constant and not cells.a_date(on.constant, "iso"):
        yield f"{at}.constant: {on.constant!r} is no date"
    if on.from_:
        yield from (f"{at}.from: {fault}" for fault in _unknown((on.from_,), theirs))


def _unknown(names: Iterable[str], theirs: Iterable[str]) -> Iterator[str]:
    """Columns that files without a header do not have; those of others are known when they are read."""
    known = list(theirs)
    yield from (f"the files have no column {name!r}{near(name, known)}" for name in names if known and name not in known)
