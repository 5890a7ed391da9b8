"""Why a loan is where it is, from what was published; no Spark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from loanwatch.balance.tables import LOAN_DAY
from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.columns import LOAN_ID
from loanwatch.cover.tables import LOAN_COVER
from loanwatch.derive.tables import BORROWER_INDICATOR, LOAN_INDICATOR
from loanwatch.errors import UsageError
from loanwatch.flag.tables import RULE, VERDICT, WARNING
from loanwatch.lake import Lake
from loanwatch.seal import publication
from loanwatch.seal.publication import Attempt
from loanwatch.tables import Table

WORD = 62
OUTCOMES = ("red", "amber", "unknown", "not_applicable")


@dataclass(frozen=True)
class Outcome:
    """What a rule said about the loan or its borrower; a rule in shadow raises no warning, whatever its outcome."""

    rule_id: str
    subject: str
    outcome: str
    status: str
    says: str


@dataclass(frozen=True)
class Explanation:
    """Everything a release says about one loan."""

    release: int
    facts: Mapping[str, Mapping[str, Any]]
    outcomes: tuple[Outcome, ...]


def explain(lake: Lake, loan_id: str, as_of: date, release: int | None = None, *, first: bool = False) -> Explanation:
    """The explanation of a loan; UsageError where the release has no such loan on its book."""
    attempt = publication.find(lake, as_of, release, first=first)
    found = _rows(lake, LOAN_DAY, attempt, "loan_id", loan_id)
    if not found:
        raise UsageError(
            f"no loan {loan_id!r} on the book of {as_of} (release {attempt.release}): {_known(lake, loan_id)}"
        )
    borrower = found[0]["borrower_id"]
    facts = {
        "what it owes": found[0],
        "class": _one(lake, LOAN_CLASS, attempt, "loan_id", loan_id),
        "cover": _one(lake, LOAN_COVER, attempt, "loan_id", loan_id) or {"cover": "unsecured: no asset is pledged"},
        "indicators of the loan": _one(lake, LOAN_INDICATOR, attempt, "loan_id", loan_id),
        "indicators of the borrower": _one(lake, BORROWER_INDICATOR, attempt, "borrower_id", borrower),
    }
    subjects = {"loan": loan_id, "borrower": borrower}
    return Explanation(attempt.release, facts, tuple(_outcomes(lake, attempt, subjects)))


def _known(lake: Lake, loan_id: str) -> str:
    if not LOAN_ID.pattern or ":" not in loan_id:
        return "loans are named <partner>:<number>"
    return "it was never delivered, is not open yet, or has left the book"


def _outcomes(lake: Lake, attempt: Attempt, subjects: Mapping[str, str]) -> Iterator[Outcome]:
    rules = lake.rows(RULE, f"{attempt.partition} order by subject desc, bit", RULE.names).to_pylist()
    for subject, subject_id in subjects.items():
        masks = _one(lake, VERDICT, attempt, "subject_id", subject_id, f"and subject = '{subject}'")
        warnings = _rows(
            lake, WARNING, attempt, "subject_id", subject_id, f"and subject = '{subject}' and state in ('open', 'curing', 'held')"
        )
        says = {row["rule_id"]: f"{row['says_en']} ({_standing(row)}since {row['opened_on']})" for row in warnings}
        for rule in rules:
            if rule["subject"] == subject:
                outcome = next((name for name in OUTCOMES if _has(masks[name], rule["bit"])), "clear")
                yield Outcome(rule["rule_id"], subject, outcome, rule["status"], says.get(rule["rule_id"], ""))


def _standing(warning: Mapping[str, Any]) -> str:
    """What is to be known of a warning besides its words: that it is curing or held, snoozed or dismissed."""
    words = [warning["state"] if warning["state"] != "open" else None, warning["hidden"]]
    return "".join(f"{word}, " for word in words if word)


def _has(masks: list[int], bit: int) -> bool:
    return bool(masks[bit // WORD] >> (bit % WORD) & 1)


def _one(lake: Lake, table: Table, attempt: Attempt, key: str, value: str, more: str = "") -> dict[str, Any]:
    found = _rows(lake, table, attempt, key, value, more)
    return found[0] if found else {}


def _rows(lake: Lake, table: Table, attempt: Attempt, key: str, value: str, more: str = "") -> list[dict[str, Any]]:
    quoted = value.replace("'", "''")
    return list(lake.rows(table, f"{attempt.partition} and {key} = '{quoted}' {more}", table.names).to_pylist())
