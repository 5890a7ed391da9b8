"""Views `current_<table>` over the public tables, for engines that read Delta: the rows of each date's current release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Literal

from loanwatch.pipeline import STEPS
from loanwatch.seal.tables import PUBLICATION
from loanwatch.tables import Table

Engine = Literal["duckdb", "spark"]
FOLDER = Path(__file__).parent

_SCAN: dict[Engine, str] = {"duckdb": "delta_scan('$lake/{path}')", "spark": "delta.`$lake/{path}`"}
_VIEW = """CREATE OR REPLACE {temporary}VIEW current_{name} AS
SELECT t.* FROM {table} t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM {publication}
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;
"""


def views(engine: Engine, lake: Path) -> str:
    """The shipped SQL (current.duckdb.sql, current.spark.sql) for a lake."""
    text = (FOLDER / f"current.{engine}.sql").read_text(encoding="utf-8")
    return Template(text).substitute(lake=lake.resolve())


def shipped(engine: Engine) -> str:
    """What the shipped file has to be: a view a public table, `$lake` for the lake's path."""
    head = "-- Replace $lake by the lake's path. Made from the declared public tables: a test keeps it true.\n"
    return head + "\n".join(_views(engine))


def _views(engine: Engine) -> Iterator[str]:
    def scan(table: Table) -> str:
        return _SCAN[engine].format(path=table.name.replace(".", "/"))

    for step in STEPS:
        if step.writes.public:
            yield _VIEW.format(
                temporary="TEMPORARY " if engine == "spark" else "", name=step.writes.short, table=scan(step.writes),
                publication=scan(PUBLICATION),
            )  # fmt: skip
