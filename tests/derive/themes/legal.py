"""Drawn signals of courts, registries, bureaus and the press, and what they come to, in plain Python (legal.py)."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from derive.borrowers import D, Rows
from derive.reference import Told, bp
from derive.themes.book import HUGE, by, one_of

from loanwatch import codes

STANDS = {
    "on_dishonest_list": "court_dishonest", "consumption_limited": "court_limit", "frozen": "court_freeze",
    "insolvency_filed": "court_insolvency_filed", "insolvent": "court_insolvency", "operations_abnormal": "registry_abnormal",
    "licence_revoked": "registry_revoked", "in_tax_arrears": "tax_arrears", "overdue_elsewhere": "bureau_overdue",
}  # fmt: skip
TIMES = {
    "suits_90d": ("court_suit", 90), "enforcements_12m": ("court_enforcement", 365),
    "registry_changes_180d": ("registry_change", 180), "tax_returns_missed_12m": ("tax_missed", 365),
    "adverse_elsewhere_24m": ("bureau_adverse", 730), "negative_news_30d": ("news_negative", 30),
}  # fmt: skip


def drawn(draw: random.Random, loans: Rows) -> Rows:
    """Of customers, most with none; the days are the ends of windows, and of what was lifted yesterday, today or tomorrow."""
    customers = sorted({row["customer_id"] for row in loans})
    return [signal(draw, draw.choice(customers), n) for n in range(900)]


def signal(draw: random.Random, customer: str, number: int) -> dict[str, Any]:
    kind = draw.choice(codes.SIGNALS.words)
    ended = D - timedelta(draw.choice([-1, 0, 1])) if draw.random() < 0.5 else None
    return {
        "signal_id": str(number), "customer_id": customer, "kind": kind, "ended_on": ended,
        "amount_minor": draw.choice([1, 5000, HUGE]) if kind in codes.SIGNALS_OF_DEBT else None,
        "published_on": one_of(draw, 0, 29, 30, 89, 90, 179, 180, 364, 365, 729, 730, 3000),
    }  # fmt: skip


def expected(loans: Rows, signals: Rows) -> dict[str, Told]:
    who = {row["customer_id"]: row["borrower_id"] for row in loans}
    told = by([{**row, "borrower_id": who[row["customer_id"]]} for row in signals], "borrower_id")
    return {borrower: _of(told.get(borrower, []), sum(row["balance_minor"] for row in mine))
            for borrower, mine in by(loans, "borrower_id").items()}  # fmt: skip


def _of(signals: Rows, exposure: int) -> Told:
    standing = [row for row in signals if row["ended_on"] is None or row["ended_on"] > D]

    def claims(kind: str) -> int:
        return sum(row["amount_minor"] for row in standing if row["kind"] == kind)

    elsewhere = claims("bureau_overdue")
    return {
        **{name: any(row["kind"] == kind for row in standing) for name, kind in STANDS.items()},
        **{name: sum(row["kind"] == kind and row["published_on"] > D - timedelta(days) for row in signals)
           for name, (kind, days) in TIMES.items()},
        "enforcement_share_bp": bp(claims("court_enforcement"), exposure),
        "overdue_elsewhere_share_bp": bp(elsewhere, exposure + elsewhere),
    }  # fmt: skip
