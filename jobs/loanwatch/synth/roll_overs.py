"""Borrowers in arrears who get a new loan that repays the old one: at the same partner, or at the other one that knows them.

Every other partner names the old loan in the new contract; nobody else does. The new loan is as large as the old one was,
and a little more, which covers whatever is owed. Only unsecured loans: a pledge would have to move with the loan.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from loanwatch.synth.contracts import BUSINESS, CONSUMER, ROUND_MINOR, Loans, Renewals
from loanwatch.synth.paths import Paths
from loanwatch.synth.plan import Ints, Plan, month_of, months_later

ROLLED_OVER, ROLLED_OVER_ELSEWHERE = 0.2, 0.8  # of loans in arrears: of those whose borrower has no other lender, and has one
PAST_DUE_DAYS = (5, 60)
LENT_ON_TOP = 15  # percent of the old loan: more than the arrears of some months


@dataclass(frozen=True)
class Chosen:
    """Loans of one partner that are to be rolled over, a row each; `customer` is who the borrower is at the partner that lends."""

    loan: Ints
    on: Ints
    partner: Ints
    customer: Ints


def with_roll_overs(plan: Plan, books: list[Loans], person: list[Ints], paths: Paths) -> list[Loans]:
    """The partners' loans with those that repay loans past due; `person` is who each customer is."""
    chosen = [choose(plan, books, person, paths, number) for number in range(len(books))]
    grown, by = [], [np.zeros(len(each.loan), np.int64) for each in chosen]
    for number, loans in enumerate(books):
        lenders = [at for at in (number - 1, number) if at >= 0]
        rows = [np.flatnonzero(chosen[at].partner == number) for at in lenders]
        named = [at == number and number % 2 == 0 for at in lenders]
        parts = [lent(loans, books[at], chosen[at], row, name) for at, row, name in zip(lenders, rows, named, strict=True)]
        whole, place = inserted(loans, parts)
        for at, row in zip(lenders, rows, strict=True):
            by[at][row], place = place[: len(row)], place[len(row) :]
        grown.append(whole)
    return [with_renewals(*each) for each in zip(grown, chosen, by, strict=True)]


def choose(plan: Plan, books: list[Loans], person: list[Ints], paths: Paths, number: int) -> Chosen:
    """Which of a partner's loans are rolled over, and when: some days after the first due date that was missed."""
    loans, draw = books[number], plan.stream("roll-overs", number)
    misses_from, cured_on = (days[person[number]][loans.customer[: loans.book]] for days in (paths.misses_from, paths.cured_on))
    customer = elsewhere(books, person, number)[loans.customer[: loans.book]]
    often = np.where(customer >= 0, ROLLED_OVER_ELSEWHERE, ROLLED_OVER)
    free = np.isin(loans.product[: loans.book], (CONSUMER, BUSINESS)) & (draw.random(loans.book) < often)
    free[loans.renewals.loan] = False
    loan = np.flatnonzero(free & (misses_from <= plan.last))
    opened_on = loans.opened_on[loan]
    months = np.maximum(month_of(misses_from[loan]) - month_of(opened_on), 1)
    months += months_later(opened_on, months) < misses_from[loan]
    on = months_later(opened_on, months) + draw.integers(*PAST_DUE_DAYS, len(loan))
    fits = (months <= loans.term_months[loan]) & (on < cured_on[loan]) & (on > plan.first) & (on <= plan.last)
    loan, on = loan[fits], on[fits]
    other = customer[loan]
    return Chosen(loan, on, np.where(other >= 0, number + 1, number), np.where(other >= 0, other, loans.customer[loan]))


def elsewhere(books: list[Loans], person: list[Ints], number: int) -> Ints:
    """Per customer of a partner, which customer of the next partner that person is; -1: none of its first day."""
    other = np.full(len(person[number]), -1)
    if number + 1 < len(books):
        _, here, there = np.intersect1d(person[number], person[number + 1][: books[number + 1].book_customers], return_indices=True)
        other[here] = there
    return other


def lent(loans: Loans, of: Loans, chosen: Chosen, rows: Ints, named: bool) -> Loans:
    """The new loans that repay chosen ones of a partner, in no order yet."""
    old = chosen.loan[rows]
    principal = -(-of.principal_minor[old] * (100 + LENT_ON_TOP) // (100 * ROUND_MINOR)) * ROUND_MINOR
    return replace(
        loans, customer=chosen.customer[rows], product=of.product[old], term_months=of.term_months[old],
        opened_on=chosen.on[rows], principal_minor=principal, rate_bp=of.rate_bp[old], second_pool=of.second_pool[old],
        rolled_over=np.ones(len(old), bool), refinances=old if named else np.full(len(old), -1),
    )  # fmt: skip


def inserted(loans: Loans, parts: list[Loans]) -> tuple[Loans, Ints]:
    """The loans with new ones among them, by opening date; and the row of each new one."""
    opened_on = np.concatenate([loans.opened_on[loans.book :], *(part.opened_on for part in parts)])
    order = np.concatenate([np.arange(loans.book), loans.book + np.argsort(opened_on, kind="stable")])
    columns = {
        field.name: np.concatenate([getattr(each, field.name) for each in (loans, *parts)])[order]
        for field in fields(Loans) if isinstance(getattr(loans, field.name), np.ndarray)
    }  # fmt: skip
    row = np.empty(len(order), np.int64)
    row[order] = np.arange(len(order))
    moved = replace(loans.renewals, by=row[loans.renewals.by])
    return replace(loans, **columns, renewals=moved), row[len(loans) :]


def with_renewals(loans: Loans, chosen: Chosen, by: Ints) -> Loans:
    """The loans, which know of those that are to repay them."""
    more = Renewals(chosen.loan, chosen.on, chosen.partner, by, np.ones(len(by), bool))
    both = (np.concatenate([getattr(each, field.name) for each in (loans.renewals, more)]) for field in fields(Renewals))
    return replace(loans, renewals=Renewals(*both))
