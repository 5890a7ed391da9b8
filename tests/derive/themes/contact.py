"""Drawn contacts and attempts, and what they say of whether a borrower can be reached, in plain Python (contact.py)."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from derive.borrowers import D, Rows
from derive.reference import Told
from derive.themes.book import by, late, most_shared, one_of

from loanwatch import codes

PHONES = 260


def drawn(draw: random.Random, loans: Rows) -> tuple[Rows, Rows]:
    """Contacts and attempts of every customer; some numbers are told of many, some by a borrower at two partners."""
    customers = sorted({row["customer_id"] for row in loans})
    contacts = [contact(draw, name, n) for name in customers for n in range(draw.randrange(5))]
    attempts = [attempt(draw, name, n) for name in customers for n in range(draw.randrange(6))]
    return contacts, attempts


def contact(draw: random.Random, customer: str, number: int) -> dict[str, Any]:
    return {
        "customer_id": customer, "contact_no": number + 1, "relation": draw.choice(["self", "self", "guarantor", "friend"]),
        "phone": draw.choice([f"phone-{draw.randrange(PHONES)}", f"own-{customer[4:]}"]), "may_contact": draw.random() < 0.85,
        "number_status": draw.choice([None, "in_service", "suspended", "out_of_service"]),
        "source": draw.choice(codes.CONTACT_SOURCES.words), "valid_from": one_of(draw, 0, 89, 90, 400),
        "lawful_basis": draw.choice(["contract", "contract", "consent"]),
    }  # fmt: skip


def attempt(draw: random.Random, customer: str, number: int) -> dict[str, Any]:
    return {
        "customer_id": customer, "attempt_id": f"{customer}-{number}",
        "attempted_on": one_of(draw, 0, 0, 1, 29, 30, 89, 90, 400),
        "hour": draw.choice([9, 10]), "channel": draw.choice(["call", "call", "visit", "message", "app"]),
        "outcome": draw.choice([*codes.CONTACT_OUTCOMES.words, "no_answer", "no_answer"]),
    }  # fmt: skip


def expected(loans: Rows, contacts: Rows, attempts: Rows) -> dict[str, Told]:
    who = {row["customer_id"]: row["borrower_id"] for row in loans}
    numbers = by([{**r, "borrower_id": who[r["customer_id"]]} for r in contacts if r["relation"] == "self" and r["may_contact"]],
                 "borrower_id")  # fmt: skip
    tried = by([{**row, "borrower_id": who[row["customer_id"]]} for row in attempts], "borrower_id")
    sharing: dict[str, set[str]] = {}
    for borrower, rows in numbers.items():
        for row in rows:
            sharing.setdefault(row["phone"], set()).add(borrower)
    return {
        borrower: {
            **_numbers(numbers.get(borrower, [])), **_attempts(tried.get(borrower, [])),
            "sharing_own_number": most_shared(borrower, sharing.values()),
            "delinquent_sharing_own_number": most_shared(borrower, sharing.values(), late(loans)),
        } for borrower in {row["borrower_id"] for row in loans}
    }  # fmt: skip


def _numbers(rows: Rows) -> Told:
    own = {row["phone"] for row in rows}
    dead = {row["phone"] for row in rows if row["number_status"] in ("suspended", "out_of_service")}
    new = {row["phone"] for row in rows if row["source"] != "application" and row["valid_from"] > D - timedelta(90)}
    return {"own_numbers": len(own), "dead_numbers": len(dead), "all_numbers_dead": bool(own) and own == dead,
            "number_changes_90d": len(new)}  # fmt: skip


def _attempts(rows: Rows) -> Told:
    def within(days: int) -> Rows:
        return [row for row in rows if row["attempted_on"] > D - timedelta(days)]

    spoken = sorted((row["attempted_on"], row["hour"], row["attempt_id"], row["outcome"]) for row in within(90)
                    if row["channel"] in ("call", "visit"))  # fmt: skip
    missed = [outcome in ("no_answer", "invalid") for *_, outcome in spoken]
    reached = [row["attempted_on"] for row in rows if row["outcome"] == "right_party"]
    tried = [row["attempted_on"] for row in rows if row["channel"] in ("call", "visit")]
    return {
        "attempts_30d": len(within(30)), "calls_30d": sum(row["channel"] in ("call", "visit") for row in within(30)),
        "days_since_reached": (D - (max(reached) if reached else min(tried))).days if spoken else None,
        "unanswered_streak": missed[::-1].index(False) if False in missed else len(missed),
        "invalid_attempts_30d": sum(row["outcome"] == "invalid" for row in within(30)),
        "refusals_90d": sum(row["outcome"] == "refused" for row in within(90)),
    }  # fmt: skip
