"""What adapters of month-end files share: months as numbers, loans as places, rows of the feeds they all send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch.adapters.arrears import Flags, Instalments, Ints
from loanwatch.adapters.deliveries import Inbox

Days = npt.NDArray[np.datetime64]
ONE_DAY = np.timedelta64(1, "D")
NO_MATURITY = np.datetime64("2099-12-31")  # of an account that has none


@dataclass(frozen=True)
class Given:
    """What a function gets: the rows that the mapping reads for it, where deliveries go, what the mapping is about."""

    tables: dict[str, pa.Table]
    inbox: Inbox
    about: str
    say: Callable[[str], None]


@dataclass(frozen=True)
class Months:
    """The months of a book, numbered from 0; every instalment falls due on the same day of its month."""

    first: np.datetime64
    due_day: int

    def of(self, days: pa.Array | pa.ChunkedArray) -> Ints:
        """The number of the month of each day."""
        stamps = days.cast(pa.timestamp("s")).to_numpy()
        return np.asarray((stamps.astype("datetime64[M]") - self.first).astype(np.int64))

    def opens(self, number: Ints | int) -> Days:
        """The first day of a month."""
        return np.asarray((self.first + number).astype("datetime64[D]"))

    def due(self, number: Ints | int) -> Days:
        return np.asarray(self.opens(number) + (self.due_day - 1))

    def end(self, number: int) -> date:
        """The last day of a month."""
        return date.fromisoformat(str(self.opens(number + 1) - ONE_DAY))


@dataclass(frozen=True)
class Book:
    """The loans of a file, each its own customer, by the partner's number; where they go and by which months."""

    given: Given
    numbers: pa.Array
    months: Months
    base: int  # the earliest month an instalment can be of
    currency: str
    product: str

    @property
    def partner(self) -> str:
        return self.given.inbox.partner

    def ids(self, loan: Ints) -> pa.Array:
        numbers = self.numbers.take(pa.array(loan))
        return pc.binary_join_element_wise(pa.scalar(self.partner), numbers, ":")

    def send(self, feed: str, month: int, rows: pa.Table, *, even_empty: bool = False) -> None:
        self.given.inbox.send(feed, self.months.end(month), rows, even_empty=even_empty)

    def send_parties(self, month: int, kind: str) -> None:
        """The partner and its one pool, once."""
        name = pa.array([self.given.about])
        self.send("partner", month, pa.table({"partner_id": [self.partner], "name": name, "role": ["originator"]}))
        pool = {"pool_id": [self.partner], "partner_id": [self.partner], "kind": [kind], "currency": [self.currency]}
        self.send("pool", month, pa.table({**pool, "name": name}))

    def send_borrowers(self, month: int, loan: Ints, region: pa.Array | None = None) -> None:
        """Customers who come in: no personal data is published, each is its number."""
        ids, numbers = self.ids(loan), self.numbers.take(pa.array(loan))
        rows = {"customer_id": ids, "name": pc.binary_join_element_wise(pa.scalar("customer"), numbers, " ")}
        self.send("borrower", month, pa.table(rows | ({} if region is None else {"region": region})))

    def loans(self, loan: Ints, principal: Ints, rate_bp: Ints, opened_on: Days, matures_on: Days) -> pa.Table:
        """Contracts as they stand; a loan of no principal yet is none."""
        which = np.flatnonzero(principal > 0)
        same = len(which)
        return pa.table({
            "loan_id": self.ids(loan[which]), "customer_id": self.ids(loan[which]), "pool_id": [self.partner] * same,
            "product": [self.product] * same, "currency": [self.currency] * same, "principal_minor": principal[which],
            "rate_bp": rate_bp[which], "opened_on": opened_on[which], "matures_on": matures_on[which],
        })  # fmt: skip

    def instalments(self, sent: Instalments, month: int) -> pa.Table:
        """The one schedule a loan has, numbered by month: agreed on the first of the month, or of this one if it is to come."""
        return pa.table({
            "loan_id": self.ids(sent.loan),
            "schedule_no": pa.array(np.ones(len(sent.loan), np.int32)),
            "instalment_no": pa.array((sent.month - self.base + 1).astype(np.int32)),
            "agreed_on": self.months.opens(np.minimum(sent.month, month)),
            "due_on": self.months.due(sent.month),
            "principal_minor": sent.principal,
            "interest_minor": sent.interest,
        })  # fmt: skip

    def repayments(self, loan: Ints, month: int, paid: Ints, payer: str = "borrower") -> pa.Table:
        """A month's money, dated on the due day of the month: the files have months, not days."""
        which = np.flatnonzero(paid > 0)
        numbers, name = self.numbers.take(pa.array(loan[which])), str(self.months.opens(month))[:7]
        return pa.table({
            "repayment_id": pc.binary_join_element_wise(numbers, f"{name}.{payer}", "."),
            "paid_on": np.full(len(which), self.months.due(month)),
            "loan_id": self.ids(loan[which]),
            "paid_minor": paid[which],
            "payer": pa.array([payer] * len(which), pa.string()),
        })  # fmt: skip

    def events(self, loan: Ints, month: int, kind: str, amount: Ints) -> pa.Table:
        """What happened to loans, on the month-end that shows it."""
        numbers, name = self.numbers.take(pa.array(loan)), str(self.months.opens(month))[:7]
        return pa.table({
            "event_id": pc.binary_join_element_wise(numbers, f"{name}.{kind}", "."),
            "happened_on": np.full(len(loan), np.datetime64(self.months.end(month))),
            "loan_id": self.ids(loan),
            "kind": pa.array([kind] * len(loan), pa.string()),
            "amount_minor": pa.array(amount, pa.int64()),
        })  # fmt: skip


def by_month(loan: Ints, month: Ints) -> tuple[Ints, int]:
    """The rows in order of month and loan; of two of one loan and month the later counts. And how many were left out."""
    order = np.lexsort((np.arange(len(loan)), loan, month))
    last: Flags = np.r_[(np.diff(loan[order]) != 0) | (np.diff(month[order]) != 0), True][: len(order)]
    return order[last], int((~last).sum())
