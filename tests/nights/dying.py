"""`python dying.py POINT ARGUMENTS…`: the command line in a process that kills itself, for real, at a point of its work.

A point is a function of the program, before or after one of its calls; what it is called with may have to name a table.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loanwatch.runner import Runner
    from loanwatch.tables import Table


@dataclass(frozen=True)
class Point:
    """Where to die: before or after the nth call of `module:function` that has the table among its arguments.

    `during` is for `Runner._write`: as soon as the first file of the table's partition lies there.
    """

    what: str
    function: str
    when: str = "after"
    table: str = ""
    nth: int = 1

    @property
    def text(self) -> str:
        return json.dumps(asdict(self))

    def arm(self) -> None:
        """Put the death into the function, wherever it is called through its owner."""
        module, _, path = self.function.partition(":")
        owner: Any = importlib.import_module(module)
        *outer, name = path.split(".")
        for part in outer:
            owner = getattr(owner, part)
        setattr(owner, name, self._deadly(getattr(owner, name)))

    def _deadly(self, real: Callable[..., Any]) -> Callable[..., Any]:
        calls = 0

        def function(*arguments: Any, **named: Any) -> Any:
            nonlocal calls
            calls += not self.table or any(getattr(a, "name", getattr(a, "step", None)) == self.table for a in arguments)
            if calls == self.nth and self.when == "before":
                die()
            if calls == self.nth and self.when == "during":
                threading.Thread(target=_die_when_written, args=arguments[:2], daemon=True).start()
            done = real(*arguments, **named)
            if calls == self.nth:
                die()
            return done

        return function


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_when_written(runner: Runner, table: Table) -> None:
    while not any(runner.lake.at(table).rglob("part-*.parquet")):
        time.sleep(0.001)
    die()


if __name__ == "__main__":
    Point(**json.loads(sys.argv.pop(1))).arm()
    from loanwatch.__main__ import main

    main()
