"""Drawn behaviour around the ends of windows, and what it comes to, in plain Python (cash_flow, activity, inquiry)."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import NamedTuple

from derive.borrowers import D, Rows
from derive.reference import Told, bp
from derive.themes.book import HUGE, by

from loanwatch import codes

MOST = 2**31 - 1
EDGES = (0, 6, 7, 29, 30, 31, 59, 60, 61, 90, 91, 120, 121, 151, 152, 181, 182, 243, 244, 365, 366)  # days ago
# By what is kept: the column, the kinds of behaviour, whether it is compared with that of peers.
KEPT = {
    "spend": ("amount_minor", ("spend",), True), "inflow": ("amount_minor", ("inflow", "salary"), True),
    "salary": ("amount_minor", ("salary",), True), "outflow": ("amount_minor", ("outflow",), True),
    "login": ("times", ("login",), True), "social": ("times", ("social",), True), "inquiry": ("times", ("inquiry",), False),
}  # fmt: skip


class Days(NamedTuple):
    """From one day to another, both included."""

    first: date
    last: date

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1


def last(days: int) -> Days:
    return Days(D - timedelta(days - 1), D)


LATELY, TWO, THREE, SIX = (
    last(31), *(Days(first, date(2024, 12, 31)) for first in (date(2024, 11, 1), date(2024, 10, 1), date(2024, 7, 1))),
)  # months that ended before the 31 days that began on 30 January 2025
TO_DATE = {n: Days(first, D) for n, first in
           ((2, date(2025, 1, 1)), (3, date(2024, 12, 1)), (6, date(2024, 9, 1)), (12, date(2024, 3, 1)))}  # fmt: skip


def drawn(draw: random.Random, loans: Rows) -> Rows:
    """Of every customer up to ninety rows; few are absurd, but some."""
    compared = [kind for _, kinds, of_peers in KEPT.values() if of_peers for kind in kinds]
    return [
        {"customer_id": customer, "happened_on": D - timedelta(draw.choice(EDGES)),
         "kind": draw.choice([*codes.BEHAVIOURS.words, *compared]),
         "times": draw.choice([1, 2, 5, *([MOST] if draw.random() < 0.02 else [])]),
         "amount_minor": draw.choice([0, 1, 50, 100, *([HUGE] if draw.random() < 0.02 else [])])}
        for customer in sorted({row["customer_id"] for row in loans}) for _ in range(draw.randrange(90))
    ]  # fmt: skip


class Person:
    """What one borrower did, over its partners."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    def money(self, days: Days, *kinds: str) -> int:
        return sum(row["amount_minor"] for row in self._of(days, kinds))

    def times(self, days: Days, *kinds: str) -> int:
        return min(MOST, sum(row["times"] for row in self._of(days, kinds)))

    def since(self, days: Days, *kinds: str) -> int | None:
        """Days since the last time."""
        return min(((D - row["happened_on"]).days for row in self._of(days, kinds)), default=None)

    def both(self, name: str) -> tuple[int, int]:
        """What is kept: lately, and in the two months before."""
        column, kinds, _ = KEPT[name]
        total = self.money if column == "amount_minor" else self.times
        return total(LATELY, *kinds), total(TWO, *kinds)

    def _of(self, days: Days, kinds: tuple[str, ...]) -> Rows:
        return [row for row in self.rows if row["kind"] in kinds and days.first <= row["happened_on"] <= days.last]


def expected(loans: Rows, behaviour: Rows, known: set[str]) -> dict[str, Told]:
    """By borrower; `known` are those whose activity has no gap: the others are nobody's peers."""
    who = {row["customer_id"]: row["borrower_id"] for row in loans}
    did = by([{**row, "borrower_id": who[row["customer_id"]]} for row in behaviour], "borrower_id")
    people = {borrower: Person(did.get(borrower, [])) for borrower in who.values()}
    mine = by(loans, "borrower_id")
    groups = {borrower: _group(mine[borrower]) for borrower in people}
    return {
        borrower: {**_own(person, mine[borrower]), **_against_peers(borrower, people, groups, known)}
        for borrower, person in people.items()
    }


