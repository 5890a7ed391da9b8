"""A drawn book of borrowers, each with one to three loans at two partners, and what it owes, in plain Python (exposure.py)."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from derive.borrowers import D, Rows, loan
from derive.reference import Told, bp

BORROWERS = 330
HUGE = 10**13
Grouped = dict[str, list[dict[str, Any]]]


def drawn(draw: random.Random) -> list[dict[str, Any]]:
    """Loans of the day; a clock that is not known among them, and a partner that is late."""
    return [of_borrower(draw, f"B{n}", place) for n in range(BORROWERS) for place in range(draw.choice([1, 1, 1, 2, 3]))]


def of_borrower(draw: random.Random, borrower: str, place: int) -> dict[str, Any]:
    own = draw.choice([0, 0, 0, 0, 30, 31, 95]) if draw.random() < 0.96 else None
    known = own is not None or draw.random() < 0.5
    partner = "P02" if place == 1 else "P01"
    return loan(
        borrower, partner, draw.choice([5, 29, 30, 89, 90, *[400] * 12]), loan_id=f"{partner}:{borrower}-{place}",
        own_days_past_due=own, days_past_due=(own or 0) if known else None, own_paid_minor=None if own is None and known else 0,
        balance_minor=draw.choice([0, 1, 100, 100, HUGE]), principal_minor=draw.choice([1, 200, HUGE]),
        product=draw.choice(["consumer"] * 6 + ["business"] * 3 + ["home"]),
        repayment_gap=draw.choice(["none"] * 60 + ["late"]),
        due_30d_minor=draw.choice([0, 7, 100]) if known else None, next_due_minor=draw.choice([None, 1, 50]),
    )  # fmt: skip


def by(rows: Rows, name: str) -> Grouped:
    found: Grouped = {}
    for row in rows:
        found.setdefault(row[name], []).append(dict(row))
    return found


def of_loans(draw: random.Random, loans: Rows) -> tuple[Rows, Rows]:
    """What earlier steps say of them: their indicators and classes."""
    indicators = [
        {"loan_id": row["loan_id"], "history_gap": draw.choice(["none"] * 20 + ["late", "too_short"]),
         "late_months_24m": draw.randrange(5), "worst_status_60m": draw.randrange(8), "times_eased_12m": draw.randrange(3),
         "compensations": draw.choice([0, 0, 1, 2])} for row in loans
    ]  # fmt: skip
    words = ("normal", "special_mention", "substandard", "doubtful", "loss")
    return indicators, [{"loan_id": row["loan_id"], "five_class": draw.choice(words)} for row in loans]


def pledged(draw: random.Random, loans: Rows) -> tuple[Rows, Rows]:
    """Pledges of a few assets that stand in fewer places; some are released."""
    assets = [{"asset_id": f"P01:A{n}", "locator": f"place-{n % 90}"} for n in range(140)]
    pledges = [{"loan_id": row["loan_id"], "asset_id": draw.choice(assets)["asset_id"], "active": draw.random() < 0.8}
               for row in loans if draw.random() < 0.5]  # fmt: skip
    return pledges, assets


def late(loans: Rows) -> set[str]:
    """Borrowers known to be more than 30 days past due by their own clock."""
    return {row["borrower_id"] for row in loans if (row["own_days_past_due"] or 0) > 30}


def most_shared(borrower: str, sharing: Iterable[set[str]], among: set[str] | None = None) -> int:
    """Of those who share one thing with it, how many there are at most: all others, or those among some."""
    others = [who - {borrower} for who in sharing if borrower in who]
    return max((len(who if among is None else who & among) for who in others), default=0)


def expected(loans: Rows, indicators: Rows, classes: Rows, pledges: Rows, assets: Rows, contacts: Rows) -> dict[str, Told]:
    told, named = {row["loan_id"]: row for row in indicators}, {row["loan_id"]: row["five_class"] for row in classes}
    places = _places(loans, pledges, assets)
    guarantors = _late_guarantors(loans, contacts)
    return {
        borrower: {
            **_owed(mine, named), **_history([told[row["loan_id"]] for row in mine]),
            "sharing_collateral": most_shared(borrower, places),
            "delinquent_sharing_collateral": most_shared(borrower, places, late(loans)),
            "delinquent_guarantors": len(guarantors.get(borrower, set()) - {borrower}),
        } for borrower, mine in by(loans, "borrower_id").items()
    }  # fmt: skip


def _owed(mine: Rows, classes: dict[str, str]) -> Told:
    owed = sum(row["balance_minor"] for row in mine)
    clocks = [row["own_days_past_due"] for row in mine]
    ages = [(D - row["opened_on"]).days for row in mine]
    overdue = [row for row in mine if (row["own_days_past_due"] or 0) > 30]
    bad = [row for row in mine if classes[row["loan_id"]] in ("substandard", "doubtful", "loss")]
    return {
        "loans": len(mine), "exposure_minor": owed, "partners": len({row["partner_id"] for row in mine}),
        "worst_own_days_past_due": None if None in clocks else max(clocks), "delinquent_loans": len(overdue),
        "delinquent_share_bp": bp(sum(row["balance_minor"] for row in overdue), owed),
        "npl_share_bp": bp(sum(row["balance_minor"] for row in bad), owed),
        "loans_opened_30d": sum(age < 30 for age in ages), "loans_opened_90d": sum(age < 90 for age in ages),
        "borrowed_90d_share_bp": bp(sum(r["principal_minor"] for r, age in zip(mine, ages, strict=True) if age < 90), owed),
        "days_since_new_loan": min(ages),
    }  # fmt: skip


def _history(told: Rows) -> Told:
    return {
        "late_months_24m": sum(row["late_months_24m"] for row in told),
        "worst_status_60m": max(row["worst_status_60m"] for row in told),
        "times_eased_12m": sum(row["times_eased_12m"] for row in told),
        "compensated_loans": sum(row["compensations"] > 0 for row in told),
    }


def _places(loans: Rows, pledges: Rows, assets: Rows) -> list[set[str]]:
    """Who pledges the same place, a set a place."""
    borrower, place = {r["loan_id"]: r["borrower_id"] for r in loans}, {a["asset_id"]: a["locator"] for a in assets}
    found: dict[str, set[str]] = {}
    for row in pledges:
        if row["active"]:
            found.setdefault(place[row["asset_id"]], set()).add(borrower[row["loan_id"]])
    return list(found.values())


def _late_guarantors(loans: Rows, contacts: Rows) -> dict[str, set[str]]:
    """By borrower, the delinquent borrowers whose own number it names as that of a guarantor by contract."""
    who = {row["customer_id"]: row["borrower_id"] for row in loans}
    usable = [row for row in contacts if row["may_contact"] and row["customer_id"] in who]
    owners: dict[str, set[str]] = {}
    for row in usable:
        if row["relation"] == "self" and who[row["customer_id"]] in late(loans):
            owners.setdefault(row["phone"], set()).add(who[row["customer_id"]])
    found: dict[str, set[str]] = {}
    for row in usable:
        if row["relation"] == "guarantor" and row["lawful_basis"] == "contract":
            found.setdefault(who[row["customer_id"]], set()).update(owners.get(row["phone"], set()))
    return found


def one_of(draw: random.Random, *days: int) -> date:
    """One of some days, as so many days before the date."""
    return D - timedelta(draw.choice(days))
