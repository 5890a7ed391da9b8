"""Great Expectations: suites in `expectations/<table>.json`, and how one is run on rows that are there.

The rows are a frame that was written and read back (never a plan: each expectation would compute it again), or a small
pandas table. No row reaches a result but by the columns that are asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loanwatch.errors import MachineError

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame

FOLDER = Path(__file__).parents[2] / "expectations"


def suite_of(table: str) -> dict[str, Any] | None:
    """The suite of a table as JSON; None where it has none."""
    path = FOLDER / f"{table}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def validate_frame(suite: dict[str, Any], rows: DataFrame, parameters: Mapping[str, int]) -> list[dict[str, Any]]:
    """The results of a suite on a Spark frame that was written; MachineError where one could not be evaluated."""
    asset = _context().data_sources.add_or_update_spark(f"gate {suite['name']}").add_dataframe_asset("written")
    # BASIC without examples: a third of the Spark jobs, and no row reaches the driver.
    return _results(suite, asset, rows, {"result_format": "BASIC", "partial_unexpected_count": 0}, parameters)


def validate_table(suite: dict[str, Any], rows: pd.DataFrame, index: str) -> list[dict[str, Any]]:
    """The results of a suite on a small table; each failing row is told by its `index` and the columns of the expectation."""
    asset = _context().data_sources.add_or_update_pandas(f"gate {suite['name']}").add_dataframe_asset("facts")
    told = {"result_format": "COMPLETE", "partial_unexpected_count": 0, "unexpected_index_column_names": [index]}
    return _results(suite, asset, rows, told, {})


def _results(
    suite: dict[str, Any], asset: Any, rows: Any, result_format: dict[str, Any], parameters: Mapping[str, int]
) -> list[dict[str, Any]]:
    from great_expectations import ExpectationSuite

    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": rows})
    found = batch.validate(
        ExpectationSuite(**suite), result_format=result_format, expectation_parameters=dict(parameters)
    ).to_json_dict()["results"]
    for result in found:
        raised = result["exception_info"]
        if raised.get("raised_exception") or any(isinstance(v, dict) and v.get("raised_exception") for v in raised.values()):
            raise MachineError(f"{suite['name']}: expectation {expected(result)} could not be evaluated")
    return list(found)


@cache
def _context() -> Any:
    import great_expectations

    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    return context


def expected(result: Mapping[str, Any]) -> str:
    """An expectation with its arguments, in a line."""
    config = result["expectation_config"]
    kept = {k: v for k, v in config["kwargs"].items() if k not in ("batch_id", "result_format")}
    arguments = ", ".join(f"{key}={value}" for key, value in sorted(kept.items()))
    return f"{config['type']}({arguments})"


def severity(result: Mapping[str, Any]) -> str:
    """critical or warning."""
    return result["expectation_config"].get("severity") or "critical"
