"""Processes that can be halted, overtaken and killed between any two things they do to a lake; in threads, one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from loanwatch.errors import LoanwatchError
from loanwatch.lake import Lake
from loanwatch.tables import Table


class Killed(BaseException):
    """The end of a process that was killed: nothing in it may catch this, and its locks are let go as by the kernel."""


@dataclass
class Process:
    """A piece of work that goes on only while it is stepped."""

    work: Callable[[], object]
    ended: bool = False
    refused: LoanwatchError | None = None
    fault: BaseException | None = None
    _killed: bool = False
    _go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _halted: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        RUNNING[self._thread] = self
        self._thread.start()

    def _run(self) -> None:
        self._go.acquire()
        try:
            if not self._killed:
                self.work()
        except LoanwatchError as error:
            self.refused = error
        except Killed:
            pass
        except BaseException as error:  # told to the test, in its own thread
            self.fault = error
        self.ended = True
        self._halted.release()

    def step(self, times: int = 1) -> None:
        """Let it do its next things."""
        for _ in range(times):
            if self.ended:
                break
            self._go.release()
            self._halted.acquire()
        if self.fault:
            raise self.fault

    def finish(self) -> None:
        """Let it run to its end."""
        while not self.ended:
            self.step()

    def kill(self) -> None:
        self._killed = True
        self.finish()

    def halt(self) -> None:
        """Called by the process itself, before each thing it does."""
        if self._killed:
            raise Killed
        self._halted.release()
        self._go.acquire()
        if self._killed:
            raise Killed


RUNNING: dict[threading.Thread, Process] = {}


def halt() -> None:
    """A point where the process that gets here may be halted or killed; elsewhere nothing."""
    if process := RUNNING.get(threading.current_thread()):
        process.halt()


class HaltingLake(Lake):
    """A lake whose users halt with each table in hand, so that what they read is old by then, and before each commit."""

    def delta(self, table: Table) -> DeltaTable:
        found = super().delta(table)
        halt()
        return found

    def append(self, table: Table, rows: Sequence[Mapping[str, Any]] | pa.Table, batch: int | None = None) -> None:
        halt()
        super().append(table, rows, batch)

    def append_if_unchanged(self, delta: DeltaTable, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        halt()
        super().append_if_unchanged(delta, table, rows)

    def add_files(self, table: Table, files: Sequence[Any], batch: int) -> None:
        halt()
        super().add_files(table, files, batch)
