from __future__ import annotations

from pathlib import Path

import pytest
from admit.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk nobody has used."""
    return Desk(tmp_path)
