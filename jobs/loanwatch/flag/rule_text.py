"""Rules and limits as people write them in conf/rules/*.yaml: read from hostile text, each fault with file, line and rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from loanwatch.settings import Institution, Jurisdiction
from loanwatch.yaml_lines import composed, listed, pairs, twice

LIMITS = "rules/limits.yaml"
WEIGHTS = "rules/weights.yaml"
RED_COUNTS = 3  # times amber, where a rule says one weight only


@dataclass(frozen=True)
class Split:
    """A limit that is not the same for all: by the words of a column, and one for what else there is."""

    by: str
    of: Mapping[str, int]
    other: int

    def at(self, word: str | None) -> int:
        return self.of.get(word, self.other) if word is not None else self.other


Limit = int | Split


def numbers_of(limit: Limit) -> tuple[int, ...]:
    """The numbers of a limit."""
    return (limit,) if isinstance(limit, int) else (limit.other, *limit.of.values())


class Words(BaseModel):
    """The same sentence in both languages; `{column}` and `{limit}` are filled in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)


class Action(Words):
    """What to do, by whom, within how many days."""

    owner: str
    within_days: int = Field(ge=0)


class Weight(BaseModel):
    """Points of an open warning by colour. A number alone is that of amber; red counts three times."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amber: int = Field(ge=0, le=100)
    red: int = Field(ge=0, le=100 * RED_COUNTS)

    @model_validator(mode="before")
    @classmethod
    def _of_both(cls, given: object) -> object:
        return {"amber": given, "red": RED_COUNTS * given} if type(given) is int else given

    @model_validator(mode="after")
    def _grows(self) -> Weight:
        if self.red < self.amber:
            raise ValueError(f"red weighs {self.red}, less than amber, {self.amber}")
        return self


class RuleText(BaseModel):
    """A rule as its author writes it.

    Days are calendar days between business dates. A warning opens once its condition has held for `raise_after_days`, is
    cleared once its exit has held for `clear_after_days`, and goes on where it is raised again within `cool_down_days`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    subject: Literal["loan", "borrower", "asset", "pool", "partner"]
    applies: str = "true"
    amber: str | None = None
    red: str | None = None
    clear: str | None = None
    raise_after_days: int = Field(0, ge=0)
    clear_after_days: int = Field(0, ge=0)
    cool_down_days: int = Field(30, ge=0)
    status: Literal["live", "shadow"] = "live"
    weight: Weight = Weight(amber=1, red=RED_COUNTS)
    institutions: tuple[Institution, ...] = ()
    jurisdictions: tuple[Jurisdiction, ...] = ()
    from_: date = Field(alias="from")
    until: date | None = None
    says: Words
    do: Action
    source: str


@dataclass(frozen=True)
class Written:
    """A rule where it stands: its file, and the line of each of its keys; under `id` that of the rule."""

    path: str
    lines: Mapping[str, int]
    text: RuleText

    @property
    def theme(self) -> str:
        """What the rules of its file are about: the file's name."""
        return PurePosixPath(self.path).stem

    def at(self, key: str = "id") -> str:
        return f"conf/{self.path}:{self.lines.get(key, self.lines['id'])}: rule {self.text.id}: {'' if key == 'id' else f'{key}: '}"


def read_limits(text: str, faults: list[str]) -> dict[str, Limit]:
    """The limits by name: `dpd_red: 30`, or `ltv_red_bp: {by: product, home: 8000, else: 9000}`."""
    limits: dict[str, Limit] = {}
    document = composed(f"conf/{LIMITS}", text, faults)
    if document is not None and not isinstance(document, yaml.MappingNode):
        faults.append(f"conf/{LIMITS}:1: `name: number` is wanted, a line for each limit")
    for key, value in pairs(document):
        name, line = str(key.value), key.start_mark.line + 1
        if name in limits:
            faults.append(f"conf/{LIMITS}:{line}: limit {name!r} stands twice")
        try:
            limits[name] = _split(value) if isinstance(value, yaml.MappingNode) else int(value.value)
        except (TypeError, ValueError):
            instead = "{by: column, word: number, else: number}"
            faults.append(f"conf/{LIMITS}:{line}: limit {name!r} is no whole number, nor `{instead}`")
    return limits


def _split(node: yaml.MappingNode) -> Split:
    """ValueError for what is no limit by a column."""
    told = {str(key.value): str(value.value) for key, value in pairs(node)}
    if len(told) != len(node.value) or len(told) < 3 or not {"by", "else"} <= set(told):
        raise ValueError
    return Split(told["by"], {word: int(value) for word, value in told.items() if word not in ("by", "else")}, int(told["else"]))


def read_weights(text: str, faults: list[str]) -> dict[str, tuple[Weight, str]]:
    """Weights by rule, and where they stand: `DPD: 2`, or `DPD: {amber: 1, red: 8}`."""
    weights: dict[str, tuple[Weight, str]] = {}
    document = composed(f"conf/{WEIGHTS}", text, faults)
    if document is not None and not isinstance(document, yaml.MappingNode):
        faults.append(f"conf/{WEIGHTS}:1: `RULE: number` is wanted, a line for each rule")
    for key, value in pairs(document):
        name, at = str(key.value), f"conf/{WEIGHTS}:{key.start_mark.line + 1}: "
        if name in weights:
            faults.append(f"{at}weight of {name!r} stands twice")
        try:
            weights[name] = Weight.model_validate(yaml.SafeLoader("").construct_document(value)), at
        except (ValidationError, yaml.YAMLError, ValueError) as error:
            said = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "not to be read"
            faults.append(f"{at}weight of {name!r}: {said}; a number is wanted, or `{{amber: number, red: number}}`")
    return weights


def read_rules(path: str, text: str, faults: list[str]) -> Iterator[Written]:
    """The rules of a file."""
    for first, node, row in listed(f"conf/{path}", text, faults):
        keys = pairs(node)
        lines = {str(key.value): key.start_mark.line + 1 for key, _ in keys} | {"id": first}
        name = row.get("id", "without id") if isinstance(row, dict) else "without id"
        faults += [f"conf/{path}:{lines[key]}: rule {name}: {key}: stands twice" for key in twice(str(k.value) for k, _ in keys)]
        try:
            yield Written(path, lines, RuleText.model_validate(row))
        except ValidationError as error:
            for fault in error.errors():
                where = [str(part) for part in fault["loc"]]
                line = lines.get(where[0] if where else "id", first)
                faults.append(f"conf/{path}:{line}: rule {name}: {'.'.join(where)}: {fault['msg']}")
