"""Guarantees of loans for business: taken with the loan, called upon after a while in arrears, or not in time."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch import codes
from loanwatch.synth import words
from loanwatch.synth.columns import amounts, constant, dates, numbered
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.contracts import BUSINESS
from loanwatch.synth.plan import NEVER, Ints
from loanwatch.synth.share import Share

KINDS = codes.GUARANTEES.words
GUARANTEED, JOINT, AGREED, IN_PART, RECOGNISED = 0.3, 0.8, 0.5, 0.2, 0.1
AGREED_DAYS = 730  # after the last due date
CALLED, CALLED_AFTER_DAYS = 0.8, 100
BY_FIRM, WORTH_TOLD, WORTH_TIMES = 0.3, 0.7, 3  # of the guarantors; of what is lent
OFFICERS = 40


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


def guarantee_detail(share: Share, day: Ints, guarantees: pa.Table) -> tuple[Ints, pa.Table]:
    """The `guarantee_detail` row of each guarantee when it was taken; and the day of each."""
    taken = guarantees["called_on"].is_null().to_numpy()
    given, since = guarantees.filter(pa.array(taken)), day[taken]
    draw, rows = share.plan.stream("guarantors", share.loans.partner), len(since)
    firm, told = draw.random(rows) < BY_FIRM, draw.random(rows) < WORTH_TOLD
    number = draw.integers(0, 10**8, rows)
    names = chosen(words.NAMES, draw.integers(0, len(words.NAMES), rows))
    worth = draw.integers(1, 10**8, rows) * WORTH_TIMES
    return since, pa.table({
        "loan_id": given["loan_id"],
        "guarantee_id": given["guarantee_id"],
        "valid_from": dates(since),
        "contract_id": pc.binary_join_element_wise(given["loan_id"].combine_chunks(), "B1", "-"),
        "signed_on": dates(since),
        "maximum": pa.array(draw.random(rows) < IN_PART),
        "officer_no": numbered("E", draw.integers(0, OFFICERS, rows), 4),
        "of_firm": pa.array(firm),
        "guarantor_name": pc.if_else(pa.array(firm), pc.binary_join_element_wise(names, "商贸有限公司", ""), names),
        "guarantor_id_type": chosen(("id_card", "credit_code"), firm.astype(np.int64)),
        "guarantor_id_number": pc.if_else(pa.array(firm), numbered("91440300MA", number, 8), numbered("3101011980", number, 8)),
        "net_worth_minor": amounts(worth, ~told),
        "net_worth_currency": chosen(("CNY", None), (~told).astype(np.int64)),
    })  # fmt: skip
