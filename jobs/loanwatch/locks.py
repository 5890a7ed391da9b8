"""Leases: who works on a lake right now. A lease lives as long as its process, so a dead holder never blocks.

`flock` on a file below `<lake>/_locks`; the file names the holder, its host and its JVM, which outlives a
killed driver by a second or so and may still write. On another host it cannot be looked at, only waited for.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loanwatch.errors import NotNow

JVM_GRACE_SECONDS = 15.0
FAR_JVM_SECONDS = 5.0  # measured: a JVM ends 0.5-1.4 s after its driver was killed


class Lease:
    """A held lease; `note_jvm` tells the next holder whose end to wait for."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path, self._descriptor = path, descriptor

    def note_jvm(self, pid: int) -> None:
        """Write down the JVM that works for the holder."""
        _write(self._descriptor, {"holder": holder(), "host": socket.gethostname(), "jvm": pid})


def holder() -> str:
    """This process, for people: `process 4711 on host`."""
    return f"process {os.getpid()} on {socket.gethostname()}"


@contextmanager
def lease(lake: Path, name: str, wait_seconds: float = 0.0) -> Iterator[Lease]:
    """Hold the lease `name` of a lake; NotNow names the holder if it is alive."""
    path = lake / "_locks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(descriptor, path, wait_seconds)
        _await_jvm(_content(descriptor), path)
        _write(descriptor, {"holder": holder()})
        try:
            yield Lease(path, descriptor)
        finally:  # however it ended: this process is alive, and so master of its JVM
            _write(descriptor, {})
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                who = _content(descriptor).get("holder", "somebody")
                raise NotNow(f"{path.name} of {path.parent.parent}: held by {who}; wait, or run again later") from None
            time.sleep(0.2)


def _await_jvm(left: dict[str, object], path: Path) -> None:
    """Wait for the JVM of a killed holder; it may still be writing."""
    pid = left.get("jvm")
    if pid and left.get("host") != socket.gethostname():
        time.sleep(FAR_JVM_SECONDS)
        return
    deadline = time.monotonic() + JVM_GRACE_SECONDS
    while isinstance(pid, int) and _is_java(pid):
        if time.monotonic() >= deadline:
            raise NotNow(f"{path}: the JVM of a dead holder is still alive, process {pid}; stop it and run again")
        time.sleep(0.1)


def _is_java(pid: int) -> bool:
    command = Path(f"/proc/{pid}/cmdline")
    try:
        os.kill(pid, 0)
        return "java" in command.read_text() if command.exists() else not Path("/proc").exists()
    except (ProcessLookupError, PermissionError, FileNotFoundError):
        return False


def _content(descriptor: int) -> dict[str, object]:
    text = os.pread(descriptor, 4096, 0).decode(errors="replace")
    try:
        found = json.loads(text or "{}")
    except json.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _write(descriptor: int, content: dict[str, object]) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(content).encode(), 0)
