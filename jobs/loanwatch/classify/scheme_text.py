"""Schemes as people write them in conf/classes/*.yaml: read from hostile text, each fault with file, line and floor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from loanwatch.yaml_lines import composed, pairs, twice

Item = TypeVar("Item", bound=BaseModel)


class FloorText(BaseModel):
    """Where `when` holds, the loan has at least this class."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    floor: str = Field(pattern=r"^([A-Z][A-Z0-9-]*|none)$")
    at_least: str
    when: str
    paragraph: str = Field(min_length=1)


class DoubtText(BaseModel):
    """Where `when` holds, what is named is missing: the class that is known may not be the true one, better or worse."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    missing: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    when: str


@dataclass(frozen=True)
class Written(Generic[Item]):
    """An item of a list where it stands: its line, and that of each of its keys."""

    text: Item
    line: int
    lines: Mapping[str, int]

    def at(self, key: str) -> int:
        return self.lines.get(key, self.line)


@dataclass(frozen=True)
class SchemeText:
    """A scheme as written: `terms` are conditions with a name, by which others call them in braces."""

    path: str
    terms: Mapping[str, str]
    doubts: tuple[Written[DoubtText], ...]
    floors: tuple[Written[FloorText], ...]


KEYS = ("source", "terms", "doubts", "floors")


def read(path: str, text: str, faults: list[str]) -> SchemeText | None:
    """A scheme; faults, and none, where the text is no scheme."""
    document = composed(path, text, faults)
    keys = [(str(key.value), key.start_mark.line + 1, value) for key, value in pairs(document)]
    faults += [f"{path}:{line}: no key {name!r}; there are {', '.join(KEYS)}" for name, line, _ in keys if name not in KEYS]
    faults += [f"{path}:1: {name} stands twice" for name in twice(name for name, _, _ in keys)]
    found = {name: value for name, _, value in keys}
    faults += [f"{path}:1: {name} is missing" for name in ("source", "floors") if name not in found]
    if document is None or not {"source", "floors"} <= set(found):
        return None
    return SchemeText(
        path,
        dict(_terms(path, found.get("terms"), faults)),
        tuple(_items(path, "doubt", found.get("doubts"), DoubtText, faults)),
        tuple(_items(path, "floor", found["floors"], FloorText, faults)),
    )


def _terms(path: str, node: yaml.Node | None, faults: list[str]) -> Iterator[tuple[str, str]]:
    if node is not None and not isinstance(node, yaml.MappingNode):
        faults.append(f"{path}:{node.start_mark.line + 1}: `name: condition` is wanted, a line for each term")
    for key, value in pairs(node):
        if isinstance(value, yaml.ScalarNode):
            yield str(key.value), str(value.value)
        else:
            faults.append(f"{path}:{key.start_mark.line + 1}: term {key.value}: a condition is wanted")
    faults += [f"{path}: term {name} stands twice" for name in twice(str(key.value) for key, _ in pairs(node))]


def _items(
    path: str, kind: str, node: yaml.Node | None, model: type[Item], faults: list[str]
) -> Iterator[Written[Item]]:
    if node is not None and not isinstance(node, yaml.SequenceNode):
        faults.append(f"{path}:{node.start_mark.line + 1}: a list of {kind}s is wanted")
        return
    for item in node.value if node is not None else ():
        line = item.start_mark.line + 1
        lines = {str(key.value): key.start_mark.line + 1 for key, _ in pairs(item)}
        faults += [f"{path}:{lines[key]}: {key} stands twice" for key in twice(str(key.value) for key, _ in pairs(item))]
        try:
            yield Written(model.model_validate(yaml.SafeLoader("").construct_document(item)), line, lines)
        except ValidationError as error:
            for fault in error.errors():
                where = [str(part) for part in fault["loc"]]
                at = lines.get(where[0], line) if where else line
                faults.append(f"{path}:{at}: {kind}: {'.'.join(where)}: {fault['msg']}")
        except (yaml.YAMLError, ValueError) as error:
            faults.append(f"{path}:{line}: not to be read: {' '.join(str(error).split())}")
