"""The loans of a month-end file on their way: who comes in, contracts that change, instalments and money of each month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from loanwatch.adapters.arrears import Flags, Ints, MonthEnd, Schedules
from loanwatch.adapters.monthly import Book, Days

NOTHING = 0


@dataclass(frozen=True)
class Terms:
    """Contracts as a month-end states them, an element a loan it speaks of; `rate_bp` in basis points a year."""

    rate_bp: Ints
    opened_on: Days
    matures_on: Days


class Accounts:
    """All loans of a book, a place each; asked month by month, in order."""

    def __init__(self, book: Book, last: int) -> None:
        loans = len(book.numbers)
        self.book, self.schedules = book, Schedules(loans, book.base, last)
        self._known = np.zeros(loans, bool)
        self._principal, self._rate_bp = np.zeros(loans, np.int64), np.zeros(loans, np.int64)
        self._opened_on = np.full(loans, np.datetime64("NaT"), "datetime64[D]")
        self._matures_on = self._opened_on.copy()

    def come_in(self, month: int, loan: Ints, region: pa.Array | None = None) -> Flags:
        """Customers of whom the file speaks for the first time; which they are."""
        new = ~self._known[loan]
        self._known[loan] = True
        self.book.send_borrowers(month, loan[new], None if region is None else region.filter(pa.array(new)))
        return new

    def month_end(self, told: MonthEnd, balance: Ints, terms: Terms, recovered: Ints | None = None) -> None:
        """Deliver contracts, instalments and money; `recovered` is what of the money the collateral brought."""
        book, month, loan = self.book, told.month, told.loan
        sent, money = self.schedules.month_end(told)
        book.send("loan", month, self._changed(loan, self.schedules.paid_principal[loan] + balance, terms))
        book.send("instalment", month, book.instalments(sent, month))
        of_collateral = np.zeros_like(money) if recovered is None else np.minimum(recovered, money)
        paid = {"borrower": money - of_collateral, "collateral": of_collateral}
        repayments = pa.concat_tables([book.repayments(loan, month, part, payer) for payer, part in paid.items()])
        book.send("repayment", month, repayments, even_empty=True)

    def _changed(self, loan: Ints, principal: Ints, terms: Terms) -> pa.Table:
        """Contracts that are new or not what they were; one that was lent cannot become nothing."""
        lent = self._principal[loan] > NOTHING
        principal = np.where(lent, np.maximum(principal, 1), principal)
        self._opened_on[loan] = np.where(lent, self._opened_on[loan], terms.opened_on)
        other = principal != self._principal[loan]
        other |= lent & ((terms.rate_bp != self._rate_bp[loan]) | (terms.matures_on != self._matures_on[loan]))
        self._principal[loan], self._rate_bp[loan], self._matures_on[loan] = principal, terms.rate_bp, terms.matures_on
        changed = loan[other]
        return self.book.loans(
            changed, self._principal[changed], self._rate_bp[changed], self._opened_on[changed], self._matures_on[changed]
        )
