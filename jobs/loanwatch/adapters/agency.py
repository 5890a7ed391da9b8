"""US agency mortgages by month: terms, balance, months delinquent, how they end (Fannie Mae, Freddie Mac).

Payments fall due on the 1st. A status of k at a month-end says that the payments of the last k months are missing (MBA: one
that has not come by the eve of the next due date is a month late), so the oldest unpaid one is that of k - 1 months before:
at 30 days a month, 30 k days; by the calendar up to three less, as February is in it. What is assumed, and why:

- *A payment* is the level one of balance, rate and months left, at origination and again where rate, maturity or terms
  change. What of it is principal is known when it is paid: what the balance fell by. What it fell by beyond a payment, or
  without one, is a prepayment and part of the last instalment paid; what it rises by is lent.
- *Balances of the first months*, which Fannie Mae does not disclose (0.00), are the schedule's until one is stated. Freddie
  Mac rounds them to thousands: their principal is off by as much.
- *New terms*: where a modified loan's balance rises and months are made up at once, they went into the new terms: their
  instalments are sent again as 0, no money is invented. The month in which a loan is first called modified has the event.
- *Made up without money* (deferral, a status corrected): the interest of the instalments counts as paid, principal as stated.
- *Endings*: prepaid or matured: what was owed is paid, event `settled`. Sales and foreclosures: written off, net proceeds are
  the collateral's money; other recoveries, costs and what an insurer pays are left out. Repurchased: `buy_back`; notes sold:
  `transfer`. Others end without an event, for nothing is said of them: the clock runs on.
- *XX, RA or no status* without an ending says nothing of the month: nothing is delivered, the clock runs on.
- *The property*: its value at origination is the original balance over the loan to value, which is published in whole
  percent. No address is published: its locator is the loan's number.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch.adapters.accounts import Accounts, Terms
from loanwatch.adapters.agency_property import send_properties
from loanwatch.adapters.agency_reads import ENDINGS
from loanwatch.adapters.arrears import Flags, Ints, MonthEnd
from loanwatch.adapters.monthly import Book, Days, Given, Months, by_month

DUE_DAY = 1
UNSTATED = -1
LOST = ("sale", "foreclosure")
GONE = {"settled": "settled", "buy_back": "buy_back", "transfer": "transfer", "sale": "write_off", "foreclosure": "write_off"}


def agency(given: Given) -> None:
    """Deliveries of every month-end."""
    loans, rows = _loans(given.tables["loan"]), given.tables["month"]
    place = pc.index_in(rows["number"], loans["number"])
    rows, loan = rows.filter(place.is_valid()), place.drop_null().to_numpy().astype(np.int64)
    months = Months(rows["month"].to_numpy().astype("datetime64[M]").min(), DUE_DAY)
    month = months.of(rows["month"])
    late = _late(rows["status"])
    order, twice = by_month(loan, month)
    last = int(month.max())
    book = Book(given, loans["number"], months, int(min((month - late.clip(0)).min(), 0)) - 1, "USD", "home")
    given.say(
        f"{len(loans)} loans, {len(order)} months, {months.end(0)} to {months.end(last)}; {twice} repeated, "
        f"{place.null_count} of unknown loans, {int(((late < 0) & rows['ended'].is_null().to_numpy()).sum())} without a status"
    )
    mortgages = _Mortgages(Accounts(book, last), loans)
    book.send_parties(0, "abs")
    cuts = np.searchsorted(month[order], np.arange(last + 2))
    for at, (start, end) in enumerate(pairwise(cuts)):
        here = order[start:end]
        mortgages.month_end(at, loan[here], late[here], rows.take(pa.array(here)))


def _loans(rows: pa.Table) -> pa.RecordBatch:
    """A row a loan: the first."""
    rows = rows.combine_chunks()
    numbers = pc.dictionary_encode(rows["number"].combine_chunks())
    _, first = np.unique(numbers.indices.to_numpy(), return_index=True)
    return pa.RecordBatch.from_arrays(
        [rows[name].combine_chunks().take(pa.array(first)) for name in rows.column_names], names=rows.column_names
    )


def _late(status: pa.ChunkedArray) -> Ints:
    stated = pc.if_else(pc.match_substring_regex(status, "^[0-9]+$"), status, pa.scalar(None, pa.string()))
    return np.asarray(pc.fill_null(stated.cast(pa.int64()), UNSTATED).to_numpy())


def level(principal: Ints, rate_millipercent: Ints, months: Ints) -> Ints:
    """The monthly payment that repays a principal with interest in so many months, cents."""
    rate, left = rate_millipercent / 1_200_000, np.maximum(months, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(rate_millipercent > 0, rate / (1 - (1 + rate) ** -left), 1 / left)
    return np.rint(principal * share).astype(np.int64)


def _days(dates: pa.Array | pa.ChunkedArray) -> Days:
    return np.asarray(dates.cast(pa.timestamp("s")).to_numpy(zero_copy_only=False).astype("datetime64[D]"))


def _or(days: Days, otherwise: Days) -> Days:
    return np.where(np.isnat(days), otherwise, days)


@dataclass(frozen=True)
class _Told:
    """Rows of a month-end as arrays; what is not stated is as it was."""

    loan: Ints
    late: Ints
    stated: Flags
    balance: Ints
    rate: Ints
    matures_on: Days
    modified: Flags
    ended: Ints
    proceeds: Ints


class _Mortgages:
    """The loans as the months so far have left them."""

    def __init__(self, accounts: Accounts, loans: pa.RecordBatch) -> None:
        self.accounts, self.loans, months = accounts, loans, accounts.book.months
        self.balance, self.rate, term = (
            loans[name].to_numpy().astype(np.int64) for name in ("original_minor", "rate_millipercent", "term_months")
        )
        self.payment = level(self.balance, self.rate, term)
        self.first_due = months.of(loans["first_payment_on"])
        self.opened_on = _or(_days(loans["opened_on"]), months.opens(self.first_due - 1))
        self.matures_on = _or(_days(loans["matures_on"]), months.opens(self.first_due + term - 1))
        self.modified = np.zeros(len(loans), bool)

    def month_end(self, month: int, loan: Ints, late: Ints, rows: pa.Table) -> None:
        """What a month-end brings for the loans it speaks of."""
        accounts, book = self.accounts, self.accounts.book
        new = loan[accounts.come_in(month, loan, self.loans["region"].take(pa.array(loan)))]
        send_properties(book, month, new, self.loans, self.opened_on)
        told = self._told(loan, late, rows)
        self._new_terms(month, told)
        ending, going_on = told.ended >= 0, told.late >= 0
        self._deliver(month, told, np.flatnonzero(going_on | ending))

    def _told(self, loan: Ints, late: Ints, rows: pa.Table) -> _Told:
        ended = pc.index_in(rows["ended"], pa.array([word for word in ENDINGS.words if word != "unknown"]))
        balance = pc.fill_null(rows["balance_minor"], 0).to_numpy()
        rate = pc.fill_null(rows["rate_millipercent"], UNSTATED).to_numpy()
        return _Told(
            loan, late, balance > 0, balance, np.where(rate < 0, self.rate[loan], rate),
            _or(_days(rows["matures_on"].combine_chunks()), self.matures_on[loan]), rows["modified"].to_numpy(),
            pc.fill_null(ended, UNSTATED).to_numpy().astype(np.int64), pc.fill_null(rows["proceeds_minor"], 0).to_numpy().clip(0),
        )  # fmt: skip

    def _new_terms(self, month: int, told: _Told) -> None:
        """Payments of loans whose rate, maturity or terms are not what they were; the first modification is an event."""
        loan, book = told.loan, self.accounts.book
        modified = told.modified & ~self.modified[loan]
        book.send("loan_event", month, book.events(loan[modified], month, "restructuring", told.balance[modified]))
        other = modified | (told.rate != self.rate[loan]) | (told.matures_on != self.matures_on[loan])
        left = (told.matures_on.astype("datetime64[M]") - book.months.first).astype(np.int64) - month
        balance = np.where(told.stated, told.balance, self.balance[loan])
        self.payment[loan] = np.where(other, level(balance, told.rate, left), self.payment[loan])
        self.rate[loan], self.matures_on[loan] = told.rate, told.matures_on
        self.modified[loan] |= told.modified

    def _deliver(self, month: int, told: _Told, which: Ints) -> None:
        """Instalments, money and endings of the loans whose month is known."""
        accounts, loan = self.accounts, told.loan[which]
        settled, lost = (self._ended(told, which, kinds) for kinds in (("settled",), LOST))
        gone = told.ended[which] >= 0
        before, due = self.balance[loan], month >= self.first_due[loan]
        through_before = accounts.schedules.through[loan]
        through = np.where(gone, np.maximum(through_before, accounts.book.base), month - told.late[which])
        through = np.where(settled, month, through)
        # Before the first month with a balance, the schedule says what was repaid.
        scheduled = np.where(due & (through == month), (self.payment[loan] - self._interest(loan)).clip(0), 0)
        now = np.where(told.stated[which], told.balance[which], before - np.minimum(scheduled, before))
        now = np.where(gone, np.where(settled, 0, np.where(lost, (before - told.proceeds[which]).clip(0), before)), now)
        forgiven = told.modified[which] & (now > before) & (through > through_before) & ~gone
        paid = np.where(forgiven, 0, (before - now).clip(0))
        self.balance[loan] = now
        interest = self._interest(loan)
        asked = np.minimum((self.payment[loan] - interest).clip(0), now)
        asking = ~gone
        end = MonthEnd(month, loan, through, paid, np.where(asking, asked, 0), np.where(asking, interest, 0),
                       regular=due & asking, forgiven=forgiven)  # fmt: skip
        terms = Terms((self.rate[loan] + 5) // 10, self.opened_on[loan], self.matures_on[loan])
        accounts.month_end(end, now, terms, np.where(lost, paid, 0))
        self._send_endings(month, told, which, before)

    def _interest(self, loan: Ints) -> Ints:
        """A month's interest on the balance, cents."""
        return np.asarray(np.rint(self.balance[loan] * (self.rate[loan] / 1_200_000)).astype(np.int64))

    def _ended(self, told: _Told, which: Ints, kinds: tuple[str, ...]) -> Flags:
        return np.isin(told.ended[which], [ENDINGS.words.index(kind) for kind in kinds])

    def _send_endings(self, month: int, told: _Told, which: Ints, owed: Ints) -> None:
        book, loan = self.accounts.book, told.loan[which]
        parts = [book.events(loan[at], month, event, owed[at]) for kind, event in GONE.items()
                 if (at := self._ended(told, which, (kind,))).any()]  # fmt: skip
        sold = self._ended(told, which, ("foreclosure",))
        if sold.any():
            parts.append(book.events(loan[sold], month, "repossession", told.proceeds[which][sold]))
        if parts:
            book.send("loan_event", month, pa.concat_tables(parts))
