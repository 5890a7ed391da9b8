"""What a form asks for: `conf/extracts/<regulator>/<form>/layout.yaml`, made from the official workbook and never edited."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from loanwatch.errors import UsageError

FILE = "layout.yaml"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where there is one: a form may have a thousand cells
HEAD = "# Made from the official workbook by `loanwatch form layout`; never edited.\n"


class Field(BaseModel):
    """A field of a form, in the regulator's words.

    `format` is written as the regulator writes it (`formats`). `codes`: the words that may stand there, by what they mean
    where the regulator says so apart; `open`: how a word begins that is not among them. `instead`: what may stand in place of
    a value.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    number: str = ""
    name: str
    format: str
    element: str = ""
    key: bool = False
    codes: dict[str, str] | tuple[str, ...] = ()
    open: str = ""
    instead: tuple[str, ...] = ()


class Layout(BaseModel):
    """A form that has a record a subject, or one record whose fields are cells: its fields in order, and the workbooks that say so,
    by SHA-256.

    `sends`: all records, those of the time since, or those that are new or differ from what was told of them last. `blanks`:
    whether a field that is not of the key may be left empty. Of a form of cells, `unit` is what its amounts are told in, and
    `relations` what has to hold between them, in the regulator's notation (`relations`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    form: str
    code: str
    title: str
    edition: str
    sends: Literal["full", "incremental", "changed"]
    blanks: bool = True
    workbooks: dict[str, str]
    unit: Literal["", "万元"] = ""
    relations: tuple[str, ...] = ()
    fields: tuple[Field, ...]

    @property
    def cells(self) -> bool:
        """Whether its fields are cells."""
        return bool(self.unit)

    @property
    def columns(self) -> list[str]:
        """The columns of a form of cells."""
        return list(dict.fromkeys(field.code.rpartition(".")[2] for field in self.fields)) if self.cells else []

    @property
    def by_code(self) -> dict[str, Field]:
        return {field.code: field for field in self.fields}


def digest_of(workbook: Path) -> str:
    """SHA-256 of its bytes; UsageError where it cannot be read."""
    try:
        return hashlib.sha256(workbook.read_bytes()).hexdigest()
    except OSError as error:
        raise UsageError(f"{workbook}: {error.strerror}; name the regulator's own workbook") from None


def written(layout: Layout) -> str:
    """As the file says it: a field a line, and nothing that goes without saying."""
    plain = {"blanks": True, "unit": "", "relations": ()}
    said = {"fields", *(name for name, value in plain.items() if getattr(layout, name) == value)}
    head = yaml.safe_dump(layout.model_dump(mode="json", exclude=said), sort_keys=False, allow_unicode=True, width=1000)
    lines = (yaml.safe_dump(_said(field), sort_keys=False, allow_unicode=True, width=100_000, default_flow_style=True)
             for field in layout.fields)  # fmt: skip
    return f"{HEAD}{head}fields:\n" + "".join(f"- {line}" for line in lines)


def _said(field: Field) -> dict[str, Any]:
    said = field.model_dump(exclude_defaults=True)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


def read(path: Path) -> Layout:
    """From its file; UsageError says what is wrong where."""
    try:
        return Layout(**yaml.load(path.read_text(encoding="utf-8"), _LOADER))  # noqa: S506 - safe, of one kind or the other
    except OSError:
        raise UsageError(f"{path}: there is none; make it by `loanwatch form layout`") from None
    except (yaml.YAMLError, TypeError, ValidationError) as error:
        raise UsageError(f"{path}: not a layout: {str(error).splitlines()[0]}; it is made by `loanwatch form layout`") from None


def changes(before: Layout, after: Layout) -> Iterator[str]:
    """What another edition of the workbook changes, field by field, in order."""
    for name in ("title", "edition", "sends", "blanks", "unit", "relations"):
        if (was := getattr(before, name)) != (now := getattr(after, name)):
            yield f"{name}: {was} -> {now}"
    known, asked = before.by_code, after.by_code
    yield from (f"{code} {field.name}: no more asked for" for code, field in known.items() if code not in asked)
    for code, field in asked.items():
        if code not in known:
            yield f"{code} {field.name}: new, {field.format}"
        else:
            yield from _changed(known[code], field)
    kept = [code for code in known if code in asked]
    if kept != [code for code in asked if code in known]:
        yield "the fields stand in another order"


def _changed(was: Field, now: Field) -> Iterator[str]:
    for name in Field.model_fields:
        if name == "codes" and was.codes != now.codes:
            gone, new = (_but(one.codes, other.codes) for one, other in ((was, now), (now, was)))
            yield f"{now.code} {now.name}: codes {', '.join([f'+{c}' for c in new] + [f'-{c}' for c in gone]) or 'in other words'}"
        elif getattr(was, name) != getattr(now, name):
            yield f"{now.code} {now.name}: {name} {getattr(was, name)!r} -> {getattr(now, name)!r}"


def _but(codes: Sequence[str] | dict[str, str], others: Sequence[str] | dict[str, str]) -> list[str]:
    return [code for code in codes if code not in others]
