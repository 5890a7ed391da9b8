"""Imports point left only: a stage imports shared modules and the declarations of earlier stages."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from loanwatch.pipeline import STAGES

PACKAGE = Path(__file__).parents[1] / "jobs" / "loanwatch"
# Declarations: what a later stage may know of an earlier one.
DECLARED = (
    "tables", "feeds", "collateral_feeds", "contact_feeds", "filing_feeds", "register_feeds", "monitoring_feeds", "register_tables",
    "rules", "masks", "scheme", "inputs", "indicator",
)  # fmt: skip
ABOVE = (
    "pipeline", "runner", "nights", "modelling", "intraday", "restatement", "reperformance", "values", "catalogue", "forms",
    "form_history", "handing_in", "approval_sheet", "housekeeping", "commands", "scenarios", "scheduling", "synth", "adapters",
)  # fmt: skip
# The edges: admission is the first step's own, and the seal reads the page it publishes.
EDGES = {("seal", "report.page"), ("balance", "balance.loan_day"), ("seal", "admit.delivery")}


def imports(path: Path) -> Iterator[str]:
    """Modules of this package that a file imports, without the package's name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            if name.startswith("loanwatch."):
                yield name.removeprefix("loanwatch.")
            elif name == "loanwatch" and isinstance(node, ast.ImportFrom):
                yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_only_to_its_left(stage: str) -> None:
    wrong = []
    for path in (PACKAGE / stage).rglob("*.py"):
        for name in imports(path):
            top, _, rest = name.partition(".")
            if top in ABOVE:
                wrong.append(f"{path.relative_to(PACKAGE)} imports {name}, which stands above the stages")
            if top in STAGES and STAGES.index(top) > STAGES.index(stage):
                wrong.append(f"{path.relative_to(PACKAGE)} imports {name} of a later stage")
            if top in STAGES and top != stage and rest not in DECLARED and (stage, name) not in EDGES:
                wrong.append(f"{path.relative_to(PACKAGE)} imports {name}, which is no declaration")
    assert not wrong, "\n".join(wrong)


def test_declarations_import_neither_spark_nor_airflow_nor_great_expectations() -> None:
    code = (
        "import sys, loanwatch.pipeline, loanwatch.catalogue, loanwatch.flag.rules;"
        "print([m for m in ('pyspark', 'airflow', 'great_expectations') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PACKAGE.parent, check=True)
    assert found.stdout.strip() == "[]"


def test_the_command_line_starts_without_what_few_commands_need() -> None:
    code = (
        "import sys, loanwatch.__main__;"
        "heavy = 'pyspark', 'airflow', 'great_expectations', 'pandas', 'sklearn', 'lightgbm', 'scipy';"
        "print([m for m in heavy if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PACKAGE.parent, check=True)
    assert found.stdout.strip() == "[]"


def test_stages_stand_in_the_order_of_the_flow() -> None:
    assert list(STAGES) == sorted(STAGES)
