"""Loans that are credit-impaired in our accounts, from 90 days past due on, whose chance of default has moved, and what firms
owe to other lenders."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loanwatch.synth.columns import amounts, constant, dates
from loanwatch.synth.plan import NEVER, Ints
from loanwatch.synth.share import Share

ALLOWANCE_BP, WORSE_AFTER_DAYS = ((2_000, 6_000), (6_000, 10_000)), 180  # when it becomes impaired, and a while later
SEEN_DAYS, MOVED = 60, 0.02  # before a default its chance has risen; it has moved of so many others
DEBT_OF_LOANS, OVERDUE, OVERDUE_PART = 0.8, 0.1, 0.5  # elsewhere: of what is lent here; of the firms; of their debt


def impairment(share: Share) -> tuple[Ints, pa.Table]:
    """The `impairment` rows of one partner's loans in order of the day from which they are true; and that day."""
    draw, default_on = share.plan.stream("impairment", share.loans.partner), share.accounts.default_on
    loan, day, allowance_bp = [], [], []
    for place, (low, high) in enumerate(ALLOWANCE_BP):
        since = default_on + 1 + place * WORSE_AFTER_DAYS
        told = np.flatnonzero((default_on < NEVER) & (since <= np.minimum(share.plan.last, share.accounts.closed_on)))
        loan.append(told)
        day.append(since[told])
        allowance_bp.append(draw.integers(low, high, len(told)))
    rows, on, bp = (np.concatenate(column) for column in (loan, day, allowance_bp))
    order = np.argsort(on, kind="stable")
    rows, on, bp = rows[order], on[order], bp[order]
    gross = share.loans.principal_minor[rows]
    return on, pa.table({
        "loan_id": share.loan_ids.take(pa.array(rows)),
        "valid_from": dates(on),
        "credit_impaired": pa.repeat(pa.scalar(True), len(rows)),
        "gross_minor": amounts(gross),
        "allowance_minor": amounts(gross * bp // 10_000),
    })  # fmt: skip


def default_probability(share: Share) -> tuple[Ints, pa.Table]:
    """The `default_probability` rows of one partner's loans, where it has moved since it was first booked; and the day of each."""
    draw, default_on = share.plan.stream("default probability", share.loans.partner), share.accounts.default_on
    opened_on, defaults = share.loans.opened_on, default_on < NEVER
    moved = draw.random(len(opened_on)) < MOVED
    since = np.where(defaults, np.maximum(default_on - SEEN_DAYS, opened_on), opened_on + SEEN_DAYS)
    told = np.flatnonzero((defaults | moved) & (since <= np.minimum(share.plan.last, share.accounts.closed_on)))
    told = told[np.argsort(since[told], kind="stable")]
    opening = draw.integers(50, 300, len(told))
    times = np.where(defaults[told], 1.5 + 3 * draw.random(len(told)), 0.5 + draw.random(len(told)))
    return since[told], pa.table({
        "loan_id": share.loan_ids.take(pa.array(told)),
        "valid_from": dates(since[told]),
        "pd_bp": amounts((opening * times).astype(np.int64)),
        "opening_pd_bp": amounts(opening),
    })  # fmt: skip


def debt_elsewhere(share: Share) -> tuple[Ints, pa.Table]:
    """The `debt_elsewhere` rows about one partner's firms, asked for with the first loan; and the day of each."""
    draw, since = share.plan.stream("debt elsewhere", share.loans.partner), share.loans.customer_since
    firms = np.flatnonzero(share.persons.firm & (since <= share.plan.last))
    firms = firms[np.argsort(since[firms], kind="stable")]
    lent = np.bincount(share.loans.customer, share.loans.principal_minor, share.loans.customers)[firms]
    debt = (lent * DEBT_OF_LOANS * draw.exponential(1.0, len(firms))).astype(np.int64)
    part = np.where(draw.random(len(firms)) < OVERDUE, draw.random(len(firms)) * OVERDUE_PART, 0)
    return since[firms], pa.table({
        "customer_id": share.customer_ids.take(pa.array(firms)),
        "valid_from": dates(since[firms]),
        "currency": constant("CNY", len(firms)),
        "debt_minor": amounts(debt),
        "overdue_90d_minor": amounts((debt * part).astype(np.int64)),
    })  # fmt: skip
