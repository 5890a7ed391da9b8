"""What is known about loans, a row a thing, as the arrays that the clock takes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from loanwatch.balance.clock.book import (
    FEE,
    INTEREST,
    MOVED,
    NEVER,
    PRINCIPAL,
    REPLACED,
    TECHNICAL,
    Claims,
    Events,
    Flags,
    Ints,
    Money,
    key_of,
)

HEAD, INSTALMENT, CHARGE, EVENT, MONEY = range(5)
SAID = ("extension", "holiday", "re_age", "acceleration", "technical", "write_off")
# What a row holds, by `what`:   HEAD        INSTALMENT    CHARGE      EVENT         MONEY
#   number                       convention  instalment_no -           kind          -
#   schedule                     -           schedule_no   -           -             -
#   on                           read on     agreed_on     charged_on  happened_on   paid_on
#   first                        -           due_on        due_on      from_on       -
#   last                         -           -             -           until_on      -
#   one, other                   months, -   principal, interest | amount, - | - | by anybody, by the borrower


def money_of(rows: Mapping[str, Ints], payers: str) -> Money:
    """What came in to stay: `one` by anybody, `other` by the borrower."""
    return Money.of(*payments_of(rows, payers))


def payments_of(rows: Mapping[str, Ints], payers: str) -> tuple[Ints, Ints, Ints]:
    """Loan, day and amount of what came in, or was taken back."""
    paid = _where(rows, rows["what"] == MONEY)
    return paid["loan"], paid["on"], paid[payers]


def recovered_of(rows: Mapping[str, Ints], loans: int) -> tuple[Ints, Flags]:
    """What came in after the day a loan was written off, and whether it was."""
    off = _where(rows, (rows["what"] == EVENT) & (rows["number"] == SAID.index("write_off")))
    since = np.full(loans, NEVER)
    np.minimum.at(since, off["loan"], off["on"])
    paid = _where(rows, rows["what"] == MONEY)
    later = paid["on"] > since[paid["loan"]]
    result = np.zeros(loans, np.int64)
    np.add.at(result, paid["loan"][later], paid["one"][later])
    return result, since < NEVER


def claims_of(rows: Mapping[str, Ints]) -> Claims:
    """Instalments, two claims each, and charges."""
    parts: list[Claims] = []
    for what, component, amount in ((INSTALMENT, INTEREST, "other"), (INSTALMENT, PRINCIPAL, "one"), (CHARGE, FEE, "one")):
        of = _where(rows, rows["what"] == what)
        nothing = np.zeros(len(of["loan"]), np.int64)
        number, schedule = (of["number"], of["schedule"]) if what == INSTALMENT else (nothing - 1, nothing - 1)
        due = of["first"] if what == INSTALMENT else np.maximum(of["first"], of["on"])
        parts.append(Claims(of["loan"], schedule, number, nothing + component, of["on"], due, due, of[amount], of[amount]))
    return parts[0].and_(parts[1]).and_(parts[2])


def events_of(rows: Mapping[str, Ints]) -> Events:
    """Schedules that replace others, and what happened since; both in order."""
    plans = _where(rows, rows["what"] == INSTALMENT)
    said = _where(rows, rows["what"] == EVENT)
    replaced = _replacements(plans["loan"], plans["schedule"], plans["on"])
    moved = _moves(said)
    that_day = np.isin(key_of(moved.loan, moved.day), key_of(replaced.loan, replaced.day))
    together = replaced.and_(moved.where((moved.kind == TECHNICAL) | ~that_day))
    return together.where(np.lexsort((np.arange(len(together)), together.day, together.loan)))


def _replacements(loan: Ints, schedule: Ints, agreed_on: Ints) -> Events:
    if not len(loan):
        return Events(*[loan] * 7)
    pairs, at = np.unique(np.stack([loan, schedule]), axis=1, return_index=True)
    later = np.r_[False, pairs[0][1:] == pairs[0][:-1]]
    nothing = np.zeros(int(later.sum()), np.int64)
    return Events(pairs[0][later], agreed_on[at][later], nothing + REPLACED, nothing, nothing, nothing, pairs[1][later])


def _moves(said: Mapping[str, Ints]) -> Events:
    kind = np.array(SAID)[said["number"]]
    day, until = said["on"], said["last"]
    first = np.where(said["first"] == NEVER, day, said["first"])
    first = np.select([kind == "re_age", kind == "acceleration"], [0, day + 1], first)
    last = np.select([kind == "re_age", kind == "acceleration"], [day - 1, NEVER], until)
    target = np.where(kind == "acceleration", day, until)
    which = np.where(kind == "technical", TECHNICAL, MOVED)
    # Without the day it lasts until, an event moves nothing: a new schedule does.
    told = ((until != NEVER) | (kind == "acceleration")) & (kind != "write_off")
    return Events(said["loan"], day, which, first, last, target, np.zeros(len(day), np.int64)).where(told)


def _where(rows: Mapping[str, Ints], chosen: Flags) -> dict[str, Ints]:
    return {name: array[chosen] for name, array in rows.items()}
