"""A lake with two published nights, run from the command line, for all tests that only read it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from cli import loanwatch
from conftest import LAST

from loanwatch import nights, restatement
from loanwatch.admit import batch
from loanwatch.lake import Lake

FIRST = date(2025, 4, 2)


@pytest.fixture(scope="session")
def lake(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The first night by `run`, the second by `catch-up`."""
    path = tmp_path_factory.mktemp("nights") / "lake"
    where = ("--env", "test", "--inbox", book / "inbox", "--lake", path)
    for arguments in (("run", "--date", FIRST), ("catch-up", "--to", LAST)):
        done = loanwatch(*arguments, *where)
        assert done.returncode == 0, done.stderr
    assert f"{LAST}: release 2 is published" in done.stdout
    return Lake(path)


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is in the way is halted, not busy."""
    monkeypatch.setattr(nights, "ADMISSION_WAIT_SECONDS", 0.0)
    monkeypatch.setattr(batch, "WAIT_SECONDS", 0.0)
    monkeypatch.setattr(restatement, "NIGHT_WAIT_SECONDS", 0.0)
