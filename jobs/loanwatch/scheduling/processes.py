"""Processes that are started together and never left behind, nor what they started themselves."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import psutil

from loanwatch.errors import MachineError

# A scheduler waits for its running tasks as long as they take; after this they are ended too.
PATIENCE_SECONDS = (10.0, 10.0, 5.0)
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Processes:
    """Commands at work, each with a log file of its name in a folder."""

    def __init__(self, logs: Path, environment: Mapping[str, str]) -> None:
        self._logs, self._environment = logs, environment
        self._started: dict[str, psutil.Popen] = {}

    def run(self, name: str, command: Sequence[str]) -> None:
        """Run a command to its end; MachineError with the end of its log if it fails."""
        self.start(name, command)
        if self._started[name].wait():
            raise MachineError(self._ended(name))
        del self._started[name]

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a command in a session of its own, so that Ctrl-C reaches it only through `stop`."""
        self._logs.mkdir(parents=True, exist_ok=True)
        with (self._logs / f"{name}.log").open("wb") as log:
            self._started[name] = psutil.Popen(
                command, env=dict(self._environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def check(self) -> None:
        """MachineError if one of them has ended."""
        for name, process in self._started.items():
            if process.poll() is not None:
                raise MachineError(self._ended(name))

    def stop(self) -> None:
        """Ask each by its number to end, then what they started, then kill what is left."""
        family = {p for started in self._started.values() for p in _with_descendants(started)}
        steps: tuple[tuple[Callable[[], set[psutil.Process]], str], ...] = (
            (lambda: set(self._started.values()), "terminate"),
            (lambda: family, "terminate"),
            (lambda: family, "kill"),
        )
        for (targets, how), patience in zip(steps, PATIENCE_SECONDS, strict=True):
            for process in filter(_alive, targets()):
                family.update(_with_descendants(process))
                _signal(process, how)
            if _gone(family, patience):
                return

    def _ended(self, name: str) -> str:
        path = self._logs / f"{name}.log"
        tail = "\n".join(path.read_text(errors="replace").splitlines()[-15:])
        return f"airflow {name} ended with {self._started[name].returncode}; the end of {path}:\n{tail}"


@contextmanager
def ended_at_exit(processes: Processes) -> Iterator[None]:
    """Stop the processes however the block is left; SIGTERM and SIGHUP end it as Ctrl-C does."""
    before = {number: signal.signal(number, _leave) for number in SIGNALS}
    try:
        yield
    finally:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        processes.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _with_descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _signal(process: psutil.Process, how: str) -> None:
    try:
        getattr(process, how)()
    except psutil.NoSuchProcess:
        return


def _gone(processes: set[psutil.Process], patience: float) -> bool:
    deadline = time.monotonic() + patience
    while any(_alive(process) for process in processes):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.1)
    return True
