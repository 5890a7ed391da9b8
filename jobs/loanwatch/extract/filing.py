"""Who files a form, for which book and from when, and as which file: `filing.yaml` beside its layout, written by people."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from loanwatch.errors import UsageError, near
from loanwatch.extract.filling import Filer
from loanwatch.extract.layout import Layout
from loanwatch.settings import Book, Business, Institution, Jurisdiction

FILE = "filing.yaml"
DEMONSTRATION = "DEMONSTRATION"
MONTHS = {"month": 1, "quarter": 3, "half_year": 6}
_NAMED = re.compile(r"\{([a-z_]+)\}")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


Masking = Literal["full", "initial", "number", "digest"]


class FileText(BaseModel):
    """The file that leaves. `name`: with settings of the filer in braces, `{code}` of the form and `{date}` as YYYYMMDD."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    kind: Literal["csv", "text", "xml"] = "csv"
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    header: bool = True


class Filing(BaseModel):
    """`every`: at whose ends it is filed. `persons`: fields that hold tokens of what names a person, and how much of it leaves:
    all, the first letter, of an identity document its number alone, or of that the first six characters and the SHA-256 of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    filed_by: tuple[Institution, ...]
    jurisdiction: Jurisdiction
    book: tuple[Book, ...]
    since: date = Field(alias="from")
    until: date | None = None
    every: Literal["month", "quarter", "half_year"] = "month"
    persons: dict[str, Masking] = {}
    file: FileText


def read(path: Path, layout: Layout, tokens: Collection[str]) -> Filing:
    """UsageError lists all that is wrong with the file; `tokens` are the fields that are filled with tokens of names."""
    try:
        found = Filing.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError:
        raise UsageError(f"{path}: there is none; {layout.form} cannot be handed in") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        lines = [f"{path}: {'.'.join(map(str, fault['loc'])) or 'filing'}: {fault['msg']}" for fault in error.errors()]
        raise UsageError("\n".join(lines)) from None
    faults = [f"{path}: persons: {code!r} is filled with no token of a name{near(code, tokens)}" for code in found.persons
              if code not in tokens]  # fmt: skip
    faults += [f"{path}: persons: {code} {layout.by_code[code].name} names a person: say how much of the name leaves"
               for code in tokens if code not in found.persons]  # fmt: skip
    if faults:
        raise UsageError("\n".join(faults))
    return found


def refusals(filing: Filing, form: str, business: Business, as_of: date) -> Iterator[str]:
    """Why this institution does not file the form for a date."""
    if business.forms is not None and form not in business.forms:
        yield "not among the forms that it files (business.forms)"
    if business.institution not in filing.filed_by:
        who = _any(filing.filed_by) or "nobody as it is filled"
        yield f"filed by {who}, not by a {business.institution} (business.institution)"
    if business.jurisdiction != filing.jurisdiction:
        yield f"a form of {filing.jurisdiction}, not of {business.jurisdiction} (business.jurisdiction)"
    if business.book not in filing.book:
        yield f"of the book {_any(filing.book)}, not of the {business.book} book (business.book)"
    if as_of < filing.since or (filing.until and as_of > filing.until):
        until = f" until {filing.until}" if filing.until else ""
        yield f"its edition holds from {filing.since}{until}"
    if as_of.month % MONTHS[filing.every]:
        yield f"filed for the end of a {filing.every.replace('_', ' ')}"


def file_name(filing: Filing, layout: Layout, filer: Filer, as_of: date, pool: str | None, *, demonstration: bool) -> str:
    """The name of the file; UsageError where a setting that it asks for is not set, or makes no file name."""
    known = {"code": layout.code, "date": f"{as_of:%Y%m%d}"}
    for asked in _asked(filing):
        value = filer.get(asked, "")
        if not isinstance(value, str) and pool is None:
            raise UsageError(f"{layout.form}: a file is of one {asked}, which business.filer tells by pool: give --pool")
        known[asked] = value if isinstance(value, str) else value.get(str(pool), "")
        if not known[asked]:
            of = f" for the pool {pool}" if pool else ""
            raise UsageError(f"{layout.form}: the name of its file asks for business.filer.{asked}, which is not set{of}")
    name = _NAMED.sub(lambda match: known[match[1]], filing.file.name)
    if not _FILE_NAME.fullmatch(name):
        raise UsageError(f"{layout.form}: {name!r} is no name of a file: letters, digits, points and dashes")
    return f"{DEMONSTRATION}-{name}" if demonstration else name


def pools(filing: Filing, filer: Filer) -> list[str | None]:
    """The pools of which each is a file of its own; that of the whole book where the file's name asks for none."""
    told = [filer.get(asked, "") for asked in sorted(_asked(filing))]
    of_pools = [set(value) for value in told if not isinstance(value, str)]
    return [*sorted(set.intersection(*of_pools))] if of_pools else [None]


def _asked(filing: Filing) -> set[str]:
    """The settings of the filer that the file's name asks for."""
    return set(_NAMED.findall(filing.file.name)) - {"code", "date"}


def _any(words: tuple[str, ...]) -> str:
    return " or ".join(words)
