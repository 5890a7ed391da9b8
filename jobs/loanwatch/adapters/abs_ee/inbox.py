"""The deliveries: the book at the first month-end, then what each month brought."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from loanwatch.adapters.abs_ee import contracts, rows
from loanwatch.adapters.abs_ee.cash import months
from loanwatch.adapters.abs_ee.endings import NEVER, endings
from loanwatch.adapters.abs_ee.schedule import schedule
from loanwatch.adapters.abs_ee.tape import PARTNER, read
from loanwatch.adapters.deliveries import Inbox, free


def abs_ee(files: Sequence[Path], out: Path, say: Callable[[str], None]) -> None:
    """Write `out/inbox` from files of the ABS-EE layout; UsageError if they are not, or if it is taken."""
    inbox = Inbox(free(out), PARTNER)
    tape = read(files)
    book = rows.Book(tape, endings(tape), schedule(tape))
    ends = [end.item() for end in tape.month_ends]
    say(f"{len(tape)} loans in {tape.fields['pool'].nunique()} pools, {len(ends)} month-ends {ends[0]} to {ends[-1]}")
    send_book(inbox, book, ends[0])
    send_months(inbox, book, ends)
    say(
        f"settled={(book.ends.settled < NEVER).sum()} written_off={(book.ends.written_off < NEVER).sum()} "
        f"of_which_charged_off={(book.ends.charged_off < NEVER).sum()}; deliveries in {inbox.folder}"
    )


def send_book(inbox: Inbox, book: rows.Book, on: date) -> None:
    """The first deliveries: parties, contracts, collateral, the schedule and the first month."""
    tape, everything = book.tape, np.arange(len(book.tape))
    inbox.send("partner", on, contracts.partner(tape))
    inbox.send("pool", on, contracts.pool(tape))
    inbox.send("borrower", on, contracts.borrower(tape))
    inbox.send("loan", on, contracts.loan(tape, book.schedule, contracts.principal_at_start(tape), everything))
    inbox.send("instalment", on, rows.first_instalments(book))
    inbox.send("asset", on, contracts.asset(tape))
    inbox.send("pledge", on, contracts.pledge(tape))
    inbox.send("valuation", on, contracts.valuation(tape))
    inbox.send("repayment", on, rows.first_repayments(book), even_empty=True)
    inbox.send("loan_event", on, rows.loan_event(book, 0))


def send_months(inbox: Inbox, book: rows.Book, ends: Sequence[date]) -> None:
    """One month-end after the other; repayments even where nobody paid, for silence would read as missing."""
    principal = contracts.principal_at_start(book.tape)
    for month in months(book.tape, book.ends, book.schedule):
        on = ends[month.number]
        principal = principal + month.raised
        raised = np.flatnonzero(month.raised)
        inbox.send("loan", on, contracts.loan(book.tape, book.schedule, principal, raised))
        inbox.send("instalment", on, rows.month_instalments(book, month))
        inbox.send("repayment", on, rows.repayment(book, month), even_empty=True)
        inbox.send("loan_event", on, rows.loan_event(book, month.number))
