"""The feeds as JSON Schema, for senders: a row of a data file, and the manifest beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from loanwatch.admit.checking import LONGEST_TEXT
from loanwatch.admit.delivery import Manifest
from loanwatch.admit.feeds import FEEDS
from loanwatch.columns import WITHDRAWN, Column, Type
from loanwatch.tables import Feed

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: dict[Type, dict[str, Any]] = {
    "string": {"type": "string", "maxLength": LONGEST_TEXT},
    "int": {"type": "integer"},
    "long": {"type": "integer"},
    "date": {"type": "string", "format": "date"},
    "boolean": {"type": "boolean"},
}


def json_schema() -> dict[str, Any]:
    """One document: `$defs` holds a schema a feed, and `manifest`."""
    feeds = {name: row_schema(feed) for name, feed in FEEDS.items()}
    return {"$schema": DRAFT, "$defs": feeds | {"manifest": Manifest.model_json_schema()}}


def row_schema(feed: Feed) -> dict[str, Any]:
    """A row of a feed's file; `x-key` is the business key, `x-sums` what the manifest totals, `x-restricted` personal.

    `x-past`: no row is dated after the delivery. `x-older` are older versions and the last business date of which each is taken.
    `x-whose` and `x-basis` say whose data it is and on what lawful basis; for a column where it differs.
    """
    columns = (*feed.file_columns, WITHDRAWN)
    defaulted = {WITHDRAWN.name, *([feed.on.name] if feed.state else [])}
    return {
        "type": "object",
        "description": feed.doc,
        "properties": {column.name: _property(feed, column) for column in columns},
        "required": [c.name for c in columns if c.required and c.name not in defaulted],
        **_conditions(columns),
        **({"anyOf": [{"required": [name]} for name in feed.some_of]} if feed.some_of else {}),
        "additionalProperties": False,
        "x-version": feed.version,
        "x-older": {str(version): str(feed.until(version)) for version in range(1, feed.version)},
        "x-sent-by": feed.sent_by,
        "x-whose": feed.whose,
        "x-basis": feed.basis,
        "x-kind": "state" if feed.state else "event",
        "x-past": feed.past,
        "x-key": list(feed.identity),
        "x-sums": [column.name for column in feed.sums],
    }


def _conditions(columns: Iterable[Column]) -> dict[str, Any]:
    """What is required, or between bounds, only beside some words of another column."""
    rules = [
        {"if": _says(c.required_where[0], *c.required_where[1]), "then": {"required": [c.name]}}
        for c in columns if c.required_where
    ] + [
        {"if": _says(c.between_where[0], word), "then": {"properties": {c.name: {"minimum": least, "maximum": most}}}}
        for c in columns if c.between_where for word, least, most in c.between_where[1]
    ]  # fmt: skip
    return {"allOf": rules} if rules else {}


def _says(column: str, *words: str) -> dict[str, Any]:
    return {"properties": {column: {"enum": list(words)}}}


def _property(feed: Feed, column: Column) -> dict[str, Any]:
    facts: dict[str, Any] = dict(_TYPES[column.type]) | {"description": column.doc}
    if column.codes:
        facts |= {"enum": list(column.codes.words), "x-code-list": column.codes.name}
    if column.pattern:
        facts["pattern"] = f"^(?:{column.pattern})$"
    for name, bound in (("minimum", column.at_least), ("maximum", column.at_most)):
        if bound is not None:
            facts[name] = bound
    if column.whose:
        facts |= {"x-whose": column.whose, "x-basis": column.basis}
    if column.standards:
        facts["x-standards"] = list(column.standards)
    if kind := _restricted(feed, column.name):
        facts["x-restricted"] = kind
    return facts


def _restricted(feed: Feed, name: str) -> str | None:
    """The kind of personal value that a column of the file holds, itself or as a part."""
    found = (c.restricted for c in feed.row if c.restricted and name in (c.of or (c.name,)))
    return next(found, None)
