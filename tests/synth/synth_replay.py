"""Loans as told by the delivered rows alone, one at a time, in plain Python: the slow, obvious reading of the convention."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Row = dict[str, Any]


@dataclass
class Told:
    """What the feeds say about one loan."""

    loan: Row
    instalments: list[Row] = field(default_factory=list)
    repayments: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)

    def event(self, kind: str, day: date) -> Row | None:
        return next((row for row in self.events if row["kind"] == kind and row["happened_on"] <= day), None)

    def owed(self, day: date, own: bool = False) -> tuple[int, int]:
        """Balance and days past due at the end of a day, allocating every payment instalment by instalment."""
        payers = {"borrower"} if own else {"borrower", "partner", "guarantor"}
        money = sum(r["paid_minor"] for r in self.repayments if r["paid_on"] <= day and r["payer"] in payers)
        balance, oldest = self.loan["principal_minor"], None
        for row in sorted(self.instalments, key=lambda row: (row["due_on"], row["instalment_no"])):
            interest = min(money, row["interest_minor"])
            principal = min(money - interest, row["principal_minor"])
            money -= interest + principal
            balance -= principal
            if interest + principal < row["interest_minor"] + row["principal_minor"] and oldest is None:
                oldest = row["due_on"]
        return balance, max((day - oldest).days, 0) if oldest else 0


def told(loans: Iterable[Row], **feeds: Iterable[Row]) -> dict[str, Told]:
    """Every loan of the feeds, by id."""
    stories = {row["loan_id"]: Told(row) for row in loans}
    for name, rows in feeds.items():
        for row in rows:
            getattr(stories[row["loan_id"]], name).append(row)
    return stories


def totals(stories: Iterable[Told], day: date) -> dict[str, tuple[int, int]]:
    """Loans and balance of each pool at the end of a day, as our ledger counts them."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for story in stories:
        gone = story.event("settled", day) or story.event("write_off", day) or story.loan["opened_on"] > day
        balance = 0 if gone else story.owed(day)[0]
        sums[story.loan["pool_id"]][0] += balance > 0
        sums[story.loan["pool_id"]][1] += balance
    return {pool: (loans, minor) for pool, (loans, minor) in sums.items()}
