"""Leases: a second worker is told who holds it; a dead holder never blocks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
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
