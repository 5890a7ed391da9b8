"""One partner's share of the book, all of it worked out: contracts, schedules, payments, endings, accounts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from loanwatch.synth import allocation as allocating
from loanwatch.synth import collateral, ledger, moved_dates
from loanwatch.synth.allocation import Allocation
from loanwatch.synth.arrears import unpaid
from loanwatch.synth.claims import claims
from loanwatch.synth.collateral import Assets, Pledges
from loanwatch.synth.columns import numbered
from loanwatch.synth.contracts import Loans
from loanwatch.synth.endings import Endings, endings, ends, leaving_days
from loanwatch.synth.late_fees import LateFees, late_fees, with_fees
from loanwatch.synth.ledger import Accounts
from loanwatch.synth.moved_dates import MovedDates
from loanwatch.synth.paths import ECHO_DAYS, Paths
from loanwatch.synth.payments import borrowers_payments
from loanwatch.synth.plan import Ints, Plan
from loanwatch.synth.population import Persons
from loanwatch.synth.schedules import Schedule, schedule


@dataclass(frozen=True)
class Share:
    """Everything about one partner; `person`, `persons` and `path` have a row per customer."""

    plan: Plan
    compensates: bool
    loans: Loans
    person: Ints
    persons: Persons
    path: Paths
    schedule: Schedule
    moves: MovedDates
    fees: LateFees
    allocation: Allocation
    endings: Endings
    accounts: Accounts
    assets: Assets
    pledges: Pledges

    @property
    def code(self) -> str:
        return partner_code(self.loans.partner)

    @property
    def pools(self) -> tuple[str, ...]:
        return pool_codes(self.loans.partner)

    @property
    def pool(self) -> Ints:
        """Per loan, the index of its pool."""
        return (self.loans.second_pool & (len(self.pools) > 1)).astype(np.int64)

    @cached_property
    def loan_ids(self) -> pa.StringArray:
        return numbered(f"{self.code}:L", np.arange(1, len(self.loans) + 1), 7)

    @cached_property
    def customer_ids(self) -> pa.StringArray:
        return numbered(f"{self.code}:C", np.arange(1, self.loans.customers + 1), 7)

    @cached_property
    def asset_ids(self) -> pa.StringArray:
        return numbered(f"{self.code}:A", np.arange(1, len(self.assets.loan) + 1), 7)

    @cached_property
    def owes_until(self) -> Ints:
        """Per customer, the last day that the partner watches: a while after the last loan has closed."""
        until = np.zeros(self.loans.customers, np.int64)
        np.maximum.at(until, self.loans.customer, self.accounts.closed_on)
        return until + ECHO_DAYS


def partner_code(partner: int) -> str:
    return f"P{partner + 1:02d}"


def pool_codes(partner: int) -> tuple[str, ...]:
    """The trust projects of a partner: every other partner has two."""
    return tuple(f"{partner_code(partner)}-T{number}" for number in range(1, 2 + (partner + 1) % 2))


def share(plan: Plan, loans: Loans, person: Ints, persons: Persons, path: Paths, compensates: bool) -> Share:
    """One partner's share, from its contracts and its customers."""
    first = schedule(loans)
    allocation = allocating.allocation(claims(first))
    paid = borrowers_payments(plan, loans, allocation.claims, persons.careless, path)
    leaves_on = leaving_days(plan, loans)
    moves = moved_dates.moved_dates(plan, loans, allocation, paid, path, leaves_on, compensates)
    if len(moves.loan):
        allocation = allocating.allocation(moved_dates.claims_moved(allocation.claims, moves))
        paid = moved_dates.payments_moved(plan, loans, allocation.claims, paid, persons.careless, path, moves)
    arrears = unpaid(allocation, paid).and_(moves.past)
    left = ends(plan, loans, allocation, paid, arrears, leaves_on, compensates)
    fees, paid = late_fees(plan, loans, allocation, paid, arrears, left.first)
    if len(fees.loan):
        allocation = allocating.allocation(with_fees(allocation.claims, fees))
    ending = endings(plan, loans, allocation, paid, left)
    homes = collateral.assets(plan, loans, persons.city)
    return Share(
        plan, compensates, loans, person, persons, path, first, moves, fees, allocation, ending,
        ledger.accounts(plan, loans, allocation, ending, moves.past), homes, collateral.pledges(plan, loans, homes),
    )  # fmt: skip
