"""Leases: a second worker is told who holds it; a dead holder never blocks."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from loanwatch import locks
from loanwatch.errors import NotNow

HOLD = """
import sys, time
from pathlib import Path
from loanwatch import locks
with locks.lease(Path(sys.argv[1]), "night"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_worker_is_told_who_holds_it(tmp_path: Path) -> None:
    with locks.lease(tmp_path, "night"), pytest.raises(NotNow, match=rf"held by process {os.getpid()}"):  # noqa: SIM117
        with locks.lease(tmp_path, "night"):
            pass


def test_a_killed_holder_never_blocks(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(locks.__file__).parents[1])}
    child = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, env=environment)
    assert child.stdout is not None and child.stdout.readline() == b"held\n"
    with pytest.raises(NotNow), locks.lease(tmp_path, "night"):
        pass
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    with locks.lease(tmp_path, "night"):
        pass


def left_behind(lake: Path, **content: object) -> None:
    """What a killed holder leaves in the lease's file."""
    (lake / "_locks").mkdir()
    (lake / "_locks" / "night").write_text(json.dumps({"holder": "process 1 on somewhere", **content}))


def java(seconds: float) -> subprocess.Popen[bytes]:
    """A process by the name of java; given back when it has that name, which between fork and exec it has not."""
    process = subprocess.Popen(["sh", "-c", f"exec -a java sleep {seconds}"], executable="/bin/bash")
    while not Path(f"/proc/{process.pid}/cmdline").read_bytes().startswith(b"java\0"):
        time.sleep(0.01)
    return process


def test_the_jvm_of_a_dead_holder_is_waited_for_by_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "JVM_GRACE_SECONDS", 5.0)
    jvm = java(0.6)
    left_behind(tmp_path, host=socket.gethostname(), jvm=jvm.pid)
    threading.Timer(1.0, jvm.wait).start()  # until it is waited for, a dead child still counts as there
    began = time.monotonic()
    with locks.lease(tmp_path, "night"):
        assert jvm.poll() is not None
    assert time.monotonic() - began < 4


def test_a_jvm_that_does_not_end_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "JVM_GRACE_SECONDS", 0.2)
    jvm = java(60)
    left_behind(tmp_path, host=socket.gethostname(), jvm=jvm.pid)
    try:
        with pytest.raises(NotNow, match=f"still alive, process {jvm.pid}; stop it"), locks.lease(tmp_path, "night"):
            pass
    finally:
        jvm.kill()
        jvm.wait()


def test_a_process_number_of_another_host_is_not_taken_for_one_of_this(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This very process is alive under that number here; over there it cannot be looked at, only waited for."""
    monkeypatch.setattr(locks, "FAR_JVM_SECONDS", 0.3)
    left_behind(tmp_path, host="another-host", jvm=os.getpid())
    began = time.monotonic()
    with locks.lease(tmp_path, "night"):
        assert time.monotonic() - began >= 0.3
