"""Since when arrears are material: the counter of CRR art. 178 and EBA/GL/2016/07.

Material = more than an amount and more than a part of the exposure, both. The counter runs from the day on which both
are first exceeded, and starts anew once either is not (domain 2.3).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from loanwatch.balance.clock.allocation import Epoch, covered
from loanwatch.balance.clock.book import NEVER, PRINCIPAL, Flags, Ints, Money, day_of, key_of, loan_of
from loanwatch.convention import Convention


def material_since(past: Sequence[Epoch], money: Money, as_of: Ints, arrears: Ints, convention: Convention) -> Ints:
    """By loan, the first day of the unbroken run of material arrears that holds on its day `as_of`; NEVER for none.

    Looks backwards from change to change, and only at loans whose run has not been broken yet.
    """
    result = np.full(len(arrears), NEVER)
    if convention.material_minor is None:
        return result
    running = arrears > 0
    until = as_of
    for epoch in reversed(past):
        moments = _changes(epoch, money, until, running, convention)
        loan = loan_of(moments)
        last = np.searchsorted(loan, np.arange(len(arrears)), "right") - 1
        step = 0
        while len(who := np.flatnonzero(running & (last - step >= 0))):
            who = who[loan[last[who] - step] == who]
            if not len(who):
                break
            day = until.copy()
            day[who] = day_of(moments[last[who] - step])
            holds = _material(epoch, money, day, convention)
            result[who[holds[who]]] = day[who[holds[who]]]
            running[who[~holds[who]]] = False
            step += 1
        until = np.where(epoch.start >= 0, np.minimum(until, epoch.start - 1), until)
    return result


def _material(epoch: Epoch, money: Money, day: Ints, convention: Convention) -> Flags:
    claims = epoch.claims
    unpaid = claims.amount - covered(epoch, money, day, convention)
    past_due = claims.effective + convention.grace_days < day[claims.loan]
    arrears, exposure = np.zeros(len(day), np.int64), np.zeros(len(day), np.int64)
    np.add.at(arrears, claims.loan[past_due], unpaid[past_due])
    owed = past_due | (claims.component == PRINCIPAL)
    np.add.at(exposure, claims.loan[owed], unpaid[owed])
    return (arrears > (convention.material_minor or 0)) & (10_000 * arrears > convention.material_bp * exposure)


def _changes(epoch: Epoch, money: Money, until: Ints, running: Flags, convention: Convention) -> Ints:
    """The days of an epoch on which arrears may change, as sorted keys, of the loans that are still looked at."""
    claims = epoch.claims
    loan = np.r_[claims.loan, loan_of(money.key), np.arange(len(until))]
    falls = claims.effective + convention.grace_days + 1
    day = np.r_[falls, day_of(money.key), np.maximum(epoch.start, 0)]
    day = np.maximum(day, epoch.start[loan])
    return np.unique(key_of(loan, day)[running[loan] & (day <= until[loan])])
