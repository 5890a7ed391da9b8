"""A value of the base table as the text that a regulator's format asks for, in SQL of DuckDB."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from loanwatch.extract.formats import DATE, EAST_NEVER, MONTH
from loanwatch.extract.layout import Field

CURRENCY = "currency"  # of every amount in a base table


@dataclass(frozen=True)
class Told:
    """What stands in a field, before it is text: its kind, its SQL, and of a number its unit; `text` is as it is to stand."""

    kind: Literal["boolean", "number", "int", "bigint", "string", "date", "null", "text"]
    sql: str
    unit: str | None = None


def rendered(field: Field, told: Told) -> str:
    """The text as SQL; ValueError where the format is none of such values."""
    if told.kind == "text":
        return told.sql
    for pattern, render in _FORMATS.items():
        if found := re.fullmatch(pattern, field.format):
            return render(field, told, found)
    raise ValueError(f"nothing is written as {field.format} yet; add it to loanwatch.extract.rendering")


def _day(form: str) -> Callable[[Field, Told, re.Match[str]], str]:
    def render(field: Field, told: Told, found: re.Match[str]) -> str:
        return f"strftime({_wanted(told, 'date')}, '{form}')"

    return render


def _east_text(field: Field, told: Told, found: re.Match[str]) -> str:
    if field.element in EAST_NEVER:
        form = {DATE: "%Y%m%d", MONTH: "%Y%m"}[field.element]
        return f"coalesce(strftime({_wanted(told, 'date')}, '{form}'), '{EAST_NEVER[field.element]}')"
    return _wanted(told, "string")


def _number(field: Field, told: Told, found: re.Match[str]) -> str:
    value = _wanted(told, "number")
    return f"cast({value} as varchar)" if told.unit == "count" else _hundredths(value)


def _of_unit(unit: str, after: str = "") -> Callable[[Field, Told, re.Match[str]], str]:
    def render(field: Field, told: Told, found: re.Match[str]) -> str:
        value = _wanted(told, "number")
        if told.unit != unit:
            raise ValueError(f"{field.format} is of values in {unit}, {told.sql} is in {told.unit}")
        return f"{_hundredths(value)}{after}"

    return render


def _whole(field: Field, told: Told, found: re.Match[str]) -> str:
    value = _wanted(told, "number")
    if told.unit != "count":
        raise ValueError(f"{field.format} is of whole numbers, {told.sql} is in {told.unit}")
    return f"cast({value} as varchar)"


def _yes(field: Field, told: Told, found: re.Match[str]) -> str:
    return f"case when {_wanted(told, 'boolean')} then 'Y' when not ({told.sql}) then 'N' end"


def _string(field: Field, told: Told, found: re.Match[str]) -> str:
    return _wanted(told, "string")


def _rate(field: Field, told: Told, found: re.Match[str]) -> str:
    value = _wanted(told, "number")
    if told.unit != "e9":
        raise ValueError(f"{field.format} is of billionths, {told.sql} is in {told.unit}")
    return f"cast(cast({value} as decimal(28, 0)) * 0.000000001::decimal(10, 9) as varchar)"


def _hundredths(value: str) -> str:
    """Minor units and basis points as units and per cent, exact."""
    return f"cast(cast({value} as decimal(30, 0)) * 0.01::decimal(3, 2) as varchar)"


def _wanted(told: Told, kind: str) -> str:
    if told.kind != kind:
        raise ValueError(f"{told.sql} is a {told.kind}; a {kind} is asked for")
    return f"({told.sql})"


_FORMATS: Mapping[str, Callable[[Field, Told, re.Match[str]], str]] = {
    r"C(\.\.)?\d+": _east_text,
    r"D\d+(\.\d+)?": _number,
    r"I": _whole,
    r"DATE": _day("%Y-%m-%d"),
    r"AMOUNT": _of_unit("minor"),
    r"RATE": _rate,
    r"TEXT": _string,
    r"\{DATEFORMAT\}": _day("%Y-%m-%d"),
    r"\{MONETARY\}": _of_unit("minor", f" || ' ' || {CURRENCY}"),
    r"\{PERCENTAGE\}": _of_unit("bp"),
    r"\{(INTEGER-9999|YEAR)\}": _whole,
    r"\{Y/N\}": _yes,
    r"\{(ALPHANUM-\d+|LIST|CURRENCYCODE_3|COUNTRYCODE_2|NUTS|LEI)\}": _string,
}
