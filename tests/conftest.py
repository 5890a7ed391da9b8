"""Three tiers: tests that need no Spark start none; one shared session; `slow` ones run whole nights."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from loanwatch import session, settings
from loanwatch.nights import Application

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# pyspark.sql.connect ends a process whose main module has no file, as one of xdist's: it takes that for a doctest.
sys.modules["__main__"].__dict__.setdefault("__file__", __file__)

ROOT = Path(__file__).parents[1]
JARS = ROOT / ".jars"
LAST = date(2025, 4, 3)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole nights begin first."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def application(inbox: Path, lake: Path, tenant: str = "demo", **flags: str) -> Application:
    """An application on a lake of the test's own."""
    given = {"inbox": str(inbox), "lake": str(lake), "spark": {"jars": str(JARS)}, **flags}
    return Application(settings.load("test", tenant, given))


@pytest.fixture
def spark() -> SparkSession:
    """The one session of all step tests; started again where a night has ended it."""
    return session.start(settings.load("test", flags={"spark": {"jars": str(JARS)}}))


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic book of 400 loans over 95 days up to LAST: `inbox/` and `truth/`."""
    from loanwatch.synth import synth

    out = tmp_path_factory.mktemp("book")
    synth(400, 95, 11, date(2024, 12, 30), out)
    return out


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of fetched data; skips where it is absent."""
    folder = Path(os.environ.get("LOANWATCH_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no fetched data at {folder}: set LOANWATCH_DATA")
    return folder
