"""The command line in a process of its own, as its users run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "loanwatch", *map(str, arguments)]


def environment(**changes: str) -> dict[str, str]:
    own = {"PYTHONPATH": str(ROOT / "jobs"), "LOANWATCH__SPARK__JARS": str(ROOT / ".jars"), "COLUMNS": "200"}
    return os.environ | own | changes


def loanwatch(*arguments: object, **changes: str) -> subprocess.CompletedProcess[str]:
    """A command run to its end; `changes` are variables of its environment."""
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, cwd=ROOT, check=False, env=environment(**changes)
    )
