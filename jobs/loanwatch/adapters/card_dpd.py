"""Monthly status of card customers (data without a single amount): a book in which only the clock means something.

The file says, customer by month: 0 to 5 = past due by 1-29, 30-59, 60-89, 90-119, 120-149, 150 or more days or written
off; C = paid off that month; X = no loan that month. What is assumed, and why:

- *An account is a loan*, a customer its account. Each month with a status 0 to 5 asks for one unit of money; unit and
  currency are placeholders. The balance is the number of unpaid months.
- *The due day is the 15th*: then k + 1 unpaid months are 13 + 30 k to 18 + 30 k days at a month-end, and fall within the
  status that they came from.
- *Status 5 goes on getting older*: another 5 is one more unpaid month, for nothing says that one was paid.
- *X after 0 or C is no debt*; X after 1 to 5 is not: "no loan" does not say that a debt of more than a month was paid, and
  disappearing is no recovery. It stays unpaid until the file says C or another status.
- *A customer of whom there are no more months* is left as the last one says: the clock runs on.
- *A status that jumps* (0, then 3) says that earlier months were unpaid after all; they are asked for again.
- *When*: the file counts months back from the one it was drawn in, which it does not name. The mapping does.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch.adapters.accounts import Accounts, Terms
from loanwatch.adapters.arrears import Ints, MonthEnd
from loanwatch.adapters.monthly import NO_MATURITY, Book, Given, Months, by_month
from loanwatch.codes import Code, CodeList
from loanwatch.columns import Column, number

STATUSES = CodeList("card status", tuple(Code(*row) for row in (
    ("late_0", "1-29 days", "1-29天"), ("late_1", "30-59 days", "30-59天"), ("late_2", "60-89 days", "60-89天"),
    ("late_3", "90-119 days", "90-119天"), ("late_4", "120-149 days", "120-149天"),
    ("late_5", "150 days or more, or written off", "150天以上或核销"),
    ("paid_off", "Paid off in the month", "当月结清"), ("no_loan", "No loan in the month", "当月无贷款"),
)))  # fmt: skip
READS = {"month": (
    number("number", "The customer's number."),
    Column("months_ago", "int", "Months before the one in which the file was drawn: 0, -1, -2 …", required=True,
           at_least=-600, at_most=0),
    Column("status", doc="Status at the end of the month.", required=True, codes=STATUSES),
)}  # fmt: skip
DUE_DAY, UNIT_MINOR = 15, 100
LATE, OLDEST, PAID_OFF, NO_LOAN = 1, 5, 6, 7  # places among the statuses; LATE: 30 days or more, up to OLDEST


def card_dpd(given: Given) -> None:
    """Deliveries of every month-end: accounts that come in, units asked for and paid."""
    rows = given.tables["month"]
    encoded = pc.dictionary_encode(rows["number"].combine_chunks())
    loan = encoded.indices.to_numpy().astype(np.int64)
    drawn = rows["business_on"].to_numpy().astype("datetime64[M]")
    month = drawn + rows["months_ago"].to_numpy()
    months = Months(month.min(), DUE_DAY)
    month = (month - months.first).astype(np.int64)
    status = pc.index_in(rows["status"], pa.array(STATUSES.words)).to_numpy().astype(np.int64)
    order, twice = by_month(loan, month)
    book = Book(given, encoded.dictionary, months, -OLDEST - 2, "USD", "consumer")
    last = int(month.max())
    given.say(f"{len(book.numbers)} accounts, {len(order)} months, {months.end(0)} to {months.end(last)}; {twice} repeated")
    accounts, before = Accounts(book, last), np.full(len(book.numbers), NO_LOAN)
    book.send_parties(0, "abs")
    cuts = np.searchsorted(month[order], np.arange(last + 2))
    for at, (start, end) in enumerate(pairwise(cuts)):
        here = order[start:end]
        accounts.come_in(at, loan[here])
        _month_end(accounts, at, loan[here], status[here], before)


def _month_end(accounts: Accounts, month: int, loan: Ints, status: Ints, before: Ints) -> None:
    """One month-end; `before` are the statuses that stood until now, by account."""
    stays = (status == NO_LOAN) & (before[loan] >= LATE) & (before[loan] <= OLDEST)
    loan, status = loan[~stays], status[~stays]
    through = np.where(status <= OLDEST, month - status - 1, month)
    still = (status == OLDEST) & (before[loan] == OLDEST)
    through = np.where(still, np.minimum(through, accounts.schedules.through[loan]), through)
    before[loan] = status
    nothing, no = np.zeros_like(loan), np.zeros(len(loan), bool)
    told = MonthEnd(month, loan, through, None, nothing + UNIT_MINOR, nothing, regular=no, forgiven=no)
    opened_on = accounts.book.months.opens(np.minimum(through + 1, month))
    terms = Terms(nothing, opened_on, np.full(len(loan), NO_MATURITY))
    accounts.month_end(told, UNIT_MINOR * (month - through), terms)
