"""A scheme as SQL over the inputs of a loan: the same decisions as `Scheme.decide`, in three narrow projections of one pass."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from loanwatch.classify.class_columns import FIVE
from loanwatch.classify.scheme import Scheme
from loanwatch.expression import spark_sql


def held(scheme: Scheme) -> dict[str, str]:
    """First projection: whether each floor holds, by the column that the next ones read."""
    return {_held(scheme, place): spark_sql(floor.when) for place, floor in enumerate(scheme.floors)}


def rank(scheme: Scheme) -> dict[str, str]:
    """Second projection: the place of the class among those of the scheme, 0 = best."""
    return {f"_{scheme.name}": _chosen(scheme, [str(floor.rank) for floor in scheme.floors])}


def decision(scheme: Scheme, as_of: date) -> dict[str, str]:
    """Third projection: class, floor, paragraph, whether it is provisional, for want of what, and since when it is only kept."""
    of = scheme.columns
    unsure = {name: f"{name} is null and ({worse})" for name in scheme.reads if (worse := _worse(scheme, name))}
    lacking = [*unsure.items(), *((doubt.missing, f"({spark_sql(doubt.when)}) is not false") for doubt in scheme.doubts)]
    named = ", ".join(f"case when {condition} then '{name}' end" for name, condition in lacking)
    provisional = " or ".join(f"({condition})" for _, condition in lacking) or "false"
    given = {
        of.column: _chosen(scheme, [f"'{scheme.classes.words[floor.rank]}'" for floor in scheme.floors]),
        of.floor: _chosen(scheme, [f"'{floor.name}'" for floor in scheme.floors]),
        of.paragraph: _chosen(scheme, [_quoted(floor.paragraph) for floor in scheme.floors]),
        of.provisional: provisional,
        # Almost all loans lack nothing: a list is put together only of those that do.
        of.missing: f"case when {provisional} then array_distinct(array_compact(array({named}))) "
        "else cast(array() as array<string>) end",
    }
    return given if of is FIVE else given | {of.better_since: _kept_since(scheme, as_of)}


def _kept_since(scheme: Scheme, as_of: date) -> str:
    """Since when nothing but what the class was gives it; null where more does, or may."""
    of, words = scheme.columns, scheme.classes.words
    more = [f"{scheme.floors[place].rank} >= _{scheme.name} and {_held(scheme, place)} is not false" for place in scheme.today]
    more += [f"({spark_sql(doubt.when)}) is not false" for doubt in scheme.doubts]
    was = " ".join(f"when '{word}' then {rank}" for rank, word in enumerate(words))
    kept = f"case {of.was} {was} end = _{scheme.name} and not ({' or '.join(more)})"
    return f"case when {kept} then date_sub(date'{as_of}', {of.better_days}) end"


def _chosen(scheme: Scheme, values: Sequence[str]) -> str:
    return f"case {' '.join(f'when {_held(scheme, place)} then {value}' for place, value in enumerate(values))} end"


def _worse(scheme: Scheme, name: str) -> str:
    """Whether a floor that reads an input is unknown, and of a worse class than the floors that are known give."""
    floors = [(place, floor) for place, floor in enumerate(scheme.floors) if floor.rank and name in floor.reads]
    return " or ".join(f"{_held(scheme, place)} is null and _{scheme.name} < {floor.rank}" for place, floor in floors)


def _held(scheme: Scheme, place: int) -> str:
    return f"_{scheme.name}_{place}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
