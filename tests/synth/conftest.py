"""Two small books, written once: a clean one, and one with planted faults."""

from __future__ import annotations

import pytest
from synth.synth_book import DAYS, LOANS, SEED, START, Book

from loanwatch.synth import synth


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    out = tmp_path_factory.mktemp("clean")
    synth(LOANS, DAYS, SEED, START, out)
    return Book(out)


@pytest.fixture(scope="session")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Book:
    out = tmp_path_factory.mktemp("spoiled")
    synth(LOANS, DAYS, SEED, START, out, faults=True)
    return Book(out)
