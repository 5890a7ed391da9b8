"""A small lake with one published release, written without Spark: rows as given, the rest filled in as in `frames`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from frames import _cell

from loanwatch import configuration, settings
from loanwatch.lake import Lake
from loanwatch.nights import land
from loanwatch.seal import publication
from loanwatch.seal.publication import Attempt
from loanwatch.tables import Table

Rows = Sequence[Mapping[str, Any]]


def released(
    path: Path, as_of: date, tables: Mapping[Table, Rows], known: int = 1, changed: Mapping[str, str] = MappingProxyType({})
) -> tuple[Lake, Attempt]:
    """The lake, and its release of a date, which ran with the shipped configuration but for some `changed` texts.

    Ledgers and feeds get their rows, too.
    """
    lake, conf = Lake(path), configuration.load(settings.load("test"))
    conf = configuration.Configuration({**conf.texts, **changed})
    lake.open("demo")
    land(lake, conf)
    attempt = publication.open_attempt(lake, as_of, "a test")
    attempt = publication.fix(lake, attempt, known, conf.digest, "code")
    for table, rows in tables.items():
        where = {} if table.ledger else {"as_of": as_of, "release": attempt.release}
        filled = [{**where, **{column.name: _cell(column, row) for column in table.columns}} for row in rows]
        lake.append(table, filled)
    return lake, publication.publish(lake, attempt)
