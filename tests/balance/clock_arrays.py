"""Loans of the reference as the arrays that the clock takes, and its readings as dates and numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from balance.clock_reference import Event, Loan

from loanwatch.balance.clock.book import MOVED, NEVER, REPLACED, TECHNICAL, Claims, Events, Money
from loanwatch.balance.clock.history import history, past_statuses
from loanwatch.balance.clock.readings import read
from loanwatch.convention import COMPONENTS, Convention


def read_all(book: list[Loan], as_of: date, convention: Convention, closed: set[date]) -> dict[str, list[Any]]:
    """The readings of some loans, by name, a value a loan."""
    arrays, shut = _book(book, closed)
    readings = read(*arrays, np.full(len(book), date.toordinal(as_of)), convention, shut)
    return {name: [_said(name, value) for value in values.tolist()] for name, values in vars(readings).items()}


def history_of(book: list[Loan], as_of: date, convention: Convention, closed: set[date]) -> dict[str, list[Any]]:
    """The history of some loans, by name, a value a loan; lately is in the month of the day."""
    arrays, shut = _book(book, closed)
    days, since = np.full(len(book), date.toordinal(as_of)), date.toordinal(as_of.replace(day=1))
    return {name: values.tolist() for name, values in vars(history(*arrays, days, since, convention, shut)).items()}


def past_of(book: list[Loan], wanted: list[int], ends: list[date], convention: Convention, closed: set[date]) -> list[str]:
    """How some loans stood on the first so many of some days."""
    (claims, events, _), shut = _book(book, closed)
    paid = [(place, date.toordinal(day), amount) for place, loan in enumerate(book) for day, amount, _ in loan.paid]
    days = [date.toordinal(day) for day in ends]
    return past_statuses(claims, events, _arrays(paid, 3), np.array(wanted), days, convention, shut)


def _book(book: list[Loan], closed: set[date]) -> tuple[tuple[Claims, Events, Money], Any]:
    claims, events, money = [], [], []
    for place, loan in enumerate(book):
        claims += [(place, *row) for row in _claims(loan)]
        events += [(place, *row) for row in _events(loan)]
        money += [(place, date.toordinal(day), amount) for day, amount, _ in loan.paid]
    shut = np.array(sorted(map(date.toordinal, closed)))
    return (Claims(*_arrays(claims, 9)), Events(*_arrays(events, 7)), Money.of(*_arrays(money, 3))), shut


def _claims(loan: Loan) -> list[tuple[int, ...]]:
    rows = []
    for i in loan.instalments:
        for component, amount in (("interest", i.interest), ("principal", i.principal)):
            due = date.toordinal(i.due)
            place = COMPONENTS.index(component)  # type: ignore[arg-type]
            rows.append((i.schedule, i.number, place, date.toordinal(loan.agreed[i.schedule]), due, due, amount, amount))
    for c in loan.charges:
        due = date.toordinal(max(c.due, c.charged))
        rows.append((-1, -1, 0, date.toordinal(c.charged), due, due, c.amount, c.amount))
    return rows


def _events(loan: Loan) -> list[tuple[int, ...]]:
    first = min(loan.agreed)
    rows = [(date.toordinal(day), REPLACED, 0, 0, 0, n) for n, day in loan.agreed.items() if n != first]
    replaced = {row[0] for row in rows}
    for event in loan.events:
        row = _event(event)
        if row and (row[1] == TECHNICAL or row[0] not in replaced):
            rows.append(row)
    return sorted(rows, key=lambda row: row[0])


def _event(event: Event) -> tuple[int, ...] | None:
    day, until = date.toordinal(event.day), date.toordinal(event.until or event.day)
    first = date.toordinal(event.first or event.day)
    return {
        "holiday": (day, MOVED, first, until, until, 0),
        "extension": (day, MOVED, first, until, until, 0),
        "acceleration": (day, MOVED, day + 1, NEVER, day, 0),
        "re_age": (day, MOVED, 0, day - 1, until, 0),
        "technical": (day, TECHNICAL, first, until, 0, 0),
    }.get(event.kind)


def _arrays(rows: list[tuple[int, ...]], width: int) -> list[Any]:
    return list(np.array(rows, np.int64).reshape(-1, width).T)


def _said(name: str, value: Any) -> Any:
    if name.endswith(("_since", "_on")):
        return None if value == NEVER else date.fromordinal(value)
    return value
