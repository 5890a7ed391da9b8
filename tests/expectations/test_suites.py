"""The suites: of tables there are, of expectations there are, with arguments those take (unknown ones are dropped silently)."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT

from loanwatch import catalogue, gates

SUITES = sorted((ROOT / "expectations").glob("*.json"))
PARAMETERS = {"fewest_loans", "most_listed"}


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.stem)
def test_a_suite_is_of_a_table_and_keeps_its_arguments(path: Path) -> None:
    from great_expectations import ExpectationSuite

    written = gates.suite_of(catalogue.table(path.stem).name)
    assert written is not None and written["name"] == path.stem
    for said, built in zip(written["expectations"], ExpectationSuite(**written).expectations, strict=True):
        kept = built.configuration.kwargs
        assert {key: kept.get(key) for key in said["kwargs"]} == said["kwargs"], said["type"]
        assert said["severity"] in ("critical", "warning")
        used = {value["$PARAMETER"] for value in said["kwargs"].values() if isinstance(value, dict)}
        assert used <= PARAMETERS
