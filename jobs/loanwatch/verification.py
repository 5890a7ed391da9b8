"""The verdicts of a release computed again by another engine, over the files that Spark read, and compared bit by bit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from loanwatch.errors import DataError
from loanwatch.explanation.known import quoted
from loanwatch.flag.masks import MASKS, WORD
from loanwatch.flag.rules import TABLES, Rule, about, binding, in_force, load
from loanwatch.flag.second_engine import masks_sql
from loanwatch.flag.tables import VERDICT
from loanwatch.lake import Lake
from loanwatch.nights import landed
from loanwatch.seal import publication, retired
from loanwatch.seal.publication import Attempt
from loanwatch.tables import Table


@dataclass(frozen=True)
class Comparison:
    """Of one kind of subject: how many there are, how often each mask holds, and each difference in words."""

    subject: str
    subjects: int
    rules: int
    held: Mapping[str, int]
    differences: tuple[str, ...]


def verify(
    lake: Lake, as_of: date, release: int | None = None, *, first: bool = False
) -> tuple[Attempt, tuple[Comparison, ...]]:
    """The verdicts of a release as DuckDB finds them beside `flag.verdict`, by the rules that were landed with it.

    UsageError for a date without a release; DataError where its rows are not kept any more.
    """
    attempt = publication.find(lake, as_of, release, first=first)
    retired.refuse(lake, attempt)
    conf = landed(lake, str(attempt.conf_digest))
    rules = in_force(binding(load(conf.below("rules")), conf.business), as_of)
    return attempt, tuple(_compared(lake, attempt, subject, about(rules, subject)) for subject in TABLES)


def _compared(lake: Lake, attempt: Attempt, subject: str, rules: Sequence[Rule]) -> Comparison:
    with duckdb.connect() as engine:
        rows, verdicts = (_rows(engine, lake, attempt, table) for table in (TABLES[subject], VERDICT))
        engine.execute(f"create temp view again as {masks_sql(rules, subject, rows)}")
        engine.execute(f"create temp view was as select * from {verdicts} where subject = '{subject}'")
        counted = ", ".join(f"sum(list_sum(list_transform({name}, lambda word: bit_count(word))))" for name in MASKS)
        subjects, there, *held = engine.sql(
            f"select count(*), (select count(*) from was), {counted} from again"
        ).fetchall()[0]
        if bool(subjects) != bool(there):
            gone = (VERDICT if subjects else TABLES[subject]).name
            raise DataError(f"{gone}: no {subject} of release {attempt.release} of {attempt.as_of}; past its keeping?")
        pairs = ", ".join(f"again.{name}, was.{name}" for name in MASKS)
        unlike = " or ".join(f"again.{name} is distinct from was.{name}" for name in MASKS)
        found = engine.sql(
            f"select subject_id, {pairs} from again full join was using (subject_id) where {unlike} order by 1"
        )
        differences = tuple(line for row in found.fetchall() for line in _told(rules, subject, row))
    return Comparison(
        subject, subjects, len(rules), {n: int(h or 0) for n, h in zip(MASKS, held, strict=True)}, differences
    )


def _rows(engine: duckdb.DuckDBPyConnection, lake: Lake, attempt: Attempt, table: Table) -> str:
    """The rows of a table under a release, as DuckDB reads them."""
    if files := lake.files(table, attempt.as_of, attempt.release):
        return f"read_parquet([{', '.join(map(quoted, files))}])"
    engine.register(table.short, table.arrow.empty_table())
    return table.short


def _told(rules: Sequence[Rule], subject: str, row: tuple[Any, ...]) -> Iterator[str]:
    """What the two say of one subject: a line for each rule and mask in which they differ."""
    subject_id, *masks = row
    if masks[0] is None or masks[1] is None:
        yield f"{subject} {subject_id}: {'no such subject' if masks[0] is None else 'no verdict'} on the day"
        return
    for place, name in enumerate(MASKS):
        again, was = masks[2 * place], masks[2 * place + 1]
        for rule in rules:
            by_duckdb, released = _bit(again, rule.bit), _bit(was, rule.bit)
            if by_duckdb != released:
                yield f"rule {rule.id}, {subject} {subject_id}: {name} is {released} in the release, {by_duckdb} by DuckDB"


def _bit(mask: Sequence[int], bit: int) -> int | None:
    """0 or 1; none where the mask is too short to have it."""
    word, place = divmod(bit, WORD)
    return mask[word] >> place & 1 if word < len(mask) else None
