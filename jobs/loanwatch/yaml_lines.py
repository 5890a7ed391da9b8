"""YAML that people write, read node by node, so that each fault is told with file and line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Text = TypeVar("Text", bound=BaseModel)


def listed(path: str, text: str, faults: list[str]) -> Iterator[tuple[int, yaml.Node, object]]:
    """The items of a YAML list: line, node and value of each that has one."""
    document = composed(path, text, faults)
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


def composed(path: str, text: str, faults: list[str]) -> yaml.Node | None:
    """The nodes of a YAML text; a fault and none where it is none."""
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        faults.append(f"{path}: not YAML: {' '.join(str(error).split())}")
        return None


def pairs(node: yaml.Node | None) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
    """The keys and values of a mapping; of what is none, none."""
    return [pair for pair in node.value if isinstance(pair[0], yaml.ScalarNode)] if isinstance(node, yaml.MappingNode) else []


def twice(names: Iterable[str]) -> list[str]:
    """What stands more than once."""
    return [name for name, times in Counter(names).items() if times > 1]


def validated(
    kind: type[Text], path: str, text: str, lines: Mapping[str, int], faults: list[str], *, words: bool = False
) -> Text | None:
    """What a text says; a fault for each thing that it may not, at the line of the innermost key that has one, and none.

    With `words` all that stands there is text, numbers too: 2.10 is not 2.1.
    """
    try:
        return kind.model_validate(yaml.load(text, yaml.BaseLoader if words else yaml.SafeLoader))  # noqa: S506
    except ValidationError as error:
        for fault in error.errors():
            where = [str(part) for part in fault["loc"] if not _is_of_pydantic(part)]
            line = next((lines[part] for part in reversed(where) if part in lines), 1)
            faults.append(f"{path}:{line}: {'.'.join(where)}: {fault['msg']}")
    except (yaml.YAMLError, ValueError) as error:  # the 13th month
        faults.append(f"{path}: not to be read: {' '.join(str(error).split())}")
    return None


def _is_of_pydantic(part: int | str) -> bool:
    """Whether it names one of the kinds that a value may have, and no place in the text."""
    return isinstance(part, str) and (part == "str" or part.startswith("tuple[") or part.endswith("Text"))
