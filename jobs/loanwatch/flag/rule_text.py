"""Rules and limits as people write them in conf/rules/*.yaml: read from hostile text, each fault with file, line and rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

LIMITS = "rules/limits.yaml"


class Words(BaseModel):
    """The same sentence in both languages; `{column}` and `{limit}` are filled in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)


class Action(Words):
    """What to do, by whom, within how many days."""

    owner: str
    within_days: int = Field(ge=0)


class RuleText(BaseModel):
    """A rule as its author writes it.

    Days are calendar days between business dates. A warning opens once its condition has held for `raise_after_days`, is
    cleared once its exit has held for `clear_after_days`, and goes on where it is raised again within `cool_down_days`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    subject: Literal["loan", "borrower"]
    applies: str = "true"
    amber: str | None = None
    red: str | None = None
    clear: str | None = None
    raise_after_days: int = Field(0, ge=0)
    clear_after_days: int = Field(0, ge=0)
    cool_down_days: int = Field(30, ge=0)
    status: Literal["live", "shadow"] = "live"
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


def read_limits(text: str, faults: list[str]) -> dict[str, int]:
    """The limits by name."""
    limits: dict[str, int] = {}
    document = _composed(f"conf/{LIMITS}", text, faults)
    if document is not None and not isinstance(document, yaml.MappingNode):
        faults.append(f"conf/{LIMITS}:1: `name: number` is wanted, a line for each limit")
    for key, value in _pairs(document):
        name, line = str(key.value), key.start_mark.line + 1
        if name in limits:
            faults.append(f"conf/{LIMITS}:{line}: limit {name!r} stands twice")
        try:
            limits[name] = int(value.value)
        except (TypeError, ValueError):
            faults.append(f"conf/{LIMITS}:{line}: limit {name!r} is no whole number")
    return limits


def read_rules(path: str, text: str, faults: list[str]) -> Iterator[Written]:
    """The rules of a file."""
    for first, node, row in listed(f"conf/{path}", text, faults):
        pairs = _pairs(node)
        lines = {str(key.value): key.start_mark.line + 1 for key, _ in pairs} | {"id": first}
        name = row.get("id", "without id") if isinstance(row, dict) else "without id"
        faults += [f"conf/{path}:{lines[key]}: rule {name}: {key}: stands twice" for key in twice(str(k.value) for k, _ in pairs)]
        try:
            yield Written(path, lines, RuleText.model_validate(row))
        except ValidationError as error:
            for fault in error.errors():
                where = [str(part) for part in fault["loc"]]
                line = lines.get(where[0] if where else "id", first)
                faults.append(f"conf/{path}:{line}: rule {name}: {'.'.join(where)}: {fault['msg']}")


def listed(path: str, text: str, faults: list[str]) -> Iterator[tuple[int, yaml.Node, object]]:
    """The items of a YAML list: line, node and value of each that has one."""
    document = _composed(path, text, faults)
    if document is not None and not isinstance(document, yaml.SequenceNode):
        faults.append(f"{path}:1: a list is wanted")
    for node in document.value if isinstance(document, yaml.SequenceNode) else ():
        line = node.start_mark.line + 1
        try:
            value = yaml.SafeLoader("").construct_document(node)
        except (yaml.YAMLError, ValueError) as error:  # a key that is a list, the 13th month
            faults.append(f"{path}:{line}: not to be read: {' '.join(str(error).split())}")
        else:
            yield line, node, value


def _composed(path: str, text: str, faults: list[str]) -> yaml.Node | None:
    """The nodes of a YAML text; a fault and none where it is none."""
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        faults.append(f"{path}: not YAML: {' '.join(str(error).split())}")
        return None


def _pairs(node: yaml.Node | None) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
    """The keys and values of a mapping; of what is none, none."""
    return [pair for pair in node.value if isinstance(pair[0], yaml.ScalarNode)] if isinstance(node, yaml.MappingNode) else []


def twice(names: Iterable[str]) -> list[str]:
    """What stands more than once."""
    return [name for name, times in Counter(names).items() if times > 1]
