"""The money adds up: schedules to loans, allocations to balances, pools to the ledger, cash to repayments."""

from __future__ import annotations

from datetime import timedelta

import pyarrow.compute as pc
import pytest
from synth.synth_book import DAYS, START, Book
from synth.synth_replay import Told, told, totals

LAST = START + timedelta(days=DAYS - 1)


@pytest.fixture(scope="module")
def stories(book: Book) -> dict[str, Told]:
    names = {"instalments": "instalment", "charges": "charge", "repayments": "repayment", "events": "loan_event"}
    feeds = {name: book.rows(feed).to_pylist() for name, feed in names.items()}
    return told(book.rows("loan").to_pylist(), **feeds)


def test_principal_parts_add_up_to_the_loan(stories: dict[str, Told]) -> None:
    for story in stories.values():
        assert sum(row["principal_minor"] for row in story.instalments) == story.loan["principal_minor"]
        assert all(row["principal_minor"] > 0 < row["interest_minor"] for row in story.instalments)


def test_the_truth_is_what_the_rows_tell(book: Book, stories: dict[str, Told]) -> None:
    for row in book.truth("balance").to_pylist():
        story = stories[row["loan_id"]]
        balance, days = story.owed(LAST)
        gone = balance == 0 or story.event("settled", LAST)
        own_days = story.owed(LAST, own=True)[1]
        expected = (0, 0, 0) if gone else (balance, days, own_days)
        assert (row["balance_minor"], row["days_past_due"], row["own_days_past_due"]) == expected, row


@pytest.mark.parametrize("day", [START, START + timedelta(days=DAYS // 2), LAST])
def test_control_totals_are_what_the_rows_tell(book: Book, stories: dict[str, Told], day: object) -> None:
    ledger = book.rows("control_total").filter(pc.field("booked_on") == day).to_pylist()
    stated = {row["pool_id"]: (row["loans"], row["balance_minor"]) for row in ledger}
    assert stated == totals(stories.values(), day)  # type: ignore[arg-type]


def test_settlements_pay_exactly_what_is_owed(stories: dict[str, Told]) -> None:
    settled = [(story, event) for story in stories.values() if (event := story.event("settled", LAST))]
    assert settled
    for story, event in settled:
        day = event["happened_on"]
        paid = [row["paid_minor"] for row in story.repayments if row["paid_on"] == day]
        assert paid == [event["amount_minor"]] == [story.pay_off(day)]
        assert max(row["paid_on"] for row in story.repayments) == day


def test_the_last_partner_compensates_and_goes_on(stories: dict[str, Told]) -> None:
    taken = [(story, event) for story in stories.values() if (event := story.event("compensation", LAST))]
    assert taken and {story.loan["sender"] for story, _ in taken} == {"P08"}
    for story, event in taken:
        day = event["happened_on"]
        assert story.owed(day - timedelta(days=1))[1] == 79
        assert story.owed(day)[1] == story.owed(LAST)[1] == 0
        assert story.owed(LAST, own=True)[1] >= 80 or story.owed(LAST)[0] == 0


def test_nothing_is_paid_after_a_write_off(stories: dict[str, Told]) -> None:
    lost = [(story, event) for story in stories.values() if (event := story.event("write_off", LAST))]
    assert lost
    for story, event in lost:
        assert event["amount_minor"] == story.owed(event["happened_on"])[0]
        assert all(row["paid_on"] < event["happened_on"] for row in story.repayments)


def test_the_bank_books_what_was_repaid(book: Book) -> None:
    """Over all, but for what was paid on the last day and is booked on the next."""
    repayments, booked = book.rows("repayment"), pc.sum(book.rows("bank_entry")["amount_minor"]).as_py()
    cash = repayments.append_column("cash", pc.coalesce(repayments["funder_minor"], repayments["paid_minor"]))
    last = cash.filter(pc.field("paid_on") == LAST)
    repaid = pc.sum(cash["cash"]).as_py()
    assert repaid - pc.sum(last["cash"]).as_py() <= booked <= repaid


def test_shares_add_up_and_entries_that_name_a_repayment_have_its_amount(book: Book) -> None:
    repayments = {(row["sender"], row["repayment_id"]): row for row in book.rows("repayment").to_pylist()}
    split = [row for row in repayments.values() if row["funder_minor"] is not None]
    assert split and len(split) < len(repayments)
    for row in split:
        assert row["funder_minor"] + row["partner_minor"] + row["guarantor_minor"] == row["paid_minor"]
        assert 0 < row["funder_minor"] <= row["paid_minor"]
    named = [row for row in book.rows("bank_entry").to_pylist() if row["repayment_id"]]
    assert named
    for row in named:
        repayment = repayments.pop((row["partner_id"], row["repayment_id"]))
        assert row["amount_minor"] == repayment["paid_minor"] and START <= repayment["paid_on"] <= row["booked_on"]


def test_repayments_come_on_their_day(book: Book) -> None:
    rows = book.rows("repayment")
    late = rows.filter(pc.field("paid_on") != pc.field("business_on"))
    assert pc.unique(late["business_on"]).to_pylist() == [START]
    assert pc.max(late["paid_on"]).as_py() < START


def test_written_off_loans_are_charged_their_legal_costs_once(book: Book, stories: dict[str, Told]) -> None:
    costs = book.rows("charge").filter(pc.field("kind") == "legal_cost")
    charged = {row["loan_id"]: row for row in costs.to_pylist()}
    lost = {loan_id: event for loan_id, story in stories.items() if (event := story.event("write_off", LAST))}
    assert lost and charged.keys() == lost.keys() and len(charged) == len(costs)
    assert all(row["charged_on"] == lost[loan_id]["happened_on"] for loan_id, row in charged.items())
