"""A scheme as SQL over the inputs of a loan: the same decisions as `Scheme.decide`, in three narrow projections of one pass."""

from __future__ import annotations

from collections.abc import Sequence

from loanwatch.classify.scheme import Scheme
from loanwatch.expression import spark_sql


def held(scheme: Scheme) -> dict[str, str]:
    """First projection: whether each floor holds, by the column that the next ones read."""
    return {_held(scheme, place): spark_sql(floor.when) for place, floor in enumerate(scheme.floors)}


def rank(scheme: Scheme) -> dict[str, str]:
    """Second projection: the place of the class among those of the scheme, 0 = best."""
    return {f"_{scheme.name}": _chosen(scheme, [str(floor.rank) for floor in scheme.floors])}


def decision(scheme: Scheme) -> dict[str, str]:
    """Third projection: class, floor, paragraph, whether it is provisional, and for want of what."""
    unsure = {name: f"{name} is null and ({worse})" for name in scheme.reads if (worse := _worse(scheme, name))}
    lacking = [*unsure.items(), *((doubt.missing, f"({spark_sql(doubt.when)}) is not false") for doubt in scheme.doubts)]
    named = ", ".join(f"case when {condition} then '{name}' end" for name, condition in lacking)
    provisional = " or ".join(f"({condition})" for _, condition in lacking) or "false"
    return {
        "class": _chosen(scheme, [f"'{scheme.classes.words[floor.rank]}'" for floor in scheme.floors]),
        "floor": _chosen(scheme, [f"'{floor.name}'" for floor in scheme.floors]),
        "paragraph": _chosen(scheme, [_quoted(floor.paragraph) for floor in scheme.floors]),
        "provisional": provisional,
        # Almost all loans lack nothing: a list is put together only of those that do.
        "missing": f"case when {provisional} then array_distinct(array_compact(array({named}))) "
        "else cast(array() as array<string>) end",
    }


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
