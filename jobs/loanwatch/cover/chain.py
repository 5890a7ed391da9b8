"""Price indices chained from what senders publish: levels, changes against the period before, or both.

Within a base, levels tell the move between any two periods. Where the base changes, or only changes are published, periods are
chained one by one. A period that is missing is bridged by how the other cells of its kind moved, and marked: what happened in
between is not lost as it would be by taking a cell that did not move.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from math import exp, log
from statistics import fmean

WHOLE = 10_000  # a level or change of 1 in basis points


@dataclass(frozen=True)
class Published:
    """What is known of a cell's period: a level on a base, a change against the period before, or both."""

    cell: tuple[str, ...]
    period_on: date
    level_bp: int | None = None
    change_bp: int | None = None
    base: str | None = None


@dataclass(frozen=True)
class Chained:
    """The level of a cell in a period, 1 in its first; `bridged`: periods up to this one that nobody published."""

    cell: tuple[str, ...]
    period_on: date
    level: float
    bridged: int


def chained(rows: Iterable[Published], months: int) -> Iterator[Chained]:
    """The levels of cells of one kind, whose periods have so many months; periods may be missing, and each comes once."""
    ordered = sorted(rows, key=lambda row: (row.cell, row.period_on))
    cells = {cell: list(of) for cell, of in groupby(ordered, key=lambda row: row.cell)}
    usual = _usual(cells, months)
    for cell, of in cells.items():
        level, bridged = 1.0, 0
        yield Chained(cell, of[0].period_on, level, bridged)
        for before, row in pairwise(of):
            ratio, missing = _move(before, row, months, usual)
            level, bridged = level * ratio, bridged + missing
            yield Chained(cell, row.period_on, level, bridged)


def _move(before: Published, row: Published, months: int, usual: Mapping[date, float]) -> tuple[float, int]:
    """By how much a cell moved from one of its rows to the next, and over how many periods nobody says so."""
    if (direct := _by_level(before, row)) is not None:
        return direct, 0
    between = list(_between(before.period_on, row.period_on, months))
    told = row.change_bp is not None
    if told:
        between = between[:-1]
    ratio = row.change_bp / WHOLE if row.change_bp is not None else 1.0
    for period in between:
        ratio *= usual.get(period, 1.0)
    return ratio, len(between)


def _by_level(before: Published, row: Published) -> float | None:
    if before.level_bp is None or row.level_bp is None or before.base != row.base:
        return None
    return row.level_bp / before.level_bp


def _usual(cells: Mapping[tuple[str, ...], Sequence[Published]], months: int) -> dict[date, float]:
    """How cells moved into each period: the mean of what is published without a gap."""
    moves: dict[date, list[float]] = {}
    for of in cells.values():
        for before, row in pairwise(of):
            ratio, missing = _move(before, row, months, {})
            if not missing and next(_between(before.period_on, row.period_on, months)) == row.period_on:
                moves.setdefault(row.period_on, []).append(log(ratio))
    return {period: exp(fmean(of)) for period, of in moves.items()}


def _between(first: date, last: date, months: int) -> Iterator[date]:
    """The periods after one up to another."""
    month = first.year * 12 + first.month - 1
    while (month := month + months) <= last.year * 12 + last.month - 1:
        yield date(month // 12, month % 12 + 1, 1)
