"""Mappings as people write them in `mapping.yaml`: read from hostile text, each fault with file, line and field."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from loanwatch.yaml_lines import composed, pairs, twice, validated


class Case(BaseModel):
    """Where `when` holds, what is given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: str
    give: str


class CellText(BaseModel):
    """What stands in a field: an expression, the first of some cases that holds, or a setting of the institution.

    `words`: the form's word for each word of a column. `of`: the column by whose value the setting is told. `unit`: that of
    the expression where its columns do not say it. `otherwise`: what stands there where there is no value.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    value: str | None = None
    cases: tuple[Case, ...] = ()
    setting: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]*$")
    of: str | None = None
    words: dict[str, str] = {}
    unit: str | None = Field(default=None, pattern=r"^(minor|bp|count)$")
    otherwise: str = Field(default="", alias="else")

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if sum(map(bool, (self.value, self.cases, self.setting))) != 1:
            raise ValueError("one of value, cases, setting")
        if (self.words and not self.value) or (self.of and not self.setting):
            raise ValueError("words go with a value, of with a setting")
        return self

    @property
    def says(self) -> str:
        """The cell in a line."""
        cases = "; ".join(f"{case.give} where {case.when}" for case in self.cases)
        setting = f"business.filer.{self.setting}{f' by {self.of}' if self.of else ''}"
        words = f", in words {', '.join(f'{word} = {code}' for word, code in self.words.items())}" if self.words else ""
        return f"{self.value or cases or setting}{words}{f', else {self.otherwise}' if self.otherwise else ''}"


class MappingText(BaseModel):
    """The file. `records`: which rows are records. `constants`: fields by what stands in them in every record."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    table: str
    records: str = "true"
    constants: dict[str, tuple[str, ...]] = {}
    fields: dict[str, str | CellText]


def read(path: str, text: str, found: list[str]) -> tuple[dict[str, int], MappingText | None]:
    """The lines of its keys and fields, and what it says; faults, and none, where the text is no mapping."""
    lines = _lines(path, text, found)
    return lines, None if found else validated(MappingText, path, text, lines, found)


def _lines(path: str, text: str, found: list[str]) -> dict[str, int]:
    """The line of each key of the file and of each field."""
    document = pairs(composed(path, text, found))
    fields = pairs(next((value for key, value in document if key.value == "fields"), None))
    lines = {str(key.value): key.start_mark.line + 1 for key, _ in (*document, *fields)}
    for part in (document, fields):
        found += [f"{path}:{lines[name]}: {name} stands twice" for name in twice(str(key.value) for key, _ in part)]
    return lines
