"""What courts, registries, bureaus and tax offices publish: sometimes before a default, mostly about others."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch import codes
from loanwatch.synth.columns import amounts, dates
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.plan import NEVER, Ints
from loanwatch.synth.share import Share

KINDS = codes.SIGNALS.words
HEAVY = ("court_suit", "court_enforcement", "court_dishonest", "court_limit", "court_freeze", "tax_arrears", "bureau_overdue")
LIGHT = ("court_suit", "registry_change", "registry_abnormal", "tax_missed", "bureau_overdue", "bureau_adverse", "news_negative")
BEFORE_DEFAULT, LEAD_DAYS = 0.3, (-30, 75)  # of those who default; days before the arrears begin
NOISE_A_YEAR = 0.04
HISTORY_DAYS = 365
ENDED, ENDED_AFTER_DAYS = 0.4, (10, 200)


def signal(share: Share) -> tuple[Ints, pa.Table]:
    """The `signal` rows about one partner's customers, not yet numbered, in order of day; and the day of each."""
    draw, plan = share.plan.stream("signals", share.loans.partner), share.plan
    customer, kind, day = (np.concatenate(column) for column in zip(noise(share, draw), true(share, draw), strict=True))
    joined = share.loans.customer_since[customer]
    since = np.where(joined > plan.first, joined, plan.first - HISTORY_DAYS)  # nobody is told of before being a customer
    told = np.flatnonzero((day >= since) & (day <= plan.last) & (day <= share.owes_until[customer]))
    order = told[np.argsort(day[told], kind="stable")]
    customer, kind, day = customer[order], kind[order], day[order]
    minor = (share.persons.income_minor[customer] * np.exp(1.5 + draw.standard_normal(len(day)))).astype(np.int64)
    of_debt = np.isin(kind, [KINDS.index(word) for word in codes.SIGNALS_OF_DEBT])
    ended_on = day + draw.integers(*ENDED_AFTER_DAYS, len(day))
    # Ended when it is first told of: the ends of later ones are not told.
    ended = (draw.random(len(day)) < ENDED) & (ended_on <= plan.first)
    return day, pa.table({
        "published_on": dates(day),
        "customer_id": share.customer_ids.take(pa.array(customer)),
        "kind": chosen(KINDS, kind),
        "amount_minor": amounts(minor, ~of_debt),
        "currency": pc.if_else(pa.array(of_debt), "CNY", pa.scalar(None, pa.string())),
        "ended_on": dates(np.where(ended, ended_on, NEVER)),
    })  # fmt: skip


def noise(share: Share, draw: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Customer, kind and day of signals about anybody."""
    span, rows = HISTORY_DAYS + share.plan.days, share.loans.customers
    customer = draw.integers(0, rows, draw.poisson(NOISE_A_YEAR * rows * span / 365))
    day = share.plan.first - HISTORY_DAYS + draw.integers(0, span, len(customer))
    return customer, kinds(draw, LIGHT, len(customer)), day


def true(share: Share, draw: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Customer, kind and day of signals about those who default; most come before their arrears begin."""
    arrears_on = share.accounts.default_arrears_on
    loan = np.flatnonzero((arrears_on < NEVER) & (draw.random(len(arrears_on)) < BEFORE_DEFAULT))
    day = arrears_on[loan] - draw.integers(*LEAD_DAYS, len(loan))
    return share.loans.customer[loan], kinds(draw, HEAVY, len(loan)), day


def kinds(draw: np.random.Generator, words: tuple[str, ...], rows: int) -> Ints:
    """So many of these words, as places in the list of all."""
    return np.array([KINDS.index(word) for word in words])[draw.integers(0, len(words), rows)]
