"""Card clients of a bank in Taiwan, six months side by side: bill, payment, months late (UCI, Yeh and Lien 2009).

The file says, client by month from April to September 2005: PAY = -2, -1, 0 not late, 1 to 9 so many months late (9: or
more); BILL_AMT what the bill of the month asks for, NT$; PAY_AMT what was paid in the month. The bill of a month is the one
before, less what was paid, plus what was spent. What is assumed, and why:

- *An account is a loan*, a client its account. The balance is the bill; one below nothing is nothing owed. A client without
  a bill has no loan yet, whatever its status. Where a first bill goes back to nothing without a payment, a cent stays: a loan
  is of something.
- *The due day is the 15th*; k months late = the oldest unpaid instalment is k months old: 13 + 30 k to 18 + 30 k days.
- *An unpaid month asks for NT$ 1*: the least that is due on a bill is not published. Days past due are the file's,
  amounts in arrears are placeholders; money that came in is the file's, to the dollar.
- *Status decides, not money*: a client who paid and is as late as before has paid for older months, one who paid nothing
  and is not late any more has had the instalment cancelled (it is sent again as 0).
- *Spending* is what the bill rose by beyond what was paid, interest and fees included, one sum on the last day of the month,
  from May on. The file knows of no consent: what rests on behaviour has no basis until consents are delivered.
- Sex, education, marriage, age and the outcome in October have no place in a feed and are not read.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch.adapters.accounts import Accounts, Terms
from loanwatch.adapters.arrears import Ints, MonthEnd
from loanwatch.adapters.monthly import NO_MATURITY, Book, Given, Months
from loanwatch.columns import Column, minor, number
from loanwatch.errors import UsageError

MONTHS, DUE_DAY, ASKED_MINOR, MOST_LATE = 6, 15, 100, 9
READS = {"client": (
    number("number", "The client's number."),
    *(Column(f"late_{month}", "int", "Months late at the end of the month; 0 or below = not late.", required=True,
             at_least=-2, at_most=MOST_LATE) for month in range(1, MONTHS + 1)),
    *(minor(f"bill_{month}_minor", "Bill of the month; negative = the client has credit.", at_least=None)
      for month in range(1, MONTHS + 1)),
    *(minor(f"paid_{month}_minor", "Paid in the month.") for month in range(1, MONTHS + 1)),
)}  # fmt: skip
"""Month 1 is the oldest; the last one is that of the business date."""


def taiwan_cards(given: Given) -> None:
    """Deliveries of six month-ends."""
    rows = given.tables["client"]
    numbers = rows["number"].combine_chunks()
    if twice := len(numbers) - len(numbers.unique()):
        raise UsageError(f"{twice} rows repeat a client's number; a client is one row")
    late, bill, paid = (_wide(rows, name) for name in ("late_{}", "bill_{}_minor", "paid_{}_minor"))
    last = MONTHS - 1
    first = rows["business_on"][0].as_py()
    months = Months(np.datetime64(first, "M") - last, DUE_DAY)
    accounts = Accounts(Book(given, numbers, months, -MOST_LATE - 1, "TWD", "consumer"), last)
    loan = np.arange(len(numbers))
    given.say(f"{len(loan)} clients, {months.end(0)} to {months.end(last)}")
    accounts.book.send_parties(0, "abs")
    for month in range(MONTHS):
        accounts.come_in(month, loan)
        through = np.where(late[:, month] > 0, month - late[:, month] - 1, month)
        accounts.month_end(_told(month, loan, through, paid[:, month]), bill[:, month].clip(0), _terms(months, through))
        spent = bill[:, month] - bill[:, month - 1] + paid[:, month] if month else np.zeros_like(loan)
        accounts.book.send("behaviour", month, spending(accounts.book, month, spent), even_empty=True)


def _wide(rows: pa.Table, name: str) -> Ints:
    return np.column_stack([rows[name.format(month)].to_numpy() for month in range(1, MONTHS + 1)]).astype(np.int64)


def _told(month: int, loan: Ints, through: Ints, paid: Ints) -> MonthEnd:
    nothing, no = np.zeros_like(loan), np.zeros(len(loan), bool)
    return MonthEnd(month, loan, through, paid, nothing + ASKED_MINOR, nothing, regular=no, forgiven=no)


def _terms(months: Months, through: Ints) -> Terms:
    """No rate, no day of opening and no maturity are published: opened in the month of the oldest instalment."""
    nothing = np.zeros_like(through)
    return Terms(nothing, months.opens(through), np.full(len(through), NO_MATURITY))


def spending(book: Book, month: int, spent: Ints) -> pa.Table:
    """A month's spending of each client who spent, as one event."""
    which = np.flatnonzero(spent > 0)
    same = len(which)
    return pa.table({
        "event_id": pc.binary_join_element_wise(book.numbers.take(pa.array(which)), f"{month + 1}.spend", "."),
        "happened_on": pa.array([book.months.end(month)] * same, pa.date32()),
        "customer_id": book.ids(which), "kind": pa.array(["spend"] * same, pa.string()),
        "times": pa.array(np.ones(same, np.int32)), "amount_minor": spent[which],
        "currency": pa.array([book.currency] * same, pa.string()),
    })  # fmt: skip
