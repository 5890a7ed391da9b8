"""What the institutions around the partners send: our ledger, the custodian bank, the valuer."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch.synth import words
from loanwatch.synth.columns import amounts, constant, dates, numbered
from loanwatch.synth.ledger import OPEN, Totals
from loanwatch.synth.payments import named_by_bank, split
from loanwatch.synth.plan import NEVER, Ints, Plan, first_of, month_of
from loanwatch.synth.sent import numbers
from loanwatch.synth.share import Share, partner_code, pool_codes

KNOWN_FOR_DAYS = 1100  # partners and pools were there before their oldest loan
BOOKED_NEXT_DAY = 0.3  # share of the days whose money the bank books a day later


def partner(plan: Plan, partners: int) -> pa.Table:
    """The institutions; the last one guarantees what it brings, and compensates."""
    roles = ["originator"] * (partners - 1) + ["guarantor"]
    return pa.table({
        "partner_id": [partner_code(number) for number in range(partners)],
        "valid_from": dates(np.full(partners, plan.first - KNOWN_FOR_DAYS)),
        "name": words.PARTNER_NAMES[: partners - 1] + words.PARTNER_NAMES[-1:],
        "role": roles,
    })  # fmt: skip


def pool(plan: Plan, partners: int) -> pa.Table:
    """The trust projects of all partners."""
    owners = [(number, code) for number in range(partners) for code in pool_codes(number)]
    return pa.table({
        "pool_id": [code for _, code in owners],
        "valid_from": dates(np.full(len(owners), plan.first - KNOWN_FOR_DAYS)),
        "partner_id": [partner_code(number) for number, _ in owners],
        "kind": constant("trust_project", len(owners)),
        "currency": constant("CNY", len(owners)),
        "name": [f"普惠{code[:3]}号集合资金信托计划{code[-1]}期" for _, code in owners],
    })  # fmt: skip


def control_total(share: Share, totals: Totals, day: int) -> pa.Table:
    """The ledger's totals of one partner's pools at the end of a day."""
    pools, column = len(share.pools), day - share.plan.first
    return pa.table({
        "partner_id": constant(share.code, pools),
        "pool_id": list(share.pools),
        "currency": constant("CNY", pools),
        "booked_on": dates(np.full(pools, day)),
        "loans": pa.array(totals.loans[:, column], pa.int32()),
        "balance_minor": amounts(totals.balance_minor[:, column]),
    })  # fmt: skip


def bank_entry(share: Share) -> tuple[Ints, pa.Table]:
    """Cash received and each booking day: an entry per pool and day, per pool and month for the history.

    Where a payment channel names the repayments, an entry each from the first day on.
    """
    plan, partner = share.plan, share.loans.partner
    payments = share.endings.payments
    payments = payments.where(np.argsort(payments.paid_on, kind="stable"))
    cash = split(partner, payments.paid_minor)[0]
    place = np.arange(len(payments))
    alone = np.where(named_by_bank(partner) & (payments.paid_on >= plan.first), place + 1, 0)
    of_day = share.pool[payments.loan] * NEVER + entry_days(plan, payments.paid_on)
    key, which = np.unique(of_day * (len(payments) + 1) + alone, return_inverse=True)
    of_day, named = np.divmod(key, len(payments) + 1)
    of_pool, day = np.divmod(of_day, NEVER)
    minor = np.bincount(which, cash, len(day)).astype(np.int64)
    draw = plan.stream("bank", partner)
    day = day + ((draw.random(len(day)) < BOOKED_NEXT_DAY) & (day >= plan.first))
    order = np.argsort(day, kind="stable")
    account = 6_217_000_000_000_000_000 + partner * 1000 + of_pool[order]
    return day[order], pa.table({
        "booked_on": dates(day[order]),
        "pool_id": pa.array(share.pools).take(pa.array(of_pool[order])),
        "partner_id": constant(share.code, len(order)),
        "currency": constant("CNY", len(order)),
        "amount_minor": amounts(minor[order]),
        "counterparty_account": numbered("", account, 19),
        "repayment_id": pc.if_else(pa.array(named[order] > 0), numbers(named[order] - 1), pa.scalar(None, pa.string())),
    })  # fmt: skip


def ledger_loan(share: Share) -> pa.Table:
    """The ledger's open loans of a partner's first pool at the end of the last day."""
    accounts, day = share.accounts, share.plan.last
    rows = np.flatnonzero((share.pool == 0) & (accounts.balance_minor > 0) & (accounts.state == OPEN))
    return pa.table({
        "loan_id": share.loan_ids.take(pa.array(rows)),
        "booked_on": dates(np.full(len(rows), day)),
        "partner_id": constant(share.code, len(rows)),
        "pool_id": constant(share.pools[0], len(rows)),
        "currency": constant("CNY", len(rows)),
        "balance_minor": amounts(accounts.balance_minor[rows]),
    })  # fmt: skip


def entry_days(plan: Plan, paid_on: Ints) -> Ints:
    """The day each payment is booked for: its own, in the history the month's last (or the day before the first)."""
    month_end = np.minimum(first_of(month_of(paid_on) + 1) - 1, plan.first - 1)
    return np.where(paid_on < plan.first, month_end, paid_on)
