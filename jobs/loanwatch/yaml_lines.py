"""YAML that people write, read node by node, so that each fault is told with file and line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import yaml


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