def _group(loans: Rows) -> tuple[str, str, int]:
    """Product, partner and age of the largest loan; of two as large, of the higher number."""
    largest = max(loans, key=lambda row: (row["balance_minor"], row["loan_id"]))
    age = (D - largest["opened_on"]).days
    return largest["product"], largest["partner_id"], sum(age >= days for days in (90, 180, 365, 730))


def a_day(part: int, days: Days, whole: int, days_of_whole: Days) -> int | None:
    return bp(part * days_of_whole.length, whole * days.length)


def _against_peers(borrower: str, people: dict[str, Person], groups: dict[str, tuple[str, str, int]], known: set[str]) -> Told:
    found = {}
    for name in (name for name, (*_, compared) in KEPT.items() if compared):
        kept = a_day(people[borrower].both(name)[0], LATELY, people[borrower].both(name)[1], TWO)
        found[f"{name}_kept_vs_peers_bp"] = bp(kept, _peers(name, borrower, people, groups, known))
    return found


def _peers(
    name: str, borrower: str, people: dict[str, Person], groups: dict[str, tuple[str, str, int]], known: set[str]
) -> int | None:
    """What the group kept; where it has fewer than thirty, what those with the product did."""
    for places in (3, 1):
        like = [people[p].both(name) for p in sorted(known) if groups[p][:places] == groups[borrower][:places]]
        like = [(now, before) for now, before in like if before > 0]
        if len(like) >= 30:
            return a_day(sum(now for now, _ in like), LATELY, sum(before for _, before in like), TWO)
    return None


def _own(person: Person, loans: Rows) -> Told:
    money_in, money_out, month = ("inflow", "salary"), ("outflow",), last(30)
    received, sent, spent = (person.money(month, *kinds) for kinds in (money_in, money_out, ("spend",)))
    lately, three, six = (person.money(days, *money_in) for days in (LATELY, THREE, SIX))
    next_due = [row["next_due_minor"] for row in loans if row["next_due_minor"] is not None]
    login = person.since(TO_DATE[2], "login")
    return {
        **{f"{name}_kept_bp": a_day(person.both(name)[0], LATELY, person.both(name)[1], TWO) for name in KEPT},
        "inflow_3m_to_6m_bp": a_day(three, THREE, six, SIX), "inflow_1m_to_6m_bp": a_day(lately, LATELY, six, SIX),
        "spend_3m_to_6m_bp": a_day(person.money(THREE, "spend"), THREE, person.money(SIX, "spend"), SIX),
        "outflow_share_30d_bp": bp(sent, received), "spend_share_30d_bp": bp(spent, received),
        "outflow_share_3m_bp": bp(person.money(TO_DATE[3], *money_out), person.money(TO_DATE[3], *money_in)),
        "instalment_share_30d_bp": bp(sum(row["due_30d_minor"] or 0 for row in loans), received),
        "inflow_cover_bp": bp(received - sent - spent, sum(next_due)) if next_due else None,
        "days_since_salary": person.since(TO_DATE[12], "salary"), "days_since_inflow": person.since(TO_DATE[12], *money_in),
        "days_since_login": TO_DATE[2].length if login is None else login,
        "bounces_30d": person.times(month, "bounce"), "bounces_3m": person.times(TO_DATE[3], "bounce"),
        "bounces_12m": person.times(TO_DATE[12], "bounce"), "inquiries_7d": person.times(last(7), "inquiry"),
        "inquiries_30d": person.times(month, "inquiry"), "inquiries_3m": person.times(TO_DATE[3], "inquiry"),
        "inquiries_6m": person.times(TO_DATE[6], "inquiry"), "device_changes_30d": person.times(month, "device_change"),
        "device_changes_3m": person.times(TO_DATE[3], "device_change"),
        "address_changes_30d": person.times(month, "address_change"),
        "address_changes_3m": person.times(TO_DATE[3], "address_change"),
    }  # fmt: skip
