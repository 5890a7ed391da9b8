"""Gates: what a table as a whole must satisfy, as Great Expectations suites in `expectations/<table>.json`.

A suite is run on the partition that was written, never on a plan. `critical` stops the night, `warning`
is recorded; every result is kept in `admit.gate_result`. A table without a suite has nothing to be gated.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loanwatch.admit.tables import GATE_RESULT
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.errors import DataError, MachineError
from loanwatch.lake import Lake
from loanwatch.seal.publication import Attempt
from loanwatch.seal.step_result import results
from loanwatch.tables import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parents[2] / "expectations"
# BASIC without examples: a third of the Spark jobs, and no row reaches the driver.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}


@dataclass(frozen=True)
class Gate:
    """Runs suites for one attempt, with what is known of it and its parent as their `$PARAMETER`s."""

    lake: Lake
    attempt: Attempt
    parent: Attempt | None

    def __call__(self, table: Table, written: DataFrame, rows: int) -> None:
        """Gate a written table; DataError names every critical expectation that does not hold."""
        suite = suite_of(table.name)
        if suite is None:
            return
        found = _validate(suite, written, self._parameters())
        results = [self._result(table, result) for result in found["results"]]
        if not len(self.lake.rows(GATE_RESULT, f"{self.attempt.noted} and \"table\" = '{table.name}'", ("release",))):
            self.lake.append(GATE_RESULT, results)  # a process that died before it noted the step had said so already
        failed = [r for r in results if not r["success"]]
        for result in failed:
            log.warning("gate table=%s severity=%s %s found %s", *_words(result))
        if critical := [r for r in failed if r["severity"] == "critical"]:
            lines = [f"{r['expectation']}, found {r['observed']}" for r in critical]
            raise DataError(f"{table.name}: {'; '.join(lines)}; nothing is published")

    def _parameters(self) -> dict[str, int]:
        """`fewest_loans`: four fifths of the parent's book; `most_listed`: half of this release's book."""
        before = results(self.lake, self.parent) if self.parent else {}
        now = results(self.lake, self.attempt)
        return {
            "fewest_loans": before[LOAN_DAY.name]["rows"] * 4 // 5 if before else 0,
            "most_listed": now[LOAN_DAY.name]["rows"] // 2 if LOAN_DAY.name in now else 0,
        }

    def _result(self, table: Table, result: Mapping[str, Any]) -> dict[str, Any]:
        if result["exception_info"].get("raised_exception") or any(
            isinstance(v, dict) and v.get("raised_exception") for v in result["exception_info"].values()
        ):
            raise MachineError(f"{table.name}: expectation {_expected(result)} could not be evaluated")
        config = result["expectation_config"]
        return {
            "release": self.attempt.release,
            "as_of": self.attempt.as_of,
            "table": table.name,
            "expectation": _expected(result),
            "severity": config.get("severity") or "critical",
            "success": bool(result["success"]),
            "observed": json.dumps(result["result"].get("observed_value", result["result"]), default=str),
        }


def suite_of(table: str) -> dict[str, Any] | None:
    """The suite of a table as JSON; None where it has none."""
    path = FOLDER / f"{table}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _validate(suite: dict[str, Any], written: DataFrame, parameters: dict[str, int]) -> dict[str, Any]:
    from great_expectations import ExpectationSuite

    source = _context().data_sources.add_or_update_spark(f"gate {suite['name']}")
    batch = source.add_dataframe_asset("written").add_batch_definition_whole_dataframe("all")
    frame = batch.get_batch({"dataframe": written})
    result = frame.validate(ExpectationSuite(**suite), result_format=RESULT_FORMAT, expectation_parameters=parameters)
    return result.to_json_dict()  # type: ignore[no-any-return]


@cache
def _context() -> Any:
    import great_expectations

    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    return context


def _expected(result: Mapping[str, Any]) -> str:
    config = result["expectation_config"]
    kept = {k: v for k, v in config["kwargs"].items() if k not in ("batch_id", "result_format")}
    arguments = ", ".join(f"{key}={value}" for key, value in sorted(kept.items()))
    return f"{config['type']}({arguments})"


def _words(result: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return result["table"], result["severity"], result["expectation"], result["observed"]
