"""`loanwatch tables` knows every table that a stage declares."""

from __future__ import annotations

import importlib

import pytest

from loanwatch.catalogue import TABLES
from loanwatch.pipeline import STAGES
from loanwatch.tables import Table


@pytest.mark.parametrize("stage", STAGES)
def test_what_a_stage_declares_is_in_the_catalogue(stage: str) -> None:
    declared = vars(importlib.import_module(f"loanwatch.{stage}.tables")).values()
    own = {table.name for table in declared if isinstance(table, Table) and table.stage == stage}
    assert own
    assert own - set(TABLES) == set()
