"""Gates of deliveries: judged staged, before they are numbered, by the suite `expectations/admit.delivery.json`.

The suite is run once a batch on the facts of its deliveries beside the limits of each (`conf/feeds.yaml`).
A delivery that fails a `critical` expectation is refused: it is numbered, with no admitted row, and judged again when its
bytes change. A `warning` is recorded. A delivery that is refused still counts as known to those it came with.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from loanwatch.admit.facts import Facts, facts
from loanwatch.admit.limits import FeedLimits, Limits
from loanwatch.admit.listing import GateResult, Listed
from loanwatch.admit.tables import DELIVERY
from loanwatch.errors import MachineError
from loanwatch.lake import Lake
from loanwatch.suites import expected, severity, suite_of, validate_table

log = logging.getLogger(__name__)

SHARES = ("rejected_bp", "same_key_bp", "unknown_bp")
VOLUMES = ("least_volume_bp", "most_volume_bp")


def gated(
    lake: Lake, limits: FeedLimits, release: int, deliveries: Sequence[Listed], staged: Mapping[str, Sequence[Path]]
) -> tuple[list[GateResult], dict[int, str]]:
    """Results of the suite on deliveries that can be read, and why each one that fails a critical expectation is refused."""
    if not deliveries:
        return [], {}
    found = {of.delivery_no: of for of in facts(lake, deliveries, staged)}
    held_to = {d.judged.delivery_no: limits.at(d.feed, d.sender) for d in deliveries}
    results: list[GateResult] = []
    refused: dict[int, list[str]] = defaultdict(list)
    for result in _validated([{**asdict(of), **columns(of, held_to[number])} for number, of in found.items()]):
        failed = result["result"].get("unexpected_index_list") or []
        told = {"deliveries": len(found), "failed": len(failed)}
        results.append(_result(result, release, None, not failed, told))
        for row in failed:
            number = int(row.pop("delivery_no"))
            results.append(_result(result, release, number, False, row))
            log.warning("gate delivery_no=%d severity=%s %s", number, severity(result), _words(result, row))
            if severity(result) == "critical":
                refused[number].append(_words(result, row))
    return results, {number: "; ".join(words) for number, words in refused.items()}


def columns(of: Facts, limits: Limits) -> dict[str, int | None]:
    """The limits of a delivery as columns `<limit>_warn` and `<limit>_refuse`; empty where it is not held to one."""
    held = {f"{name}_{what}": limit[what] for name, limit in limits.model_dump(exclude={"few_rows"}).items() for what in limit}
    unheld = []
    if of.rows < limits.few_rows:
        unheld += [f"{name}_refuse" for name in SHARES]
    if (of.usual_rows or 0) < limits.few_rows:
        unheld += [f"{name}_{what}" for name in VOLUMES for what in ("warn", "refuse")]
    return held | dict.fromkeys(unheld)


def _validated(rows: list[dict[str, int | None]]) -> list[dict[str, Any]]:
    import pandas as pd

    suite = suite_of(DELIVERY.name)
    if suite is None:
        raise MachineError(f"expectations/{DELIVERY.name}.json is not there; is the program installed whole?")
    return validate_table(suite, pd.DataFrame(rows).astype("float64"), "delivery_no")


def _result(result: Mapping[str, Any], release: int, number: int | None, success: bool, told: Mapping[str, Any]) -> GateResult:
    return GateResult(
        release=release, table=DELIVERY.name, delivery_no=number, expectation=expected(result), severity=severity(result),
        success=success, observed=json.dumps({name: int(value) for name, value in told.items()}),
    )  # fmt: skip


def _words(result: Mapping[str, Any], row: Mapping[str, float]) -> str:
    """What was expected, what was found, and what to do."""
    config = result["expectation_config"]
    greater, less = config["kwargs"]["column_A"], config["kwargs"]["column_B"]
    bound, what = ("at most", less) if greater.endswith(("_warn", "_refuse")) else ("at least", greater)
    limit = row[greater if what == less else less]
    meta = config["meta"]
    return f"{what} {int(row[what])}, expected {bound} {int(limit)} ({meta['says']}): {meta['do']}"
