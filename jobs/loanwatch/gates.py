"""Gates: what a table of a night as a whole must satisfy, by the suite of its name in `expectations/`.

A suite is run on the partition that was written, never on a plan. `critical` stops the night, `warning`
is recorded; every result is kept in `admit.gate_result`. A table without a suite has nothing to be gated.
Deliveries have gates of their own, before they are numbered: admit/gating.py.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from loanwatch.admit.tables import GATE_RESULT
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.errors import DataError
from loanwatch.lake import Lake
from loanwatch.seal.publication import Attempt
from loanwatch.seal.step_result import results
from loanwatch.suites import expected, severity, suite_of, validate_frame
from loanwatch.tables import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

log = logging.getLogger(__name__)


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
        found = validate_frame(suite, written, self._parameters())
        results = [self._result(table, result) for result in found]
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
        return {
            "release": self.attempt.release,
            "as_of": self.attempt.as_of,
            "table": table.name,
            "delivery_no": None,
            "expectation": expected(result),
            "severity": severity(result),
            "success": bool(result["success"]),
            "observed": json.dumps(result["result"].get("observed_value", result["result"]), default=str),
        }


def _words(result: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return result["table"], result["severity"], result["expectation"], result["observed"]
