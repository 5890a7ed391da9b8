"""A row of an index tells a level, a change, or both, of a cell that is spelled as assets spell theirs."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from loanwatch.admit.checking import check
from loanwatch.admit.collateral_feeds import PRICE_INDEX

D = date(2025, 3, 1)
NONE = "level_bp: missing and no change_bp either"


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, []),
        ({"level_bp": "", "change_bp": "10050"}, []),
        ({"level_bp": "10000", "change_bp": "10050", "base": "2020", "sales": "12"}, []),
        ({"level_bp": ""}, [NONE]),
        ({"level_bp": "1x"}, ["level_bp: not a long"]),
        ({"level_bp": "", "change_bp": "0"}, ["change_bp: below 1"]),
        ({"region": "wuhan/hankou/flat"}, []),
        ({"region": "nation"}, []),
        ({"region": "wuhan//flat"}, ["region: not a well-formed number"]),
        ({"region": "wuhan/hankou/flat/small"}, ["region: not a well-formed number"]),
        ({"region": "../wuhan"}, ["region: not a well-formed number"]),
        ({"sales": "-1"}, ["sales: below 0"]),
    ],
)
def test_rows(changes: dict[str, str], faults: list[str]) -> None:
    cells = {"kind": "flat", "region": "wuhan", "period_on": "2025-02-01", "published_on": "2025-03-01", "level_bp": "9900",
             "change_bp": "", "base": "", "sales": ""} | changes  # fmt: skip
    rows = pa.table({name: pa.array([cell or None], pa.string()) for name, cell in cells.items()})
    assert check(PRICE_INDEX, rows, "valuer", D).reasons(0) == faults


def test_the_older_layout_has_levels_only() -> None:
    older = PRICE_INDEX.at(1)
    names = [column.name for column in older.file_columns]
    assert names == ["kind", "region", "period_on", "published_on", "level_bp"]
    rows = pa.table({name: pa.array([None], pa.string()) for name in names})
    assert "level_bp: missing" in check(older, rows, "valuer", D).reasons(0)
