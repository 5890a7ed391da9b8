"""Loan contracts: who borrowed what, when, for how long and at which rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loanwatch import codes
from loanwatch.synth.plan import Flags, Floats, Ints, Plan

PRODUCTS = codes.PRODUCTS.words
CONSUMER, BUSINESS, HOME, VEHICLE = (PRODUCTS.index(word) for word in ("consumer", "business", "home", "vehicle"))
SHARES = (0.35, 0.25, 0.25, 0.15)
TERMS_MONTHS = np.array([(6, 9, 12, 24), (6, 12, 18, 36), (36, 36, 48, 60), (24, 36, 36, 60)])
MEDIAN_MINOR = np.array([1_500_000, 10_000_000, 50_000_000, 9_000_000])
SPREAD = np.array([0.6, 0.6, 0.45, 0.4])
RATE_BP = np.array([(1200, 2400), (900, 1800), (500, 900), (800, 1500)])
ROUND_MINOR = 10_000  # contracts are over whole hundreds of yuan
LARGEST_MINOR = 200_000_000

CUSTOMERS_PER_LOAN = 0.92  # the others are second loans
NEW_LOANS_A_DAY = 0.001
BY_KNOWN_CUSTOMERS, TO_REFINANCE = 0.10, 0.50
OLDEST_DAYS = 720


@dataclass(frozen=True)
class Renewals:
    """Loans that a new loan is to repay, a row each: on which day, which loan of which partner, and whether past due or not."""

    loan: Ints
    on: Ints
    partner: Ints
    by: Ints
    past_due: Flags


@dataclass(frozen=True)
class Loans:
    """The loans of one partner: the book of the first day, then those opened since, by opening date."""

    partner: int
    book: int
    book_customers: int
    customer: Ints
    product: Ints
    term_months: Ints
    opened_on: Ints
    principal_minor: Ints
    rate_bp: Ints
    second_pool: Flags
    rolled_over: Flags
    refinances: Ints
    """Row of the loan that this one is meant to repay and names, -1 for none."""
    renewals: Renewals

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def customers(self) -> int:
        return int(self.customer.max()) + 1

    @property
    def customer_since(self) -> Ints:
        """Per customer, the opening of the first loan."""
        since = np.full(self.customers, np.iinfo(np.int64).max)
        np.minimum.at(since, self.customer, self.opened_on)
        return since

    def opened(self, day: int) -> slice:
        """Rows of the loans opened on a day after the first."""
        begin, end = np.searchsorted(self.opened_on[self.book :], (day, day + 1)) + self.book
        return slice(int(begin), int(end))


def loans(plan: Plan, partner: int, book: int) -> Loans:
    """One partner's loans, a row each."""
    draw = plan.stream("loans", partner)
    new = int(draw.poisson(NEW_LOANS_A_DAY * book * (plan.days - 1)))
    rows = book + new
    customer, refinances, book_customers = borrowers(draw, book, new)
    product = draw.choice(len(PRODUCTS), rows, p=SHARES)
    first_loan = np.full(int(customer.max()) + 1, rows)
    np.minimum.at(first_loan, customer, np.arange(rows))
    alike = draw.random(rows) < 0.5
    product = np.where(alike | (refinances >= 0), product[first_loan[customer]], product)
    term = TERMS_MONTHS[product, draw.integers(0, TERMS_MONTHS.shape[1], rows)]
    low, high = RATE_BP[product].T
    opened_on, renewing = openings(plan, draw, term, book, new), np.flatnonzero(refinances >= 0)
    return Loans(
        partner=partner, book=book, book_customers=book_customers, customer=customer, product=product, term_months=term,
        opened_on=opened_on,
        principal_minor=principals(draw, product),
        rate_bp=low + (draw.random(rows) * (high - low)).astype(np.int64) // 10 * 10,
        second_pool=draw.random(rows) < 0.4,
        rolled_over=np.zeros(rows, bool),
        refinances=refinances,
        renewals=Renewals(
            refinances[renewing], opened_on[renewing], np.full(len(renewing), partner), renewing, np.zeros(len(renewing), bool)
        ),
    )  # fmt: skip


def borrowers(draw: np.random.Generator, book: int, new: int) -> tuple[Ints, Ints, int]:
    """Per loan its customer and the loan it is to refinance (-1: none); and the customers of the book."""
    customers = int(np.ceil(book * CUSTOMERS_PER_LOAN))
    second = draw.integers(0, customers, book - customers)
    known = draw.random(new) < BY_KNOWN_CUSTOMERS
    known &= np.cumsum(known) <= book
    old = draw.choice(book, int(known.sum()), replace=False)
    of_book = np.concatenate([np.arange(customers), second])
    of_new = customers - 1 + np.cumsum(~known)
    of_new[known] = of_book[old]
    refinances = np.full(book + new, -1)
    refinances[book:][known] = np.where(draw.random(len(old)) < TO_REFINANCE, old, -1)
    return np.concatenate([of_book, of_new]), refinances, customers


def openings(plan: Plan, draw: np.random.Generator, term: Ints, book: int, new: int) -> Ints:
    """Opening dates: the book's lie back less than the term, so that none has matured; then new ones in order."""
    age = draw.random(book) * np.minimum(term[:book] * 30, OLDEST_DAYS)
    since = np.sort(draw.integers(plan.first + 1, plan.last + 1, new)) if new else np.empty(0, np.int64)
    return np.concatenate([plan.first - age.astype(np.int64), since])


def principals(draw: np.random.Generator, product: Ints) -> Ints:
    """Amounts lent, log-normal around the product's median."""
    drawn: Floats = MEDIAN_MINOR[product] * np.exp(SPREAD[product] * draw.standard_normal(len(product)))
    hundreds = np.clip(drawn // ROUND_MINOR, 20, LARGEST_MINOR // ROUND_MINOR).astype(np.int64)
    return np.asarray(hundreds * ROUND_MINOR)
