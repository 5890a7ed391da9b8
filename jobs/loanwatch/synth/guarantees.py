"""Guarantees of loans for business: taken with the loan, called upon after a while in arrears, or not in time."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loanwatch import codes
from loanwatch.synth.columns import amounts, constant, dates
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.contracts import BUSINESS
from loanwatch.synth.plan import NEVER, Ints
from loanwatch.synth.share import Share

KINDS = codes.GUARANTEES.words
GUARANTEED, JOINT, AGREED, IN_PART, RECOGNISED = 0.3, 0.8, 0.5, 0.2, 0.1
AGREED_DAYS = 730  # after the last due date
CALLED, CALLED_AFTER_DAYS = 0.8, 100


def guarantee(share: Share) -> tuple[Ints, pa.Table]:
    """The `guarantee` rows of one partner in order of the day from which they are true; and that day."""
    draw, loans = share.plan.stream("guarantees", share.loans.partner), share.loans
    loan = np.flatnonzero((loans.product == BUSINESS) & (draw.random(len(loans)) < GUARANTEED))
    joint, agreed, part, called, recognised = (draw.random(len(loan)) < of for of in (JOINT, AGREED, IN_PART, CALLED, RECOGNISED))
    due_on = share.schedule.due_on[share.schedule.first[1:][loan] - 1]
    arrears_on = share.accounts.default_arrears_on[loan]
    called_on = np.where(called & (arrears_on < NEVER), arrears_on + CALLED_AFTER_DAYS, NEVER)
    again = np.flatnonzero(called_on <= np.minimum(share.plan.last, share.accounts.closed_on[loan]))
    row = np.concatenate([np.arange(len(loan)), again])
    day = np.concatenate([loans.opened_on[loan], called_on[again]])
    order = np.argsort(day, kind="stable")
    row, day, calls = row[order], day[order], order >= len(loan)
    return day, pa.table({
        "loan_id": share.loan_ids.take(pa.array(loan[row])),
        "guarantee_id": constant("1", len(row)),
        "valid_from": dates(day),
        "kind": chosen(KINDS, np.where(joint, 0, 1)[row]),
        "guaranteed_minor": amounts(loans.principal_minor[loan][row] // 2, ~part[row]),
        "until_on": dates(np.where(agreed, due_on + AGREED_DAYS, NEVER)[row]),
        "called_on": dates(np.where(calls, called_on[row], NEVER)),
        "active": pa.repeat(pa.scalar(True), len(row)),
        "recognised": pa.array(recognised[row]),
    })  # fmt: skip
