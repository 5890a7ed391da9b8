r"""The canonical form of a row: a line of text, the same for the same values, whoever writes it.

Its cells joined by tabs. A cell: null is `\N`; a whole number its decimal digits, `-` before a negative one; a date
`2025-04-01`; a truth value `true` or `false`; a text as it is, but `\` as `\\` and a tab as `\t`; a list its
elements in braces, each ended by a comma, a comma within one as `\,`, and none of them null. UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from loanwatch.columns import Column

NULL = r"\N"


def line(values: Iterable[Any]) -> str:
    """The line of some values."""
    return "\t".join(map(_cell, values))


def sql(columns: Iterable[Column]) -> str:
    """The line of some columns, as an expression of DuckDB."""
    cells = (f"coalesce({_sql_cell(column)}, '{NULL}')" for column in columns)
    return f"concat_ws(chr(9), {', '.join(cells)})"


def _cell(value: Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "{" + "".join(_cell(element).replace(",", r"\,") + "," for element in value) + "}"
    return str(value).replace("\\", "\\\\").replace("\t", r"\t")


def _sql_cell(column: Column) -> str:
    name = f'"{column.name}"'
    if column.type == "string":
        return _escaped(name)
    if column.type not in ("strings", "longs"):
        return f"{name}::varchar"
    elements = name if column.type == "longs" else rf"list_transform({name}, lambda e: replace({_escaped('e')}, ',', '\,'))"
    listed = f"case len({name}) when 0 then '{{}}' else '{{' || array_to_string({elements}, ',') || ',}}' end"
    return f"case when list_count({name}) < len({name}) then error('{column.name}: a list with a null') else {listed} end"


def _escaped(text: str) -> str:
    return rf"replace(replace({text}, '\', '\\'), chr(9), '\t')"
