"""What the references of all themes share: a ratio by its definition, and the comparison of a step's rows with theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from loanwatch.derive.indicator import MOST_BP, Indicator

Told = Mapping[str, Any]


def bp(part: int | None, whole: int | None) -> int | None:
    """Part over whole in basis points, cut off towards zero; none of nothing, and no more than can be told."""
    if part is None or whole is None or whole <= 0:
        return None
    cut = 10_000 * abs(part) // whole * (1 if part > 0 else -1)
    return max(-MOST_BP, min(MOST_BP, cut))


def agree(found: Mapping[str, Told], declared: Iterable[Indicator], expected: Mapping[str, Told]) -> None:
    """Each subject has what is expected of every declared indicator, and nothing where a source of it has a gap."""
    declared = tuple(declared)
    assert found.keys() == expected.keys()
    for subject, row in found.items():
        assert expected[subject].keys() == {one.name for one in declared}
        for one in declared:
            gaps = {gap: row[gap] for gap in one.gap_columns if row[gap] != "none"}
            told = None if gaps else expected[subject][one.name]
            assert row[one.name] == told, (subject, one.name, gaps)
    for one in declared:
        assert any(row[one.name] is not None for row in found.values()), f"{one.name} is told of nobody"
