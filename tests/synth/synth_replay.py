"""Loans as told by the delivered rows alone, one at a time, in plain Python: the slow, obvious reading of the convention."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
FEE, INTEREST, PRINCIPAL = range(3)


@dataclass
class Claim:
    """Something that the borrower is asked for; of what falls due together, the lower rank is paid first."""

    due_on: date
    rank: int
    number: int
    left: int


@dataclass
class Told:
    """What the feeds say about one loan."""

    loan: Row
    instalments: list[Row] = field(default_factory=list)
    charges: list[Row] = field(default_factory=list)
    repayments: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)

    def event(self, kind: str, day: date) -> Row | None:
        return next((row for row in self.events if row["kind"] == kind and row["happened_on"] <= day), None)

    def moves(self, day: date) -> list[Row]:
        """The events up to a day that moved due dates."""
        moves = [row for row in self.events if row["kind"] in ("holiday", "extension") and row["happened_on"] <= day]
        return sorted(moves, key=lambda row: row["happened_on"])

    def paid(self, day: date, payers: set[str]) -> int:
        return sum(r["paid_minor"] for r in self.repayments if r["paid_on"] <= day and r["payer"] in payers)

    def asked(self, day: date) -> list[Claim]:
        """All instalments, and what has been charged by a day."""
        return [
            *(Claim(row["due_on"], FEE, 0, row["amount_minor"]) for row in self.charges if row["charged_on"] <= day),
            *(Claim(row["due_on"], INTEREST, row["instalment_no"], row["interest_minor"]) for row in self.instalments),
            *(Claim(row["due_on"], PRINCIPAL, row["instalment_no"], row["principal_minor"]) for row in self.instalments),
        ]

    def unpaid(self, day: date, own: bool = False) -> list[Claim]:
        """What the money up to the end of a day leaves of every claim, each at the date to which it has been moved."""
        payers, used, claims = {"borrower"} if own else {"borrower", "partner", "guarantor"}, 0, self.asked(day)
        for move in self.moves(day):
            happened_on, until_on = move["happened_on"], move["until_on"]
            due = [claim for claim in claims if claim.due_on <= happened_on]
            used += fill(due, self.paid(happened_on, payers) - used)
            for claim in claims:
                if claim.rank != FEE and claim.left and move["from_on"] <= claim.due_on <= until_on:
                    claim.due_on = until_on
        fill(claims, self.paid(day, payers) - used)
        return [claim for claim in claims if claim.left]

    def owed(self, day: date, own: bool = False) -> tuple[int, int]:
        """Balance and days past due at the end of a day."""
        unpaid = self.unpaid(day, own)
        balance = sum(claim.left for claim in unpaid if claim.rank == PRINCIPAL)
        oldest = min((claim.due_on for claim in unpaid), default=day)
        return balance, max((day - oldest).days, 0)

    def pay_off(self, day: date) -> int:
        """What it takes on a day to be rid of the loan: all principal, and what else fell due before."""
        unpaid = self.unpaid(day - timedelta(days=1))
        return sum(claim.left for claim in unpaid if claim.rank == PRINCIPAL or claim.due_on < day)


def fill(claims: list[Claim], money: int) -> int:
    """Let money cover claims in order; returns how much of it was taken."""
    rest = money
    for claim in sorted(claims, key=lambda claim: (claim.due_on, claim.rank, claim.number)):
        part = min(rest, claim.left)
        claim.left -= part
        rest -= part
    return money - rest


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
