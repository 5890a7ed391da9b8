"""What a task does before any Spark: find its date, and its stages."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from loanwatch import settings
from loanwatch.errors import UsageError
from loanwatch.pipeline import APPLICATIONS, STAGES
from loanwatch.scheduling import night

DAY = date(2025, 4, 3)


@pytest.mark.parametrize(("partition_key", "parameter"), [
    ("2025-04-03", None), (None, "2025-04-03"), ("2025-04-03", "2025-04-09"), ("", "2025-04-03"),
])  # fmt: skip
def test_the_partition_goes_before_the_parameter(partition_key: str | None, parameter: str | None) -> None:
    assert night.business_date(partition_key, {"business_date": parameter}) == DAY


@pytest.mark.parametrize(("partition_key", "parameter", "message"), [
    (None, None, "no business date"), ("", "", "no business date"), ("yesterday", None, "'yesterday' is no date"),
    ("2025-04-03T02:00:00", None, "is no date"),
])  # fmt: skip
def test_without_a_date_nothing_is_guessed(partition_key: str | None, parameter: str | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        night.business_date(partition_key, {"business_date": parameter})


def test_applications_cover_every_stage_once_and_in_order() -> None:
    stages = [stage for first, last in APPLICATIONS.values() for stage in STAGES[STAGES.index(first) : STAGES.index(last) + 1]]
    assert stages == list(STAGES)


def test_the_settings_say_how_a_night_is_cut() -> None:
    cut = {value: night.applications(settings.load(flags={"night": {"applications": value}})) for value in ("one", "three")}
    assert cut == {"one": {"night": ("admit", "seal")}, "three": APPLICATIONS}


def test_importing_it_loads_neither_spark_nor_great_expectations() -> None:
    program = "import sys, loanwatch.scheduling.night; sys.exit(bool({'pyspark', 'great_expectations'} & set(sys.modules)))"
    env = os.environ | {"PYTHONPATH": str(Path(night.__file__).parents[2])}
    assert subprocess.run([sys.executable, "-c", program], env=env, check=False).returncode == 0
