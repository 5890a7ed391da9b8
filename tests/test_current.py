"""The shipped SQL is what the declarations say."""

import pytest

from loanwatch import current


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_the_shipped_views_are_those_of_the_public_tables(engine: current.Engine) -> None:
    assert (current.FOLDER / f"current.{engine}.sql").read_text(encoding="utf-8") == current.shipped(engine)
