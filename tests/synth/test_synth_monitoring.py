"""Contacts, attempts, promises, signals, statements and reviews are believable, and agree with one another."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow.compute as pc
from synth.synth_book import START, Book

from loanwatch.codes import REVIEW_DECISIONS

Row = dict[str, Any]


def by(rows: list[Row], *names: str) -> dict[tuple[Any, ...], list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in names)].append(row)
    return found


def test_every_customer_has_an_own_number_the_one_of_the_borrower_row(book: Book) -> None:
    own = by(book.rows("contact").filter(pc.field("relation") == "self").to_pylist(), "customer_id")
    borrowers = by(book.rows("borrower").to_pylist(), "customer_id")
    assert set(own) == set(borrowers)
    for customer, rows in own.items():
        assert {row["phone"] for row in rows} <= {row["phone"] for row in borrowers[customer]}
        assert {row["name"] for row in rows} == {None}


def test_the_truth_lists_every_contact_that_was_delivered(book: Book) -> None:
    columns = ["customer_id", "name", "phone"]
    order = [(name, "ascending") for name in columns]
    delivered = book.rows("contact").select(columns).combine_chunks()
    assert book.truth("contact").select(columns).sort_by(order) == delivered.sort_by(order)


def test_who_refuses_is_tried_no_more_and_the_partner_says_so(book: Book) -> None:
    attempts = by(book.rows("contact_attempt").to_pylist(), "customer_id", "contact_no")
    closed = book.rows("contact").filter(pc.invert(pc.field("may_contact"))).to_pylist()
    refused = {(row["customer_id"], row["contact_no"]): row["valid_from"] for row in closed}
    asked = {key for key, rows in attempts.items() if any(row["outcome"] == "refused" for row in rows)}
    assert asked and asked <= set(refused)
    for key, day in refused.items():
        assert max(row["attempted_on"] for row in attempts[key]) == day


def test_attempts_are_made_at_lawful_hours_at_contacts_that_are_known(book: Book) -> None:
    attempts = book.rows("contact_attempt").to_pylist()
    known = {(row["customer_id"], row["contact_no"]) for row in book.rows("contact").to_pylist()}
    assert {row["hour"] for row in attempts} == set(range(8, 22))
    assert {(row["customer_id"], row["contact_no"]) for row in attempts if row["contact_no"]} <= known


def test_only_borrowers_in_arrears_are_called(book: Book) -> None:
    """Each attempt has an instalment of that customer, due some days before, that nobody had paid by then."""
    loans = by(book.rows("loan").to_pylist(), "customer_id")
    dues = by(book.rows("instalment").to_pylist(), "loan_id")
    paid = by(book.rows("repayment").to_pylist(), "loan_id")

    def past_due(loan: str, day: date) -> bool:
        due = sum(r["principal_minor"] + r["interest_minor"] for r in dues[loan,] if r["due_on"] <= day - timedelta(3))
        return due > sum(r["paid_minor"] for r in paid[loan,] if r["paid_on"] <= day)

    attempts = book.rows("contact_attempt").to_pylist()
    assert len(attempts) > 100
    for row in attempts:
        assert any(past_due(loan["loan_id"], row["attempted_on"]) for loan in loans[row["customer_id"],]), row


def test_promises_follow_a_conversation_on_their_day(book: Book) -> None:
    spoken = {(row["customer_id"], row["attempted_on"]) for row in book.rows("contact_attempt").to_pylist()
              if row["outcome"] == "right_party"}  # fmt: skip
    customer = {row["loan_id"]: row["customer_id"] for row in book.rows("loan").to_pylist()}
    promises = book.rows("promise").to_pylist()
    assert promises
    for row in promises:
        assert (customer[row["loan_id"]], row["promised_on"]) in spoken
        assert row["promised_on"] < row["due_on"] <= row["promised_on"] + timedelta(10)


def test_signals_are_mostly_noise_and_yet_tell(book: Book) -> None:
    """Most are about people who never default; of those who do, more have one than of the others."""
    signals = {row["customer_id"] for row in book.rows("signal").to_pylist()}
    loans = book.truth("loan").to_pylist()
    defaulted = {row["customer_id"] for row in loans if row["default_on"]}
    others = {row["customer_id"] for row in loans} - defaulted
    assert len(signals & others) > len(signals & defaulted)
    assert len(signals & defaulted) / len(defaulted) > 2 * len(signals & others) / len(others)


def test_signals_are_about_people_who_are_customers_by_then(book: Book) -> None:
    known_since: dict[str, date] = {}
    for row in book.rows("borrower").to_pylist():
        known_since.setdefault(row["customer_id"], row["business_on"])
    signals = book.rows("signal").to_pylist()
    assert signals
    assert all(row["business_on"] >= known_since[row["customer_id"]] for row in signals)


def test_statements_add_up_and_come_after_their_period(book: Book) -> None:
    rows = book.rows("statement").to_pylist()
    assert {row["months"] for row in rows} == {3, 12}
    for row in rows:
        assert row["period_ends_on"] < row["drawn_up_on"]
        assert row["current_assets_minor"] <= row["total_assets_minor"]
        assert max(row["current_liabilities_minor"], row["debt_minor"]) <= row["total_liabilities_minor"]
        assert abs(row["ebit_minor"] - row["interest_minor"] - row["pre_tax_profit_minor"]) <= 1


def test_a_colour_is_given_where_one_is_decided(book: Book) -> None:
    reviews = book.rows("review").to_pylist()
    assert {row["decision"] for row in reviews if row["colour"]} == {"recolour"}
    others = set(REVIEW_DECISIONS.words) - {"recolour", "release", "drop"}
    assert {row["decision"] for row in reviews if not row["colour"]} == others


def test_nobody_approves_an_own_decision(book: Book) -> None:
    reviews = {row["review_id"]: row for row in book.rows("review").to_pylist()}
    assert {row["decision"] for row in reviews.values()} <= set(REVIEW_DECISIONS.words)
    for row in reviews.values():
        if row["decision"] == "approve":
            approved = reviews[row["approves_review_id"]]
            assert approved["decision"] == "override" and approved["author"] != row["author"]


def test_a_rate_a_pair_and_day_that_moves_a_little(book: Book) -> None:
    for _, rows in by(book.rows("exchange_rate").to_pylist(), "currency", "quote_currency").items():
        days = [row["quoted_on"] for row in rows]
        assert np.all(np.diff(np.array(days)) == timedelta(1)) and START in days
        rates = np.array([row["rate_micro"] for row in rows])
        assert 0 < np.max(np.abs(np.diff(np.log(rates)))) < 0.03
