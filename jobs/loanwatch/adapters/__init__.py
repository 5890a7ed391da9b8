"""Layouts of others, read into deliveries: one function an adapter, found by name.

In: the files as they were published, and an empty folder. Out: `inbox/` as the senders would have filled it.
What can go wrong: files that are missing or of another layout, a folder that is taken (UsageError).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

Adapter = Callable[[Sequence[Path], Path, Callable[[str], None]], None]


def _lazily(module: str, function: str) -> Adapter:
    """The adapter, imported when it runs: listing names costs nothing."""

    def adapter(files: Sequence[Path], out: Path, say: Callable[[str], None]) -> None:
        run: Adapter = getattr(import_module(module), function)
        run(files, out, say)

    return adapter


ADAPTERS: dict[str, Adapter] = {"abs-ee": _lazily("loanwatch.adapters.abs_ee", "abs_ee")}
"""Adapters by the name that `loanwatch import` takes."""
