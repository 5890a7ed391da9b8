"""Layouts of others, read into deliveries: a mapping file an adapter, and a function where that cannot say it.

In: the files as they were published, and a folder. Out: `inbox/` as the senders would have filled it.
What can go wrong: a mapping that does not fit what is declared, files that are missing or of another layout, a folder that
is taken (UsageError); a snapshot whose predecessor has not come (NotNow).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from loanwatch.adapters.mapping import NAME, Mapping, written
from loanwatch.errors import UsageError, near
from loanwatch.settings import find_conf

Say = Callable[[str], None]
ABS_EE = "abs-ee"
"""The one adapter without a mapping: its months stand side by side in hundreds of columns."""


def names(folder: Path | None = None) -> list[str]:
    """The adapters there are."""
    return sorted([ABS_EE, *(path.stem for path in (folder or _folder()).glob("*.yaml"))])


def mapping(name: str, folder: Path | None = None) -> Mapping:
    """The mapping of an adapter; UsageError says every fault of it."""
    from loanwatch.adapters import fitting
    from loanwatch.adapters.functions import FUNCTIONS

    folder = folder or _folder()
    if not NAME.fullmatch(name) or name not in names(folder) or name == ABS_EE:
        raise UsageError(f"no adapter {name!r}{near(name, names(folder))}; there are {', '.join(names(folder))}")
    path = folder / f"{name}.yaml"
    found = written(path)
    if faults := list(fitting.faults(found, {of: function.reads for of, function in FUNCTIONS.items()})):
        raise UsageError("\n".join(f"conf/adapters/{path.name}: {fault}" for fault in faults))
    return found


def perform(name: str, files: Sequence[Path], out: Path, say: Say, folder: Path | None = None) -> None:
    """Turn files of an adapter's layout into deliveries below `out/inbox`."""
    if name == ABS_EE:
        from loanwatch.adapters.abs_ee import abs_ee

        abs_ee(files, out, say)
        return
    told = mapping(name, folder)
    if missing := [str(file) for file in files if not file.is_file()]:
        raise UsageError(f"no such file: {', '.join(missing)}")
    from loanwatch.adapters.functions import FUNCTIONS
    from loanwatch.adapters.run import Run

    Run(told, FUNCTIONS[told.function] if told.function else None, out, say).perform(files)


def _folder() -> Path:
    return find_conf() / "adapters"
