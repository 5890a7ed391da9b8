"""Who is in the way of a night that a test has halted."""

from __future__ import annotations

import pytest

from loanwatch import nights, restatement
from loanwatch.admit import batch
from loanwatch.seal import audit_log


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is in the way is halted, not busy."""
    monkeypatch.setattr(nights, "ADMISSION_WAIT_SECONDS", 0.0)
    monkeypatch.setattr(batch, "WAIT_SECONDS", 0.0)
    monkeypatch.setattr(audit_log, "WAIT_SECONDS", 0.0)
    monkeypatch.setattr(restatement, "NIGHT_WAIT_SECONDS", 0.0)
