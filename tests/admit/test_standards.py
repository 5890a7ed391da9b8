"""Every field of a public standard that a column is said to mean is one of the standard's own, under that number and name."""

from __future__ import annotations

import json
import re
from pathlib import Path

import openpyxl
import pytest
from cli import loanwatch

from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.json_schema import json_schema
from loanwatch.catalogue import TABLES
from loanwatch.columns import Column

COLUMNS: list[Column] = [
    *(column for feed in FEEDS.values() for column in feed.file_columns),
    *(column for table in TABLES.values() for column in table.columns),
]
NAMED = {field for column in COLUMNS for field in column.standards}


@pytest.fixture(scope="module")
def templates(real_data: Path) -> Path:
    folder = real_data / "20-regulatory-templates"
    if not folder.is_dir():
        pytest.skip(f"no regulatory templates at {folder}")
    return folder


def named(standard: str) -> set[str]:
    return {field.removeprefix(f"{standard} ") for field in NAMED if field.startswith(f"{standard} ")}


def test_only_two_standards_are_named() -> None:
    assert {field.split(" ")[0] for field in NAMED} == {"FIRE", "EBA-NPL"}
    assert len(named("FIRE")) > 15 and len(named("EBA-NPL")) > 15


def test_fields_of_fire_exist(templates: Path) -> None:
    found = set()
    for path in (templates / "fire").glob("schemas-*.json"):
        schema = path.stem.removeprefix("schemas-")
        found |= {f"{schema}.{name}" for name in json.loads(path.read_text()).get("properties", {})}
    assert len(found) > 100
    assert named("FIRE") <= found


def test_fields_of_the_eba_templates_exist_under_their_number(templates: Path) -> None:
    book = openpyxl.load_workbook(templates / "eba-npl" / "migration_table.xlsx", read_only=True)
    rows = book["Dictionary"].iter_rows(min_row=2, min_col=5, max_col=7, values_only=True)
    found = {
        f"{float(str(number)):.2f} {' '.join(str(name).split())}".replace(".", ",", 1)
        for number, _, name in rows if name and re.fullmatch(r"\d(\.\d+)?", str(number))
    }  # fmt: skip
    assert len(found) > 100
    assert named("EBA-NPL") <= found


def test_command_and_schema_show_them() -> None:
    assert "FIRE loan.rate" in " ".join(loanwatch("feeds", "loan", COLUMNS="250").stdout.split())
    properties = json_schema()["$defs"]["loan"]["properties"]
    assert properties["loan_id"]["x-standards"] == ["FIRE loan.id", "EBA-NPL 3,01 Loan Identifier"]
    assert "x-standards" not in properties["refinances_loan_id"]
