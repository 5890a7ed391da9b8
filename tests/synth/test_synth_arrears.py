"""Late fees, moved due dates, new loans for old: each is there, agrees with schedule and money, and with the clock's reference."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta

import numpy as np
import pyarrow.compute as pc
import pytest
from balance.clock_reference import Charge, Event, Instalment, Loan, Walk
from synth.synth_book import Book
from synth.synth_replay import FEE, Row, Told, told, totals

from loanwatch.convention import Convention
from loanwatch.synth import synth
from loanwatch.synth.allocation import allocation
from loanwatch.synth.claims import Claims

START, LOANS, DAYS = date(2024, 3, 1), 5000, 60
LAST, DAY = START + timedelta(DAYS - 1), timedelta(1)
SAMPLED = 12
Stories = dict[str, Told]


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Book:
    out = tmp_path_factory.mktemp("troubled")
    synth(LOANS, DAYS, 8, START, out)
    return Book(out)


@pytest.fixture(scope="module")
def stories(troubled: Book) -> Stories:
    names = {"instalments": "instalment", "charges": "charge", "repayments": "repayment", "events": "loan_event"}
    feeds = {name: troubled.rows(feed).to_pylist() for name, feed in names.items()}
    return told(troubled.rows("loan").to_pylist(), **feeds)


@pytest.fixture(scope="module")
def rolled_over(troubled: Book) -> list[Row]:
    return troubled.truth("roll_over").to_pylist()


def late_fees(story: Told) -> list[Row]:
    return [row for row in story.charges if row["kind"] == "late_fee"]


def moved(stories: Stories) -> Stories:
    return {loan_id: story for loan_id, story in stories.items() if story.moves(LAST)}


def ended_on(story: Told) -> date:
    ends = [row["happened_on"] for row in story.events if row["kind"] in ("settled", "write_off", "compensation")]
    return min(ends, default=LAST + DAY)


def unpaid_instalments(story: Told, day: date) -> set[date]:
    """The due dates before a day, as they stand at its end, of which something other than a fee is unpaid."""
    return {claim.due_on for claim in story.unpaid(day) if claim.rank != FEE and claim.due_on < day}


def waited(stories: Stories) -> dict[str, set[int]]:
    """By partner, the days between each late fee and the latest due date before it that was unpaid when it was charged."""
    days: dict[str, set[int]] = defaultdict(set)
    for story in stories.values():
        for row in late_fees(story):
            day = row["charged_on"]
            before = {claim.due_on for claim in story.unpaid(day - DAY) if claim.rank != FEE and claim.due_on < day}
            assert before & {claim.due_on for claim in story.unpaid(day) if claim.rank != FEE} or story.moves(day), row
            days[story.loan["sender"]].add((day - max(before)).days)
    return days


def test_some_partners_charge_a_fee_after_the_same_days_always(stories: Stories) -> None:
    days = waited(stories)
    assert set(days) == {"P01", "P02", "P04", "P05", "P07", "P08"}
    assert all(len(each) == 1 and each <= {3, 5, 7, 10} for each in days.values()), days
    charged = sum(bool(late_fees(story)) for story in stories.values()) / len(stories)
    assert 0.1 < charged < 0.35


def test_what_is_unpaid_so_long_has_its_fee_and_no_other(stories: Stories) -> None:
    """Of a partner that charges, on every instalment, wherever it stands by then: one that was unpaid at the end of that day."""
    days = {sender: min(each) for sender, each in waited(stories).items()}
    charging = [story for story in stories.values() if story.loan["sender"] in days]
    for story in [*charging[::10], *moved(stories).values()]:
        if story.loan["sender"] not in days:
            continue
        after = timedelta(days[story.loan["sender"]])
        dues = {row["due_on"] for row in story.instalments} | {row["until_on"] for row in story.moves(LAST)}
        moves = {row["happened_on"] for row in story.moves(LAST)}
        days_of_fees = {due + after for due in dues if due in unpaid_instalments(story, due + after)} - moves
        expected = {day for day in days_of_fees if day < min(ended_on(story), LAST + DAY)}
        assert {row["charged_on"] for row in late_fees(story)} - moves == expected, story.loan["loan_id"]


def test_who_pays_late_pays_the_fee_too_and_who_does_not_pay_does_not(stories: Stories) -> None:
    """But for the day after a move, nobody owes a fee who owes nothing else; and everybody who does not pay owes it."""
    owing = 0
    for story in (story for story in stories.values() if late_fees(story)):
        for day in (START, START + timedelta(DAYS // 2), LAST):
            if day >= ended_on(story) or any(row["happened_on"] == day for row in story.moves(day)):
                continue
            fees = [claim for claim in story.unpaid(day) if claim.rank == FEE]
            owing += len(fees)
            late = unpaid_instalments(story, day)
            assert all(min(late, default=day) < fee.due_on for fee in fees), (story.loan["loan_id"], day)
    assert owing > 50


def test_some_partners_move_due_dates_of_borrowers_in_trouble(troubled: Book, stories: Stories) -> None:
    found = moved(stories)
    assert {story.loan["sender"] for story in found.values()} == {"P02", "P03", "P05", "P06"}
    assert 0.003 < len(found) / len(stories) < 0.02
    stressed = {row["loan_id"] for row in troubled.truth("loan").to_pylist() if row["path"] != "healthy"}
    assert len(found.keys() & stressed) > 0.9 * len(found)
    for story in found.values():
        (move,) = story.moves(LAST)
        happened_on, from_on = move["happened_on"], move["from_on"]
        assert (from_on < happened_on) == (move["kind"] == "extension")
        assert story.owed(happened_on - DAY)[1] == max((happened_on - DAY - from_on).days, 0)
        assert not unpaid_instalments(story, happened_on)
        assert happened_on < move["until_on"] and from_on in {row["due_on"] for row in story.instalments}
    kinds = Counter(story.moves(LAST)[0]["kind"] for story in found.values())
    assert min(kinds["holiday"], kinds["extension"]) > 5


def test_arrears_that_were_moved_away_have_been(troubled: Book, stories: Stories) -> None:
    """In the truth an extended loan has had arrears from the day after the first due date that was moved, or earlier."""
    first = {row["loan_id"]: row["first_arrears_on"] for row in troubled.truth("loan").to_pylist()}
    extended = {loan_id: story for loan_id, story in moved(stories).items() if story.event("extension", LAST)}
    for loan_id, story in extended.items():
        (move,) = story.moves(LAST)
        if move["happened_on"] > move["from_on"] + DAY:
            assert first[loan_id] <= move["from_on"] + DAY
            assert story.owed(first[loan_id], own=True)[1] == 1


def test_nobody_pays_or_is_called_for_what_is_moved(troubled: Book, stories: Stories) -> None:
    """From the move on there is nothing to pay up to the new due date, but for fees and what comes a little early."""
    owners = {story.loan["customer_id"]: story for story in moved(stories).values()}
    loans = Counter(story.loan["customer_id"] for story in stories.values())
    single, called = {customer for customer, number in loans.items() if number == 1}, 0
    for row in troubled.rows("contact_attempt").to_pylist():
        story = owners.get(row["customer_id"])
        if story and row["customer_id"] in single:
            (move,) = story.moves(LAST)
            called += row["attempted_on"] < move["happened_on"]
            assert not move["happened_on"] <= row["attempted_on"] < move["until_on"]
    assert called
    for story in owners.values():
        (move,) = story.moves(LAST)
        until = min(move["until_on"] - timedelta(2), ended_on(story))
        assert not [row for row in story.repayments if move["happened_on"] + DAY < row["paid_on"] < until]


def test_nobody_pays_more_than_falls_due_within_two_days(stories: Stories) -> None:
    payers = {"borrower", "partner", "guarantor"}
    for story in [*list(stories.values())[::10], *moved(stories).values()]:
        for day in {min(move["happened_on"] for move in story.moves(LAST) or [{"happened_on": LAST}]), LAST}:
            if day < ended_on(story):
                asked = [claim for claim in story.asked(day) if claim.rank == FEE or at(story, claim.due_on, day) <= day + 2 * DAY]
                assert story.paid(day, payers) <= sum(claim.left for claim in asked), story.loan["loan_id"]


def at(story: Told, due_on: date, day: date) -> date:
    """Where a due date stands at the end of a day."""
    for move in story.moves(day):
        due_on = move["until_on"] if move["from_on"] <= due_on <= move["until_on"] else due_on
    return due_on


def test_a_fee_that_falls_due_with_an_instalment_comes_before_it() -> None:
    one, day, no = (np.array([n]) for n in (0, 50, 0))
    instalment = Claims(np.array([0, 1]), one, day, np.array([3]), np.array([9]))
    claims = instalment.without(np.array([False]), one, day, np.array([5]), no)
    assert claims.due_minor.tolist() == [5, 12]
    assert allocation(claims).covered_principal(one, np.array([9])) == 1


def test_a_few_loans_past_due_are_repaid_by_a_new_loan(troubled: Book, stories: Stories, rolled_over: list[Row]) -> None:
    people = {row["customer_id"]: row["id_number"] for row in troubled.rows("borrower").to_pylist()}
    assert 0.0005 < len(rolled_over) / len(stories) < 0.005
    for row in rolled_over:
        old, new = stories[row["replaced_loan_id"]], stories[row["loan_id"]]
        day = row["replaced_on"]
        settled = old.event("settled", LAST)
        assert settled and settled["happened_on"] == new.loan["opened_on"] == day
        assert old.owed(day - DAY)[1] == (day - DAY - row["past_due_since"]).days > 0
        assert old.pay_off(day) == settled["amount_minor"] > old.owed(day - DAY)[0]
        assert new.loan["principal_minor"] >= old.pay_off(day)
        assert people[old.loan["customer_id"]] == people[new.loan["customer_id"]]
        assert (new.loan["refinances_loan_id"] == row["replaced_loan_id"]) == row["named"]
    homes = {(row["named"], row["loan_id"][:3] == row["replaced_loan_id"][:3]) for row in rolled_over}
    assert homes == {(True, True), (False, True), (False, False)}


def test_nothing_else_that_is_past_due_is_settled(stories: Stories, rolled_over: list[Row]) -> None:
    replaced = {row["replaced_loan_id"] for row in rolled_over}
    settled = {loan_id: event for loan_id, story in stories.items() if (event := story.event("settled", LAST))}
    late = {loan_id for loan_id, event in settled.items() if unpaid_instalments(stories[loan_id], event["happened_on"] - DAY)}
    assert late == replaced


@pytest.mark.parametrize("day", [START, START + timedelta(DAYS // 3), LAST])
def test_control_totals_are_what_the_rows_tell(troubled: Book, stories: Stories, day: date) -> None:
    ledger = troubled.rows("control_total").filter(pc.field("booked_on") == day).to_pylist()
    assert {row["pool_id"]: (row["loans"], row["balance_minor"]) for row in ledger} == totals(stories.values(), day)


def walked(story: Told, day: date, payers: set[str] | None = None) -> tuple[int, int]:
    """Balance and days past due by the reference of the arrears clock."""
    loan = Loan(
        [Instalment(1, row["instalment_no"], row["due_on"], row["principal_minor"], row["interest_minor"])
         for row in story.instalments],
        {1: story.loan["opened_on"]},
        [Charge(row["charged_on"], row["due_on"], row["amount_minor"]) for row in story.charges],
        [(row["paid_on"], row["paid_minor"], row["payer"]) for row in story.repayments],
        [Event(row["happened_on"], row["kind"], row["from_on"], row["until_on"]) for row in story.moves(day)],
    )  # fmt: skip
    reading = Walk(loan, day, Convention(), set(), payers).reading()
    since = reading["unpaid_since"]
    return reading["remaining_minor"], (day - since).days if isinstance(since, date) else 0  # type: ignore[return-value]


@pytest.mark.parametrize("kind", ["fee", "moved", "rolled over"])
def test_ledger_and_truth_are_what_the_reference_of_the_clock_walks_to(
    troubled: Book, stories: Stories, rolled_over: list[Row], kind: str
) -> None:
    """A sample of each kind: around every date that mattered by the replay, and on the last day by the truth."""
    chosen = {
        "fee": [loan_id for loan_id, story in stories.items() if late_fees(story)][::70][:SAMPLED],
        "moved": list(moved(stories))[:SAMPLED],
        "rolled over": [row[name] for row in rolled_over for name in ("loan_id", "replaced_loan_id")][:SAMPLED],
    }[kind]
    truth = {row["loan_id"]: row for row in troubled.truth("balance").to_pylist()}
    assert len(chosen) > 10
    for loan_id in chosen:
        story = stories[loan_id]
        mattered = [row["charged_on"] for row in late_fees(story)][-1:] + [row["happened_on"] for row in story.events]
        mattered += [row["until_on"] for row in story.moves(LAST)]
        days = {START, *(on + n * DAY for on in mattered for n in (-1, 0, 1))}
        for day in sorted(day for day in days if story.loan["opened_on"] <= day < ended_on(story)):
            assert story.owed(day) == walked(story, day), (loan_id, day)
        if truth[loan_id]["state"] == "open":
            stated = truth[loan_id]
            assert (stated["balance_minor"], stated["days_past_due"]) == walked(story, LAST), loan_id
            assert stated["own_days_past_due"] == walked(story, LAST, {"borrower"})[1], loan_id
