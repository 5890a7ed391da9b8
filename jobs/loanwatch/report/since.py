"""The provisional page: what refreshes between nights found about collateral, beside the release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from loanwatch import codes
from loanwatch.report.page import Language, Words, environment

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Since:
    """Beside which release, for which business date, and by which deliveries; `audit_head` and `approved_by` as on the page
    of a release."""

    title: str
    as_of: date
    release: int
    valued_for: date
    through_delivery_no: int
    currency: str
    audit_head: str
    approved_by: tuple[str, ...] | None
    language: Language


def since_page(facts: Since, values: Rows, warnings: Rows, words: Words) -> str:
    """The page as HTML: warnings that changed, the worst first, then the values that were found."""
    worst = codes.COLOURS.words.index
    changed = [row for row in warnings if row["outcome"] != (row["colour_before"] or "clear")]
    changed.sort(key=lambda row: (-worst(row["outcome"]), row["rule_id"], row["subject_id"]))
    found = sorted(values, key=lambda row: row["asset_id"])
    return environment(facts, words).get_template("since.html").render(warnings=changed, values=found)
