"""What one partner tells for the register of credit, as a lender of the euro area would; of the others' loans nothing is told."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loanwatch import codes
from loanwatch.synth.columns import amounts, constant, dates, numbered
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.plan import NEVER, Flags, Ints
from loanwatch.synth.share import Share

OF_PARTNER = 1
ACCRUED_PART, BOOKED_PART = 300, 100  # of the principal
JOINT = 0.05


def sends(share: Share) -> bool:
    """Whether the partner sends instruments."""
    return share.loans.partner == OF_PARTNER


def instrument(share: Share, rows: slice) -> pa.Table:
    """The `instrument` rows of a range of loans."""
    loans, count = share.loans, len(share.loans.opened_on[rows])
    opened, principal, rate = loans.opened_on[rows], loans.principal_minor[rows], loans.rate_bp[rows] * 100_000
    never, no = dates(np.full(count, NEVER)), pa.repeat(pa.scalar(False), count)
    nothing, none = pa.nulls(count, pa.int64()), amounts(np.zeros(count, np.int64))
    contract = numbered("K", np.arange(count) + rows.start, 8)
    firm = pa.array(share.persons.firm[loans.customer[rows]])
    due = share.schedule.due_on[share.schedule.first[1:][rows] - 1]
    return pa.table({
        "loan_id": share.loan_ids[rows], "valid_from": dates(opened), "contract_id": contract,
        "debtor_id": numbered("D", loans.customer[rows], 8), "instrument": constant("other", count),
        "amortisation": constant("french", count), "signed_on": dates(opened), "ends_on": dates(due),
        "interest_only_until": never, "commitment_minor": amounts(principal), "rate_type": constant("fixed", count),
        "rate_e9": amounts(rate), "cap_e9": nothing, "floor_e9": nothing, "margin_e9": nothing,
        "reference_rate": pa.nulls(count, pa.string()), "rate_reset": pa.nulls(count, pa.string()), "next_reset_on": never,
        "payment_frequency": constant("monthly", count), "lending_purpose": constant("working_capital", count),
        "repayment_right": constant("other", count), "fiduciary": no, "project_finance": no,
        "recourse": pa.repeat(pa.scalar(True), count), "subordinated": no, "syndicate_id": pa.nulls(count, pa.string()),
        "bought_change_minor": nothing, "securitisation": constant("none", count), "transferred_minor": none,
        "accrued_interest_minor": amounts(principal // ACCRUED_PART), "undrawn_minor": none,
        "accounting_class": constant("amortised_cost", count), "recognition": constant("entirely", count),
        "allowance_minor": amounts(principal // BOOKED_PART), "impairment_method": constant("collectively", count),
        "risk_change_minor": nothing, "provision_minor": none, "carrying_minor": nothing,
        "encumbrance": constant("none", count), "portfolio": constant("banking", count), "forbearance": constant("none", count),
        "forbearance_since": never, "performance_since": never, "default_since": never, "default_of_debtor": firm,
    })  # fmt: skip


def protection(share: Share, which: Ints) -> pa.Table:
    """The `protection` rows of pledges taken."""
    loan, asset = share.pledges.loan[which], share.pledges.asset[which]
    value, opened = share.assets.value_minor[asset], dates(share.loans.opened_on[loan])
    home = share.assets.kind[asset] != codes.ASSET_KINDS.words.index("vehicle")
    return pa.table({
        "loan_id": share.loan_ids.take(pa.array(loan)), "protection_id": numbered("S", asset, 8), "valid_from": opened,
        "provider_id": numbered("D", share.loans.customer[loan], 8),
        "protection": chosen(("physical", "home"), home.astype(np.int64)), "protection_minor": amounts(value),
        "protection_value": constant("fair", len(which)), "valuation_approach": constant("third_party", len(which)),
        "valued_on": opened, "original_minor": amounts(value), "originally_on": opened,
        "protects_until": dates(np.full(len(which), NEVER)), "location": chosen((None, "DE712"), home.astype(np.int64)),
        "allocated_minor": amounts(np.minimum(value, share.loans.principal_minor[loan])),
        "prior_minor": amounts(np.zeros(len(which), np.int64)), "in_force": pa.repeat(pa.scalar(True), len(which)),
    })  # fmt: skip


def co_debtor(share: Share, rows: slice, draw: np.random.Generator) -> pa.Table:
    """The `co_debtor` rows of a range of loans: of some a second firm owes all of it too."""
    loans = np.arange(rows.start, rows.stop)
    joint: Flags = np.asarray(draw.random(len(loans)) < JOINT)
    loans = loans[joint]
    return pa.table({
        "loan_id": share.loan_ids.take(pa.array(loans)), "counterparty_id": numbered("J", loans, 8),
        "valid_from": dates(share.loans.opened_on[loans]), "jointly_minor": amounts(share.loans.principal_minor[loans]),
        "in_force": pa.repeat(pa.scalar(True), len(loans)),
    })  # fmt: skip


def counterparty(share: Share) -> tuple[Ints, pa.Table]:
    """The `counterparty` rows of the debtors of one partner, firms alone, by the day of their first loan; and that day."""
    since = share.loans.customer_since
    customers = np.flatnonzero(share.persons.firm & (since <= share.plan.last)) if sends(share) else np.arange(0)
    customers = customers[np.argsort(since[customers], kind="stable")]
    return since[customers], pa.table({
        "counterparty_id": numbered("D", customers, 8), "valid_from": dates(since[customers]),
        "in_default": pa.repeat(pa.scalar(False), len(customers)), "in_default_since": dates(np.full(len(customers), NEVER)),
    })  # fmt: skip
