"""What was bought: of some partners the loans of their first pool that were old when the pool was founded."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loanwatch.synth import words
from loanwatch.synth.allocation import paid_before
from loanwatch.synth.columns import amounts, constant, dates, numbered
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.plan import NEVER
from loanwatch.synth.share import Share

BOUGHT_DAYS = 90  # before the first business date
OF_PARTNERS = 2  # every second
DEPOSIT_PART, INTEREST_PART = 20, 200  # of the price; of the principal


def transfer(share: Share) -> tuple[pa.Table, pa.Table] | None:
    """The `transfer` row of one partner and its `transfer_loan` rows; None where nothing was bought."""
    day, loans = share.plan.first - BOUGHT_DAYS, share.loans
    rows = np.flatnonzero((loans.opened_on < day) & (share.accounts.closed_on >= day) & (share.pool == 0))
    if loans.partner % OF_PARTNERS or not len(rows):
        return None
    paid = paid_before(share.endings.payments, np.full(len(loans), day))
    principal = np.maximum(loans.principal_minor - share.allocation.covered_principal(np.arange(len(loans)), paid), 0)[rows]
    interest = principal // INTEREST_PART
    price = int(principal.sum() + interest.sum())
    contract = f"ZR-{share.code}-1"
    on = dates(np.array([day]))
    account = numbered("9701", np.array([loans.partner, loans.partner + 100]), 12).to_pylist()
    bought = pa.table({
        "transfer_id": [contract], "valid_from": on, "direction": ["in"], "kind": ["direct"], "state": ["ended"],
        "settled_on": on, "ends_on": dates(np.array([NEVER])), "currency": ["CNY"], "price_minor": amounts(np.array([price])),
        "price_paid_minor": amounts(np.array([price])), "first_paid_on": on,
        "deposit_minor": amounts(np.array([price // DEPOSIT_PART])), "platform": ["registry"], "registered": [True],
        "receiving_account": account[:1], "receiving_name": [words.PARTNER_NAMES[loans.partner]],
        "counterparty_name": [words.PARTNER_NAMES[loans.partner]], "counterparty_account": account[1:],
        "counterparty_bank": chosen(("甲银行",), np.array([0])),
    })  # fmt: skip
    of_loans = pa.table({
        "loan_id": share.loan_ids.take(pa.array(rows)),
        "transfer_id": constant(contract, len(rows)),
        "valid_from": dates(np.full(len(rows), day)),
        "transferred_principal_minor": amounts(principal),
        "transferred_interest_minor": amounts(interest),
    })  # fmt: skip
    return bought, of_loans
