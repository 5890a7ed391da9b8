"""What the institutions around the partners send: our ledger, the custodian bank, the valuer."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loanwatch.synth import words
from loanwatch.synth.columns import amounts, constant, dates, numbered
from loanwatch.synth.ledger import Totals
from loanwatch.synth.plan import NEVER, Ints, Plan, first_of, month_of
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
    """Money received, one entry per pool and day, and per pool and month for the history; and each booking day."""
    plan, payments = share.plan, share.endings.payments
    booked_for = entry_days(plan, payments.paid_on)
    span = NEVER
    key, which = np.unique(share.pool[payments.loan] * span + booked_for, return_inverse=True)
    minor = np.bincount(which, payments.paid_minor, len(key)).astype(np.int64)
    of_pool, day = np.divmod(key, span)
    draw = plan.stream("bank", share.loans.partner)
    later = (draw.random(len(key)) < BOOKED_NEXT_DAY) & (day >= plan.first)
    day = day + later
    order = np.argsort(day, kind="stable")
    account = 6_217_000_000_000_000_000 + share.loans.partner * 1000 + of_pool[order]
    return day[order], pa.table({
        "booked_on": dates(day[order]),
        "pool_id": pa.array(share.pools).take(pa.array(of_pool[order])),
        "partner_id": constant(share.code, len(key)),
        "currency": constant("CNY", len(key)),
        "amount_minor": amounts(minor[order]),
        "counterparty_account": numbered("", account, 19),
    })  # fmt: skip


def entry_days(plan: Plan, paid_on: Ints) -> Ints:
    """The day each payment is booked for: its own, in the history the month's last (or the day before the first)."""
    month_end = np.minimum(first_of(month_of(paid_on) + 1) - 1, plan.first - 1)
    return np.where(paid_on < plan.first, month_end, paid_on)
