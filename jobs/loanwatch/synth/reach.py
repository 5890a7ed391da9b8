"""The numbers at which a partner reaches its customers, and how these change: numbers die, persons refuse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from loanwatch.synth import words
from loanwatch.synth.columns import constant, dates, numbered
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.plan import NEVER, Ints
from loanwatch.synth.share import Share

OWN, OTHER = 1, 2  # numbers of a customer's contacts
HAS_OTHER, LANDLINE = 0.5, 0.08
RELATIONS = ("spouse", "relative", "friend", "colleague", "employer")
RELATION_SHARES = (0.3, 0.35, 0.2, 0.1, 0.05)
DIES, DIES_WITHIN_DAYS = 0.2, 45  # of the own numbers, once instalments are missed


@dataclass
class Reach:
    """Per customer: the other person named (`relation` -1: nobody), and the day on which the own number dies.

    `refused_on` is the day on which the other person refused; NEVER until somebody has asked.
    """

    relation: Ints
    name: Ints
    phone: Ints
    landline: Ints
    dies_on: Ints
    refused_on: Ints


def reach(share: Share) -> Reach:
    """How each customer of a partner can be reached."""
    draw, rows = share.plan.stream("reach", share.loans.partner), share.loans.customers
    relation = draw.choice(len(RELATIONS), rows, p=RELATION_SHARES)
    relation[draw.random(rows) >= HAS_OTHER] = -1
    prefix = np.array(words.PHONE_PREFIXES)[draw.integers(0, len(words.PHONE_PREFIXES), rows)]
    dies_on = share.path.misses_from + draw.integers(0, DIES_WITHIN_DAYS, rows)
    return Reach(
        relation=relation,
        name=draw.integers(0, len(words.NAMES), rows),
        phone=prefix * 10**8 + draw.integers(0, 10**8, rows),
        landline=(draw.random(rows) < LANDLINE).astype(np.int64),
        dies_on=np.where((share.path.misses_from < NEVER) & (draw.random(rows) < DIES), dies_on, NEVER),
        refused_on=np.full(rows, NEVER),
    )


def own(share: Share, phone: Ints, which: Ints, valid_from: Ints, source: str, status: str | None = None) -> pa.Table:
    """The customers' own numbers."""
    rows = len(which)
    return _contact(
        share, which, OWN, valid_from,
        relation=constant("self", rows), name=pa.nulls(rows, pa.string()), phone=numbered("", phone[which], 11),
        line=constant("mobile", rows), source=constant(source, rows), lawful_basis=constant("contract", rows),
        number_status=pa.repeat(pa.scalar(status, pa.string()), rows), may_contact=pa.repeat(pa.scalar(True), rows),
    )  # fmt: skip


def other(share: Share, of: Reach, which: Ints, valid_from: Ints, may_contact: bool) -> pa.Table:
    """The other persons that these customers have named."""
    rows = len(which)
    return _contact(
        share, which, OTHER, valid_from,
        relation=chosen(RELATIONS, of.relation[which]), name=chosen(words.NAMES, of.name[which]),
        phone=numbered("", of.phone[which], 11), line=chosen(("mobile", "landline"), of.landline[which]),
        source=constant("application", rows), lawful_basis=constant("consent", rows),
        number_status=pa.nulls(rows, pa.string()), may_contact=pa.repeat(pa.scalar(may_contact), rows),
    )  # fmt: skip


def _contact(share: Share, which: Ints, number: int, valid_from: Ints, **facts: pa.Array) -> pa.Table:
    return pa.table({
        "customer_id": share.customer_ids.take(pa.array(which)),
        "contact_no": pa.repeat(pa.scalar(number, pa.int32()), len(which)),
        "valid_from": dates(valid_from),
        **facts,
    })  # fmt: skip


def told(contact: pa.Table) -> pa.Table:
    """`contact.parquet`: the personal values of `contact` rows."""
    return contact.select(["customer_id", "name", "phone"])


def new_contacts(share: Share, of: Reach, phone: Ints, new: Ints, called: Ints, day: int) -> pa.Table:
    """`contact` rows of a day: of new customers, changed numbers, numbers that have died, persons who have refused."""
    since = share.loans.customer_since
    first = day == share.plan.first
    alive = (since <= day) & (day <= share.owes_until)
    dead = alive & ((of.dies_on <= day) if first else of.dies_on == day) & (of.dies_on > since)
    refused = alive & ((of.refused_on <= day) if first else of.refused_on == day) & (of.refused_on > since)
    named = new[of.relation[new] >= 0]
    gone, no = np.flatnonzero(dead), np.flatnonzero(refused)
    called = np.setdiff1d(called, gone)
    parts = [
        own(share, phone, new, since[new], "application"),
        own(share, phone, called, np.full(len(called), day), "update", "in_service"),
        own(share, phone, gone, of.dies_on[gone], "application", "out_of_service"),
        other(share, of, named, since[named], True),
        other(share, of, no, of.refused_on[no], False),
    ]
    return pa.concat_tables(parts)
