"""Forms that tell what is new or has changed, from one hand-in to the next; without Spark."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from cli import loanwatch
from extract.test_hand_in import sealed_lake

from loanwatch.extract.changed import changed
from loanwatch.extract.filling import Filled
from loanwatch.extract.layout import Field, Layout
from loanwatch.extract.records import LINE, Records
from loanwatch.lake import Lake
from loanwatch.report.register_tables import BASE_PROTECTION
from loanwatch.report.tables import HAND_IN, RECORD

SEP, OCT, NOV = date(2018, 9, 30), date(2018, 10, 31), date(2018, 11, 30)
ROW: dict[str, Any] = {
    "loan_id": "L1", "protection_id": "S1", "partner_id": "P", "pool_id": "T", "currency": "EUR", "contract_id": "K1",
    "first_of_protection": True, "provider_id": "G", "protection": "home", "protection_minor": 100_00, "protection_value": "fair",
    "valuation_approach": "creditor", "valued_on": date(2018, 9, 1), "original_minor": 90_00, "originally_on": date(2018, 1, 1),
    "location": "DE712", "allocated_minor": 80_00, "prior_minor": 0,
}  # fmt: skip
FORMS = ["anacredit/protection"]
EU_BANK = {"institution": "bank", "jurisdiction": "eu", "book": "own", "filer": {"agent": "BLZ10"}, "forms": FORMS}
LAYOUT = Layout(
    form="x/y", code="Y", title="Y", edition="1", sends="changed", workbooks={},
    fields=(Field(code="D", name="d", format="DATE", key=True), Field(code="K", name="k", format="TEXT", key=True),
            Field(code="V", name="v", format="TEXT")),
)  # fmt: skip


def asked(lake: Lake, *command: str, code: int = 0) -> str:
    done = loanwatch(*command, "--lake", lake.path, "--env", "test", LOANWATCH__BUSINESS=json.dumps(EU_BANK))
    assert done.returncode == code, done.stderr
    return str(done.stdout + done.stderr)


def hand_in(lake: Lake, day: date) -> None:
    asked(lake, "form", "hand-in", "anacredit/protection", "--date", str(day), "--out", str(lake.path.parent / "out"))


def test_what_is_told_again_is_what_differs_from_when_it_was_told_last(tmp_path: Path) -> None:
    other = ROW | {"protection_id": "S2"}
    lake = sealed_lake(tmp_path / "lake", {BASE_PROTECTION: [ROW | {"month_end": SEP}, other | {"month_end": SEP}]}, SEP)
    hand_in(lake, SEP)
    worth = {"protection_minor": 101_00, "valued_on": date(2018, 10, 2)}
    sealed_lake(lake.path, {BASE_PROTECTION: [ROW | {"month_end": OCT}, other | worth | {"month_end": OCT}]}, OCT)
    hand_in(lake, OCT)
    new = ROW | {"protection_id": "S3", "month_end": NOV}
    sealed_lake(lake.path, {BASE_PROTECTION: [ROW | {"month_end": NOV}, other | {"month_end": NOV}, new]}, NOV)
    said = asked(lake, "form", "delta", "anacredit/protection", "--date", str(NOV), code=2)
    assert "anacredit/protection tells what has changed: its records are that" in " ".join(said.split())
    hand_in(lake, NOV)
    place = lake.rows(HAND_IN, "hand_in_no = 1", ("fields",))["fields"].to_pylist()[0].index("PROTECTION_IDENTIFIER")
    records = lake.rows(RECORD, "true order by hand_in_no, line_no").to_pylist()
    # In November the second is again as it was in September: since October that is a change.
    assert [(row["hand_in_no"], row["line_no"], row["given"][place]) for row in records] == [
        (1, 1, "S1"), (1, 2, "S2"), (2, 1, "S2"), (3, 1, "S2"), (3, 2, "S3"),
    ]  # fmt: skip
    sent = (tmp_path / "out" / "BLZ10-PROTECTION-20181031.csv").read_text(encoding="utf-8").splitlines()
    assert len(sent) == 2 and "101.00" in sent[1]


def filled(*values: tuple[str, str | None]) -> Filled:
    lines = pa.array(range(1, len(values) + 1), pa.int64())
    rows = {"D": ["2025-01-31"] * len(values), "K": [key for key, _ in values], "V": pa.array([v for _, v in values], pa.string())}
    return Filled(Records(pa.table(rows).append_column(LINE, lines)), pa.table({LINE: lines, "id": rows["K"]}), {})


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (None, ["a", "b", "c"]), ([], ["a", "b", "c"]), ([("a", "1"), ("b", None), ("c", "3")], []),
        ([("a", "1"), ("b", "2"), ("c", "3")], ["b"]), ([("a", "1"), ("a", "2"), ("b", None), ("c", "3")], ["a"]),
        ([("a", "2"), ("a", "1"), ("b", None)], ["c"]), ([("b", None), ("c", None)], ["a", "c"]),
    ],
)  # fmt: skip
def test_the_newest_that_was_told_counts_and_nothing_is_something(told: list[Any] | None, kept: list[str]) -> None:
    before = None if told is None else filled(*told).records.rows
    found = changed(filled(("a", "1"), ("b", None), ("c", "3")), LAYOUT, before)
    assert found.records.rows["K"].to_pylist() == found.keys["id"].to_pylist() == kept
    assert found.records.rows[LINE].to_pylist() == found.keys[LINE].to_pylist() == list(range(1, len(kept) + 1))
