"""What a partner sends about loans besides contracts and money: how they ended, which due dates moved, what was charged."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loanwatch import codes
from loanwatch.synth.columns import amounts, constant, dates, numbered
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.plan import NEVER, Ints
from loanwatch.synth.share import Share

EVENTS = codes.LOAN_EVENTS.words
LEGAL_COST_PART, LEAST_LEGAL_COST_MINOR = 50, 5_000  # of what was left


def loan_event(share: Share) -> tuple[Ints, pa.Table]:
    """All events of loans by day, numbered in that order; and the day of each. What moves due dates has no amount."""
    ends, moves = share.endings, share.moves
    nothing, never = np.zeros(len(share.loans), np.int64), np.full(len(share.loans), NEVER)
    moved = np.where(moves.holiday, EVENTS.index("holiday"), EVENTS.index("extension"))
    parts = [(moves.loan, moved, moves.happened_on, nothing[moves.loan], moves.from_on, moves.until_on)]
    for word, on, left in (("settled", ends.settled_on, ends.left_minor), ("write_off", ends.written_off_on, ends.left_minor),
                           ("compensation", ends.compensated_on, ends.arrears_minor)):  # fmt: skip
        rows = np.flatnonzero(on < NEVER)
        parts.append((rows, nothing[rows] + EVENTS.index(word), on[rows], left[rows], never[rows], never[rows]))
    loan, kind, day, minor, from_on, until_on = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(day, kind="stable")
    return day[order], pa.table({
        "event_id": numbered("E", np.arange(1, len(order) + 1), 8),
        "happened_on": dates(day[order]),
        "loan_id": share.loan_ids.take(pa.array(loan[order])),
        "kind": chosen(EVENTS, kind[order]),
        "amount_minor": amounts(minor[order], (from_on < NEVER)[order]),
        "from_on": dates(from_on[order]),
        "until_on": dates(until_on[order]),
    })  # fmt: skip


def write_off_detail(share: Share) -> tuple[Ints, pa.Table]:
    """Of what each write-off consisted, by its day; and that day. Interest has long been kept off the balance sheet by then."""
    off_on = share.endings.written_off_on
    lost = np.flatnonzero(off_on < NEVER)
    lost = lost[np.argsort(off_on[lost], kind="stable")]
    left, rate_bp = share.endings.left_minor[lost], share.loans.rate_bp[lost]
    return off_on[lost], pa.table({
        "loan_id": share.loan_ids.take(pa.array(lost)),
        "valid_from": dates(off_on[lost]),
        "written_off_principal_minor": amounts(left),
        "written_off_interest_minor": amounts(np.zeros(len(lost), np.int64)),
        "off_balance_interest_minor": amounts(left * rate_bp // 20_000),  # of half a year
        "claim_ended": pa.repeat(pa.scalar(False), len(lost)),
        "recovery_officer_no": pa.nulls(len(lost), pa.string()),
    })  # fmt: skip


def charge(share: Share) -> tuple[Ints, pa.Table]:
    """Late fees, and legal costs with the write-off, by day and numbered in that order; and the day of each."""
    off_on, left, fees = share.endings.written_off_on, share.endings.left_minor, share.fees
    lost = np.flatnonzero(off_on < NEVER)
    costs = np.maximum(left[lost] // LEGAL_COST_PART, LEAST_LEGAL_COST_MINOR)
    day = np.concatenate([fees.charged_on, off_on[lost]])
    order = np.argsort(day, kind="stable")
    loan, minor = np.concatenate([fees.loan, lost])[order], np.concatenate([fees.minor, costs])[order]
    kind, rows = (order >= len(fees.loan)).astype(np.int64), len(order)
    return day[order], pa.table({
        "charge_id": numbered("K", np.arange(1, rows + 1), 8),
        "charged_on": dates(day[order]),
        "loan_id": share.loan_ids.take(pa.array(loan)),
        "kind": chosen(("late_fee", "legal_cost"), kind),
        "amount_minor": amounts(minor),
        "due_on": dates(day[order]),
        "payee": constant("lender", rows),
    })  # fmt: skip
