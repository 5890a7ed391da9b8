"""`loanwatch rules verify`: what another engine makes of a release is compared, and each difference is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cli import loanwatch
from lakes import released

from loanwatch import configuration, settings
from loanwatch.derive.tables import BORROWER_INDICATOR, LOAN_INDICATOR
from loanwatch.errors import DataError
from loanwatch.expression import evaluate
from loanwatch.flag.masks import MASKS
from loanwatch.flag.outcome import OUTCOMES, outcome_on
from loanwatch.flag.rules import about, in_force
from loanwatch.flag.tables import VERDICT
from loanwatch.values import values
from loanwatch.verification import verify

D = date(2025, 3, 1)
RULES = about(in_force(values(configuration.load(settings.load("test")))["rules"], D), "loan")
WHOLE = {name: "none" for name in LOAN_INDICATOR.names if name.endswith("_gap")} | {"product": "home", "secured": True}
LOANS: list[dict[str, Any]] = [
    {
        **dict.fromkeys(LOAN_INDICATOR.names),
        **WHOLE,
        "status": "open",
        "loan_id": f"P01:{n}",
        "days_past_due": days,
        "ltv_bp": ltv,
    }
    for n, (days, ltv) in enumerate([(0, 5000), (31, 8001), (None, None)])
]


def verdict_of(loan: dict[str, Any]) -> dict[str, Any]:
    """By plain Python."""
    found = [OUTCOMES[outcome_on(rule, loan)] for rule in RULES]
    exits = [
        outcome == "clear" if (tree := rule.conditions.clear) is None else evaluate(tree, loan) is True
        for rule, outcome in zip(RULES, found, strict=True)
    ]
    held = {name: [outcome == name for outcome in found] for name in MASKS} | {"cleared": exits}
    bits = {name: [sum(1 << rule.bit for rule, one in zip(RULES, of, strict=True) if one)] for name, of in held.items()}
    return {"subject": "loan", "subject_id": loan["loan_id"], **bits}


def lake_of(path: Path, *verdicts: dict[str, Any]) -> Path:
    tables = {
        VERDICT: verdicts,
        LOAN_INDICATOR: [{"partner_id": "P01", **loan} for loan in filled()],
        BORROWER_INDICATOR: [],
    }
    return released(path / "lake", D, tables)[0].path


def filled() -> list[dict[str, Any]]:
    return [{name: value for name, value in loan.items() if value is not None} for loan in LOANS]


def test_equal_verdicts_are_counted(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, *map(verdict_of, LOANS))
    done = loanwatch("rules", "verify", "--date", D, "--lake", lake)
    assert done.returncode == 0, done.stderr
    counts = next(line.split() for line in done.stdout.splitlines() if line.startswith("loan "))
    held = [sum(verdict_of(loan)[name][0].bit_count() for loan in LOANS) for name in MASKS]
    assert counts[1:] == ["3", *map(str, [len(RULES), *held, 0])]


def test_each_difference_is_told_with_rule_and_subject(tmp_path: Path) -> None:
    verdicts = [verdict_of(loan) for loan in LOANS]
    dpd = next(rule for rule in RULES if rule.id == "DPD")
    verdicts[1] |= {"red": [verdicts[1]["red"][0] & ~(1 << dpd.bit)]}
    verdicts[2] |= {"subject_id": "P01:OTHER"}
    done = loanwatch("rules", "verify", "--date", D, "--lake", lake_of(tmp_path, *verdicts))
    assert done.returncode == 1
    assert "rule DPD, loan P01:1: red is 0 in the release, 1 by DuckDB" in done.stderr
    assert "loan P01:2: no verdict on the day" in done.stderr
    assert "loan P01:OTHER: no such subject on the day" in done.stderr


def test_rows_that_are_no_longer_kept_are_missed(tmp_path: Path) -> None:
    lake, _ = released(tmp_path / "lake", D, {VERDICT: [verdict_of(LOANS[0])]})
    with pytest.raises(DataError, match=r"derive.loan_indicator: no loan of release 1 of 2025-03-01"):
        verify(lake, D)
