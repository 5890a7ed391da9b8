"""A full disk: said in one line, nothing half-published, and the same command completes once there is room."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli import loanwatch
from conftest import LAST

from loanwatch.lake import Lake
from loanwatch.seal import publication

pytestmark = pytest.mark.slow


def mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with hardly any room; skips where none can be mounted."""
    if sys.platform != "linux" or os.geteuid() != 0 or not mount("-t", "tmpfs", "-o", "size=700k", "tmpfs", str(tmp_path)):
        pytest.skip("a small file system can be mounted by root on Linux only")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def test_a_full_disk_is_the_machines_fault_and_the_next_run_completes(book: Path, small_disk: Path) -> None:
    said = []
    for size in ("700k", "2m", "400m"):  # full in admission, full in a step, enough
        assert mount("-o", f"remount,size={size}", str(small_disk))
        done = loanwatch("run", "--date", LAST, "--env", "test", "--inbox", book / "inbox", "--lake", small_disk / "lake")
        said.append((done.returncode, done.stderr.splitlines()[-1]))
        published = publication.current(publication.attempts(Lake(small_disk / "lake")))
        assert bool(published) == (done.returncode == 0), said
    assert [code for code, _ in said] == [3, 3, 0]
    for _, line in said[:2]:
        assert line.startswith("loanwatch: ") and "No space left on device" in line, said
