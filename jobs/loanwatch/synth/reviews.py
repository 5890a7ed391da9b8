"""What our own risk staff decide: some warnings snoozed, dismissed or recoloured after a promise, classes overridden by two."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loanwatch import codes
from loanwatch.synth.collection import Promises
from loanwatch.synth.columns import constant, dates, numbered
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.plan import NEVER, Ints
from loanwatch.synth.share import Share

STAFF = tuple(f"R{number:03d}" for number in range(1, 13))
RULE = "DPD"
REVIEWED, OVERRIDDEN = 0.5, 0.6  # shares of the promises, and of the loans that reach 90 days past due
DECISIONS = ("confirm", "snooze", "dismiss", "recolour")
DECISION_SHARES = (0.2, 0.5, 0.2, 0.1)
REASONS, COLOURS = ("true_warning", "promise", "paid", "known"), (None, None, None, "amber")  # of each decision
LASTING = ("snooze", "recolour")
DONE, CAME = ("called", "called", "none", "called"), codes.REVIEW_RESULTS.words
HOLDS_DAYS, OVERRIDE_DAYS = 3, 180
HISTORY_DAYS = 60


def review(share: Share, promised: Promises) -> tuple[Ints, pa.Table]:
    """The `review` rows about one partner's loans, in order of day; and the day of each."""
    draw = share.plan.stream("reviews", share.loans.partner)
    rows = pa.concat_tables([of_promises(share, draw, promised), *of_classes(share, draw)])
    day = rows["decided_on"].combine_chunks().cast(pa.int32()).to_numpy().astype(np.int64)
    kept = np.flatnonzero((day >= share.plan.first - HISTORY_DAYS) & (day <= share.plan.last))
    order = kept[np.argsort(day[kept], kind="stable")]
    return day[order], rows.take(pa.array(order))


def of_promises(share: Share, draw: np.random.Generator, promised: Promises) -> pa.Table:
    """Warnings of arrears confirmed, snoozed, dismissed or thought milder on the day after a promise."""
    which = np.flatnonzero(draw.random(len(promised.day)) < REVIEWED)
    decision = draw.choice(len(DECISIONS), len(which), p=DECISION_SHARES)
    until = np.where(np.isin(decision, [DECISIONS.index(name) for name in LASTING]), promised.due_on[which] + HOLDS_DAYS, NEVER)
    number, rows = numbered(f"{share.code}-W", which + 1, 7), len(which)
    return _review(
        share, promised.loan[which], promised.day[which] + 1,
        review_id=number, decision=chosen(DECISIONS, decision), rule_id=constant(RULE, rows),
        reason=chosen(REASONS, decision), author=chosen(STAFF, draw.integers(0, len(STAFF), rows)),
        colour=chosen(COLOURS, decision), expires_on=dates(until), action=chosen(DONE, decision),
        result=chosen(CAME, draw.integers(0, len(CAME), rows)),
    )  # fmt: skip


def of_classes(share: Share, draw: np.random.Generator) -> tuple[pa.Table, pa.Table]:
    """Classes that were thought too good or too bad, and the approval by another person on the next day."""
    default_on = share.accounts.default_on
    loan = np.flatnonzero((default_on < NEVER) & (draw.random(len(default_on)) < OVERRIDDEN))
    number, rows, author = numbered(f"{share.code}-C", loan + 1, 7), len(loan), draw.integers(0, len(STAFF), len(loan))
    decided = _review(
        share, loan, default_on[loan] + 1, review_id=number, decision=constant("override", rows),
        five_class=chosen(codes.CLASSES.words, draw.integers(2, 4, rows)), reason=constant("hardship", rows),
        author=chosen(STAFF, author), expires_on=dates(default_on[loan] + OVERRIDE_DAYS), action=constant("visited", rows),
    )  # fmt: skip
    approved = _review(
        share, loan, default_on[loan] + 2, review_id=numbered(f"{share.code}-A", loan + 1, 7),
        decision=constant("approve", rows), approves_review_id=number, reason=constant("second_look", rows),
        author=chosen(STAFF, (author + 1) % len(STAFF)),
    )  # fmt: skip
    return decided, approved


def _review(share: Share, loan: Ints, day: Ints, **facts: pa.Array) -> pa.Table:
    rows, nothing = len(loan), pa.nulls(len(loan), pa.string())
    columns = {
        "decided_on": dates(day), "subject": constant("loan", rows), "subject_id": share.loan_ids.take(pa.array(loan)),
        "rule_id": nothing, "colour": nothing, "five_class": nothing, "approves_review_id": nothing,
        "expires_on": pa.nulls(rows, pa.date32()), "action": nothing, "result": nothing, **facts,
    }  # fmt: skip
    return pa.table({name: columns[name] for name in sorted(columns)})
