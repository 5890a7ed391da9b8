"""What the steps of a release have written, passed and noted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loanwatch.lake import Lake
from loanwatch.seal.publication import Attempt
from loanwatch.seal.tables import STEP_RESULT


@dataclass(frozen=True)
class StepResult:
    """What a step wrote, as read back."""

    step: str
    rows: int
    digest: str
    sums: Mapping[str, int]
    wall_ms: int


def note(lake: Lake, attempt: Attempt, result: StepResult) -> None:
    """Note a step as done."""
    row = {
        "release": attempt.release, "as_of": attempt.as_of, "step": result.step, "table": result.step, "rows": result.rows,
        "digest": result.digest, "sums": json.dumps(result.sums), "wall_ms": result.wall_ms,
    }  # fmt: skip
    lake.append(STEP_RESULT, [row])


def results(lake: Lake, attempt: Attempt) -> dict[str, dict[str, Any]]:
    """What the steps of an attempt have written, by table."""
    return {row["table"]: row for row in lake.rows(STEP_RESULT, attempt.noted).to_pylist()}
