"""A model's card as a page: what it was fitted on, how far off it was of sales it had not seen, how its market moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from loanwatch.report.page import Language, Words, environment

WIDE, HIGH = 400.0, 90.0  # of the picture of the level


@dataclass(frozen=True)
class Level:
    """How prices moved, of all regions (no name) or of one: the first day is 100."""

    name: str | None
    points: Sequence[tuple[date, float]]


@dataclass(frozen=True)
class Card:
    """A model by its digest, with its card as it is kept, the levels of its market, and how much each trait tells (shares of 1)."""

    digest: str
    told: Mapping[str, Any]
    levels: Sequence[Level]
    traits: Sequence[tuple[str, float]]
    language: Language


@dataclass(frozen=True)
class Picture:
    """Lines in one frame: by name, the path up to the last sale known and the path as it is carried on."""

    lines: Sequence[tuple[str | None, str, str]]
    lowest: float
    highest: float
    first: date
    last: date
    until: float  # where the known part ends, of 0 to WIDE


def card_page(card: Card, words: Words) -> str:
    """The page as HTML; the title says kind and currency."""
    segments = list(_segments(card.told["accuracy"]))
    widest = max(of["median_error"] for _, _, of in segments) or 1.0
    return environment(card, words).get_template("model_card.html").render(
        card=card.told, digest=card.digest, segments=segments, widest=widest, traits=card.traits,
        level=_picture(card.levels, date.fromisoformat(card.told["until_on"])) if card.levels else None, wide=WIDE, high=HIGH,
    )  # fmt: skip


def _segments(accuracy: Mapping[str, Any]) -> Iterator[tuple[str, str | None, Mapping[str, float]]]:
    """What it is a segment of, which, and its figures; the whole first."""
    yield "in_total", None, accuracy["in total"]
    for by, segments in accuracy.items():
        if by != "in total":
            for name, figures in segments.items():
                yield f"by_{by}", name, figures


def _picture(levels: Sequence[Level], until: date) -> Picture:
    heights = [height for level in levels for _, height in level.points]
    days = [day for level in levels for day, _ in level.points]
    first, last, lowest, highest = min(days), max(days), min(heights), max(heights)
    long, tall = max((last - first).days, 1), (highest - lowest) or 1.0

    def path(points: Sequence[tuple[date, float]]) -> str:
        at = [f"{WIDE * (day - first).days / long:.1f} {HIGH * (highest - height) / tall:.1f}" for day, height in points]
        return "M" + " L".join(at) if at else ""

    lines = []
    for level in levels:
        known = [point for point in level.points if point[0] <= until]
        lines.append((level.name, path(known), path([*known[-1:], *(point for point in level.points if point[0] > until)])))
    return Picture(lines, lowest, highest, first, last, WIDE * (until - first).days / long)
