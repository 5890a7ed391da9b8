"""The cooperation agreements on internet loans: each partner finds customers by one, and has others share the risk by another."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loanwatch.synth import words
from loanwatch.synth.columns import amounts, constant, dates, numbered
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.plan import NEVER, Flags, Ints, Plan
from loanwatch.synth.share import Share, partner_code

KNOWN_FOR_DAYS = 1100  # as long as the partners
ALONE, SHARED, SHARED_PART = 0.1, 0.4, 5  # of the internet loans; of a loan
# Of each agreement those on the other side: what they are, what they do, how their names end.
SIDES = (
    (1, "technology", "marketing", "信息科技有限公司"),
    (2, "guarantor", "guarantee", "融资担保有限公司"),
    (2, "insurer", "risk_sharing", "财产保险股份有限公司"),
)
LIMITED = "insurer"  # of the last partner's


def agreement(plan: Plan, partners: int) -> pa.Table:
    """The `agreement` rows of all partners."""
    sides = [(number, *side) for number in range(partners) for side in SIDES]
    begun = dates(np.full(len(sides), plan.first - KNOWN_FOR_DAYS))
    never = dates(np.full(len(sides), NEVER))
    return pa.table({
        "agreement_id": [_agreement_id(partner_code(number), place) for number, place, *_ in sides],
        "cooperator_code": numbered("91310000MA1K", np.arange(len(sides)), 6),
        "valid_from": begun,
        "cooperator_name": [f"{words.PARTNER_NAMES[number][:2]}{ending}" for number, _, _, _, ending in sides],
        "cooperator_kind": [kind for _, _, kind, _, _ in sides],
        "cooperation": [what for _, _, _, what, _ in sides],
        "registered_in": constant("310100", len(sides)),
        "starts_on": begun,
        "ends_on": never,
        "ended_on": never,
        "state": constant("in_force", len(sides)),
        "limited": [kind == LIMITED and number == partners - 1 for number, _, kind, _, _ in sides],
    })  # fmt: skip


def loan_agreement(share: Share, loans: Ints, draw: np.random.Generator, online: Flags) -> pa.Table:
    """The `loan_agreement` rows of loans, given which of them are internet loans."""
    chance = draw.random(len(loans))
    found = online & (chance >= ALONE)
    shared = found & (chance >= 1 - SHARED)
    rows = np.concatenate([loans[found], loans[shared]])
    place = np.repeat([0, 1], [found.sum(), shared.sum()])
    order = np.lexsort((place, rows))
    rows, place = rows[order], place[order]
    return pa.table({
        "loan_id": share.loan_ids.take(pa.array(rows)),
        "agreement_id": chosen([_agreement_id(share.code, 1), _agreement_id(share.code, 2)], place),
        "valid_from": dates(share.loans.opened_on[rows]),
        "liability_minor": amounts(share.loans.principal_minor[rows] // SHARED_PART * place),
    })  # fmt: skip


def _agreement_id(partner: str, place: int) -> str:
    return f"XY-{partner}-{place}"
