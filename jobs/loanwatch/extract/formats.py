"""How a regulator writes down what may stand in a field, and what of it a value breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from loanwatch.errors import UsageError
from loanwatch.extract.layout import Field

DATE = "001005"  # EAST's data element of a day
MONTH = "001006"
EAST_NEVER = {DATE: "99991231", MONTH: "999912"}


@dataclass(frozen=True)
class Format:
    """What a value has to look like: a pattern for the whole of it, its length in bytes of UTF-8, and what a pattern cannot say."""

    pattern: str
    says: str
    least_bytes: int = 0
    most_bytes: int | None = None
    holds: Callable[[str], bool] = lambda value: True

    def fault(self, value: str) -> str | None:
        """What is wrong with a value that stands there; none where nothing is."""
        size = len(value.encode())
        if size < self.least_bytes or (self.most_bytes is not None and size > self.most_bytes):
            return f"{size} bytes; {self.says}"
        if not re.fullmatch(self.pattern, value) or not self.holds(value):
            return self.says
        return None


def of(field: Field) -> Format:
    """The format of a field; UsageError where its regulator's way of writing is not known."""
    return _of(field.format, field.element)


@cache
def _of(written: str, element: str) -> Format:
    for pattern, made in WRITTEN.items():
        if found := re.fullmatch(pattern, written):
            return made(found, element)
    raise UsageError(f"format {written!r} is not known; add it to loanwatch.extract.formats")


def fault(field: Field, value: str | None) -> str | None:
    """What is wrong with a value of a field: its format, its code list, that it is missing; none where nothing is."""
    if not value:
        return "missing, and part of the key" if field.key else None
    if value in field.instead:
        return None
    if field.codes and value not in field.codes:
        if field.open and value.startswith(field.open) and len(value) > len(field.open):
            return of(field).fault(value)
        return f"not in the code list ({', '.join([*field.codes, *([f'{field.open}…'] if field.open else [])])})"
    return of(field).fault(value)


def _east_text(found: re.Match[str], element: str) -> Format:
    if element in EAST_NEVER:
        form = "%Y%m%d" if element == DATE else "%Y%m"
        never = EAST_NEVER[element]
        return Format(r"\d+", f"a day as {'YYYYMMDD' if element == DATE else 'YYYYMM'}, {never} = none",
                      holds=lambda value: value == never or _is_day(value, form))  # fmt: skip
    size = int(found["size"])
    if found["up_to"]:
        return Format(r"[^\r\n]*", f"text of at most {size} bytes in one line", 0, size)
    return Format(r"[^\r\n]*", f"text of {size} bytes in one line", size, size)


def _east_decimal(found: re.Match[str], element: str) -> Format:
    digits, places = int(found["digits"]), int(found["places"] or 0)
    fraction = rf"(\.\d{{1,{places}}})?" if places else ""
    return Format(rf"-?\d{{1,{digits - places}}}{fraction}", f"a number of at most {digits} digits, {places} of them decimals")


def _alphanumeric(found: re.Match[str], element: str) -> Format:
    most = int(found["size"])
    return Format(rf"[^\r\n]{{1,{most}}}", f"text of at most {most} characters in one line")


def _simple(pattern: str, says: str, holds: Callable[[str], bool] = lambda value: True) -> Callable[[re.Match[str], str], Format]:
    return lambda found, element: Format(pattern, says, holds=holds)


def _is_day(value: str, form: str) -> bool:
    try:
        return datetime.strptime(value, form).strftime(form) == value
    except ValueError:
        return False


def _lei(value: str) -> bool:
    """ISO 17442: the digits of a legal entity identifier, letters as 10 to 35, leave 1 of 97."""
    return int("".join(str(int(letter, 36)) for letter in value)) % 97 == 1


WRITTEN: Mapping[str, Callable[[re.Match[str], str], Format]] = {
    # EAST: C..30 = up to 30 bytes (a Chinese character has three), C6 = exactly 6, D20.2 = 20 digits with 2 decimals, I = whole.
    r"C(?P<up_to>\.\.)?(?P<size>\d+)": _east_text,
    r"D(?P<digits>\d+)(\.(?P<places>\d+))?": _east_decimal,
    r"I": _simple(r"-?\d{1,18}", "a whole number"),
    # The register of credit: what stands in the manual's examples.
    r"TEXT": _simple(r"[^\r\n]{1,400}", "text of at most 400 characters in one line"),
    r"DATE": _simple(r"\d{4}-\d{2}-\d{2}", "a day as YYYY-MM-DD", lambda value: _is_day(value, "%Y-%m-%d")),
    r"AMOUNT": _simple(r"-?\d{1,18}\.\d{2}", "an amount with two decimals"),
    r"RATE": _simple(r"-?\d{1,3}\.\d{9}", "a rate as a fraction with nine decimals"),
    # ESMA: Delegated Regulation (EU) 2020/1224, annex I.
    r"\{ALPHANUM-(?P<size>\d+)\}": _alphanumeric,
    r"\{DATEFORMAT\}": _simple(r"\d{4}-\d{2}-\d{2}", "a day as YYYY-MM-DD", lambda value: _is_day(value, "%Y-%m-%d")),
    r"\{MONETARY\}": _simple(r"-?\d{1,18}(\.\d{1,5})? [A-Z]{3}", "an amount of at most 18 digits and 5 decimals, and its currency"),
    r"\{PERCENTAGE\}": _simple(r"-?\d{1,11}(\.\d{1,10})?", "per cent, with at most 10 decimals"),
    r"\{INTEGER-9999\}": _simple(r"-?\d{1,4}", "a whole number of at most 4 digits"),
    r"\{YEAR\}": _simple(r"\d{4}", "a year"),
    r"\{Y/N\}": _simple(r"[YN]", "Y or N"),
    r"\{LIST\}": _simple(r"[A-Z0-9]{4}", "one of the code list"),
    r"\{CURRENCYCODE_3\}": _simple(r"[A-Z]{3}", "a currency as ISO 4217"),
    r"\{COUNTRYCODE_2\}": _simple(r"[A-Z]{2}", "a country as ISO 3166"),
    r"\{NUTS\}": _simple(r"[A-Z]{2}[A-Z0-9]{3}", "a NUTS 3 region, or the country and ZZZ"),
    r"\{LEI\}": _simple(r"[A-Z0-9]{18}\d{2}", "a legal entity identifier with its check digits", _lei),
}
