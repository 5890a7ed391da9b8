"""What came of a scenario against what had to: one line for each cell that differs."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Any

from loanwatch import catalogue
from loanwatch.lake import Lake
from loanwatch.scenarios.story import LOCAL, Rows, Story
from loanwatch.snapshot import take
from loanwatch.tables import Table

UNKNOWN = "?"
NO_ROW = "no row"


def differences(story: Story, lake: Lake) -> Iterator[str]:
    """Every difference, as `scenario: table as_of key: column is X, expected Y`."""
    for name, rows in story.then().items():
        table = catalogue.table(name)
        for row in rows:
            yield from (f"{story.name}: {name} {line}" for line in _of_row(story, lake, table, row))


def accept(story: Story, lake: Lake) -> None:
    """Write what came into `then/`, in the cells that are checked."""
    for name, rows in story.then().items():
        table = catalogue.table(name)
        columns = list(dict.fromkeys(["as_of", *(key for row in rows for key in row)]))
        with (story.folder / "then" / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            for row in rows:
                found = _found(story, lake, table, row)
                writer.writerow({key: _now(table, key, row, found) for key in row})


def _now(table: Table, key: str, row: Mapping[str, Any], found: Rows) -> Any:
    is_key = key == "as_of" or key in {column.name for column in table.key}
    return row[key] if is_key or not found else _shown(found[0][key])


def _of_row(story: Story, lake: Lake, table: Table, row: Mapping[str, Any]) -> Iterator[str]:
    keys = [column.name for column in table.key if column.name in row]
    at = f"{row['as_of']} {' '.join(str(row[key]) for key in keys)}"
    found = _found(story, lake, table, row)
    if NO_ROW in row.values():
        if found:
            yield f"{at}: there is a row, expected none"
        return
    if not found:
        yield f"{at}: no row"
        return
    for name in row:
        if name not in ("as_of", *keys) and _shown(found[0][name]) != (expected := _global(story, name, row)):
            yield f"{at}: {name} is {_shown(found[0][name])}, expected {expected}"


def _found(story: Story, lake: Lake, table: Table, row: Mapping[str, Any]) -> Rows:
    keys = {column.name: _global(story, column.name, row) for column in table.key if column.name in row}
    rows = take(lake, table, row["as_of"]).rows.to_pylist()
    return [r for r in rows if all(_shown(r[name]) == value for name, value in keys.items())]


def _global(story: Story, name: str, row: Mapping[str, Any]) -> str:
    """A cell as the lake has it; subject `1` of a loan is the partner's loan 1."""
    text = str(row[name])
    local = name in LOCAL or (name == "subject_id" and row.get("subject") == "loan")
    return f"{story.partner}:{text}" if local and ":" not in text else text


def _shown(value: Any) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
