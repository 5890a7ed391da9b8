"""Processes that are started are gone afterwards, with whatever they started, however the block is left."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from loanwatch.errors import MachineError

psutil = pytest.importorskip("psutil")  # comes with Airflow
processes = pytest.importorskip("loanwatch.scheduling.processes")

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, '-c', 'import os, time; os.setpgid(0, 0); time.sleep(60)'])
print('ready', flush=True)
time.sleep(60)
"""


@pytest.fixture
def at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> processes.Processes:
    monkeypatch.setattr(processes, "PATIENCE_SECONDS", (0.5, 0.5, 5.0))
    return processes.Processes(tmp_path, os.environ | {"LOANWATCH_TEST_HOME": str(tmp_path)})


def left(folder: Path) -> list[int]:
    """Living processes that inherited the folder's name."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("LOANWATCH_TEST_HOME") == str(folder)
            if ours and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def be_interrupted(by: signal.Signals, at_work: processes.Processes, folder: Path) -> None:
    with processes.ended_at_exit(at_work):
        at_work.start("stubborn", [sys.executable, "-c", STUBBORN])
        while "ready" not in (folder / "stubborn.log").read_text() or len(left(folder)) < 2:
            time.sleep(0.05)
        signal.raise_signal(by)


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_stubborn_process_and_its_child_in_another_group_are_ended(at_work, tmp_path: Path, by: signal.Signals) -> None:
    with pytest.raises(SystemExit):
        be_interrupted(by, at_work, tmp_path)
    assert left(tmp_path) == []


def test_handlers_are_given_back(at_work) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with processes.ended_at_exit(at_work):
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_one_that_ends_by_itself_is_told_with_the_end_of_its_log(at_work) -> None:
    with pytest.raises(MachineError, match=r"ended with 3(.|\n)*no database"):
        at_work.run("migrate", [sys.executable, "-c", "import sys; print('no database'); sys.exit(3)"])
