"""People fare as told: few default, trouble shows before the arrears, some are known to two partners."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow.compute as pc
import pytest
from synth.synth_book import DAYS, Book

from loanwatch.synth.behaviour import KINDS, Watched, behaviour
from loanwatch.synth.book import shares
from loanwatch.synth.plan import NEVER, Ints, Plan
from loanwatch.synth.population import id_numbers, persons
from loanwatch.synth.share import Share
from loanwatch.synth.truth import ninety_days

YEAR = Plan(15_000, 365, 1, date(2024, 1, 1))


@pytest.fixture(scope="module")
def year() -> list[Share]:
    return list(shares(YEAR))


def test_two_to_four_percent_a_year_reach_90_days(year: list[Share]) -> None:
    reached, days = np.sum([ninety_days(share) for share in year], axis=0)
    assert 0.02 < reached / (days / 365) < 0.04


def test_arrears_are_common_and_mostly_cured(book: Book) -> None:
    """A few percent of the book are past due on a day, most of them by up to 30 days."""
    days = book.truth("balance")["days_past_due"].to_numpy()
    assert 0.02 < (days > 0).mean() < 0.12
    assert ((days > 0) & (days <= 30)).sum() > (days > 30).sum() / 2


def test_about_half_a_row_of_behaviour_per_customer_and_day(book: Book) -> None:
    customers = len(book.rows("consent")["customer_id"].unique())
    assert 0.4 < len(book.rows("behaviour")) / customers / DAYS < 0.6


def defaulters(share: Share) -> tuple[Watched, Ints]:
    """The customers whose loan defaults late enough in the year, and when their arrears began."""
    arrears_on = share.accounts.default_arrears_on
    loan = np.flatnonzero((arrears_on > YEAR.first + 180) & (arrears_on < NEVER))
    who = share.loans.customer[loan]
    always = np.full(len(who), YEAR.first), np.full(len(who), YEAR.last)
    return Watched(share.persons.of(who), share.path.of(who), np.ones(len(who)), *always), arrears_on[loan]


def mean_rows(year: list[Share], kind: str, begin: int, end: int) -> float:
    """Rows of a kind a day and defaulter, from `begin` to before `end` days from the first day of the arrears."""
    rows = days = 0
    for share in year:
        people, arrears_on = defaulters(share)
        draw = YEAR.stream("test", share.code)
        for day in YEAR.business_days:
            there = (day - arrears_on >= begin) & (day - arrears_on < end)
            seen = behaviour(draw, people, day)
            rows += int(there[seen.customer[seen.kind == KINDS.index(kind)]].sum())
            days += int(there.sum())
    return rows / days


@pytest.mark.parametrize(("kind", "low", "high"), [("spend", 0.5, 0.9), ("inquiry", 1.5, 10.0)])
def test_trouble_shows_before_the_arrears(year: list[Share], kind: str, low: float, high: float) -> None:
    """The three weeks before the missed due date against quiet months: less spending, more inquiries."""
    assert low < mean_rows(year, kind, -21, 0) / mean_rows(year, kind, -180, -110) < high


def test_the_lead_is_ten_to_ninety_days(year: list[Share]) -> None:
    """From the first day of stress to the default's arrears; who was late already for other reasons, or had dates moved, apart."""
    for share in year:
        path, loan = share.path, np.flatnonzero(share.accounts.default_on < NEVER)
        customer = share.loans.customer[loan]
        lead = share.accounts.default_arrears_on[loan] - path.stress_on[customer]
        new = (share.loans.opened_on[loan] < path.stress_on[customer]) & ~np.isin(loan, share.moves.loan)
        assert np.mean((lead[new] >= 10) & (lead[new] <= 92)) > 0.9


def test_one_in_twenty_is_known_to_two_partners(book: Book) -> None:
    people = book.rows("borrower").group_by(["id_number", "sender"]).aggregate([]).group_by("id_number")
    partners = people.aggregate([("sender", "count")])["sender_count"]
    assert pc.max(partners).as_py() == 2
    assert 0.03 < pc.mean(pc.equal(partners, 2)).as_py() < 0.06


def test_identity_numbers_are_well_formed_and_different() -> None:
    numbers = id_numbers(persons(Plan(1, 1, 1, date(2024, 1, 1)), np.zeros(20_000, bool))).to_pylist()
    assert len(set(numbers)) == len(numbers)
    for number in numbers[:200]:
        check = sum(int(digit) * (1 << 17 - place) for place, digit in enumerate(number[:17]))
        assert (check + (10 if number[17] == "X" else int(number[17]))) % 11 == 1
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def test_firms_have_credit_codes_with_the_check_character_of_gb_32100() -> None:
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    numbers = id_numbers(persons(Plan(1, 1, 1, date(2024, 1, 1)), np.ones(2_000, bool))).to_pylist()
    assert len(set(numbers)) == len(numbers)
    for number in [*numbers, "91350100M000100Y43"]:  # the standard's own example is the last
        values = [letters.index(letter) for letter in number]
        assert sum(value * pow(3, place, 31) for place, value in enumerate(values[:17])) % 31 == (31 - values[17]) % 31


def test_some_who_borrow_for_business_only_are_firms_and_what_they_owe_elsewhere_is_asked(book: Book) -> None:
    kinds = dict(zip(*(book.rows("borrower")[name].to_pylist() for name in ("customer_id", "id_type")), strict=True))
    loans = book.rows("loan").select(["customer_id", "product"]).to_pylist()
    firms = {customer for customer, kind in kinds.items() if kind == "credit_code"}
    assert 0.02 < len(firms) / len(kinds) < 0.15
    assert {row["product"] for row in loans if row["customer_id"] in firms} == {"business"}
    assert set(book.rows("debt_elsewhere")["customer_id"].to_pylist()) == firms


def test_the_truth_lists_everybody_who_was_delivered(book: Book) -> None:
    columns = ["customer_id", "id_number", "name", "phone", "address"]
    assert book.truth("person").select(columns).sort_by("customer_id") == (
        book.rows("borrower").select(columns).combine_chunks().sort_by("customer_id")
    )


def test_paths_in_the_truth_agree_with_its_dates(book: Book) -> None:
    for row in book.truth("loan").to_pylist():
        assert (row["path"] == "default") == (row["default_on"] is not None)
        if row["default_on"]:
            assert row["first_arrears_on"] <= row["default_arrears_on"] < row["default_on"]
