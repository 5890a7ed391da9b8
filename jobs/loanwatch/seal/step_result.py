"""What the steps of a release have written, passed and noted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loanwatch.lake import Lake
from loanwatch.seal.tables import STEP_RESULT


@dataclass(frozen=True)
class StepResult:
    """What a step wrote, as read back."""

    step: str
    rows: int
    digest: str
    sums: Mapping[str, int]
    wall_ms: int


def note(lake: Lake, release: int, result: StepResult) -> None:
    """Note a step as done."""
    row = {
        "release": release, "step": result.step, "table": result.step, "rows": result.rows,
        "digest": result.digest, "sums": json.dumps(result.sums), "wall_ms": result.wall_ms,
    }  # fmt: skip
    lake.append(STEP_RESULT, [row])


def results(lake: Lake, release: int) -> dict[str, dict[str, Any]]:
    """What the steps of a release have written, by table."""
    rows = lake.rows(STEP_RESULT, f"release = {release}").to_pylist()
    return {row["table"]: row for row in rows}
