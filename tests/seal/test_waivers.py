"""A break that a waiver names passes, for so much and so long; any other stops the night."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from loanwatch.configuration import Configuration
from loanwatch.errors import UsageError
from loanwatch.seal.reconciled import DIFFERS, UNBACKED, UNREPORTED, reconciled
from loanwatch.seal.waivers import FILE, waivers

UNTIL = date(2025, 4, 15)
TEXT = """
- {partner_id: P01, pool_id: TP1, currency: CNY, at_most_minor: 100, at_most_loans: 1, who: Ops,
   why: booked twice, until: 2025-04-15}
"""


def row(difference: int = 100, loans: int = 3, **changes: Any) -> dict[str, Any]:
    return {
        "partner_id": "P01", "pool_id": "TP1", "currency": "CNY", "loans": loans, "balance_minor": 500 + difference,
        "ledger_loans": 3, "ledger_balance_minor": 500, "difference_minor": difference, "unbacked_minor": 0,
        "unreported_minor": 0, "verdict": "broken",
    } | changes  # fmt: skip


@pytest.mark.parametrize(
    ("given", "as_of", "holds"),
    [
        (row(), UNTIL, None),
        (row(-100, loans=4), UNTIL, None),
        (row(101), UNTIL, False),
        (row(0, loans=5), UNTIL, False),
        (row(), date(2025, 4, 16), False),
        (row(pool_id="TP2"), UNTIL, False),
        (row(partner_id="P02"), UNTIL, False),
        (row(currency="USD"), UNTIL, False),
        (row(0, verdict="agreed"), UNTIL, True),
        (row(0, verdict="unknown"), UNTIL, None),
    ],
)
def test_what_a_waiver_covers(given: dict[str, Any], as_of: date, holds: bool | None) -> None:
    (statement,) = reconciled([given], [], waivers(Configuration({FILE: TEXT})), as_of)
    assert statement.holds is holds
    covered = given["verdict"] == "broken" and holds is None
    assert ("waived by Ops until 2025-04-15: booked twice" in str(statement.found)) is covered


def test_the_loans_and_repayments_behind_a_difference_are_named_of_many_some() -> None:
    def item(
        name: str, against: str, ours: int | None, theirs: int | None, *, sure: bool = True, pool: str = "TP1"
    ) -> dict[str, Any]:
        return {"partner_id": "P01", "pool_id": pool, "currency": "CNY", "against": against, "item": name, "our_minor": ours,
                "their_minor": theirs, "sure": sure}  # fmt: skip

    listed = [
        item("P01:1", "ledger", 600, 500), item("P01:2", "ledger", None, 7), item("P01:9", "ledger", 1, 2, pool="TP2"),
        item("R1", "bank", 50, 49), item("R3", "bank", None, 8),
        *(item(f"R{n}", "bank", 9, None, sure=False) for n in range(20, 35)),
    ]  # fmt: skip
    statements = list(reconciled([row(unbacked_minor=136, unreported_minor=8)], listed, [], UNTIL))
    told = {s.statement: s.found for s in statements}
    assert told[DIFFERS] == "P01:1 600 here, 500 there; P01:2 none here, 7 there"
    assert str(told[UNBACKED]).startswith("136: R1 50 here, 49 there; perhaps R20 9; perhaps R21 9;")
    assert str(told[UNBACKED]).endswith("perhaps R28 9; and 6 more, in balance.unmatched")
    assert told[UNREPORTED] == "8: R3 none here, 8 there"
    assert {s.holds for s in statements} == {False, None}


def test_all_faults_of_the_file_are_told_at_once() -> None:
    text = "- {partner_id: P01, pool_id: TP1, currency: CNY, at_most_minor: -1, who: '', why: x, until: soon}"
    with pytest.raises(UsageError) as told:
        waivers(Configuration({FILE: text}))
    assert all(name in str(told.value) for name in ("conf/waivers.yaml, entry 0", "at_most_minor", "who", "until"))
    assert waivers(Configuration({})) == []
