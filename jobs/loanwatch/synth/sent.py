"""The rows that a partner sends about its share of the book: a function per feed, named as the feed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch.synth import words
from loanwatch.synth.behaviour import KINDS as BEHAVIOURS
from loanwatch.synth.behaviour import Behaviour
from loanwatch.synth.columns import amounts, constant, dates, numbered
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.contracts import PRODUCTS
from loanwatch.synth.payments import CHANNELS, PAYERS, channels, split
from loanwatch.synth.plan import Flags, Ints
from loanwatch.synth.population import addresses, id_numbers
from loanwatch.synth.share import Share


@dataclass
class Contacts:
    """How the partner reaches its customers just now, a row each; people move and change numbers."""

    street: Ints
    door: Ints
    phone: Ints


def borrower(share: Share, contacts: Contacts, which: Ints, valid_from: Ints) -> pa.Table:
    """Customers as the partner knows them."""
    persons = share.persons.of(which)
    firm = persons.firm.astype(np.int64)
    return pa.table({
        "customer_id": share.customer_ids.take(pa.array(which)),
        "valid_from": dates(valid_from),
        "id_type": chosen(("id_card", "credit_code"), firm),
        "id_number": id_numbers(persons),
        "name": pc.binary_join_element_wise(chosen(words.NAMES, persons.name), chosen(("", "商行"), firm), ""),
        "phone": numbered("", contacts.phone[which], 11),
        "address": addresses(contacts.street[which], contacts.door[which]),
        "region": chosen(words.REGIONS, contacts.street[which] // words.STREETS_PER_CITY),
    })  # fmt: skip


def consent(share: Share, which: Ints, valid_from: Ints, given: Flags) -> pa.Table:
    """Consents to monitoring, given or withdrawn."""
    return pa.table({
        "customer_id": share.customer_ids.take(pa.array(which)),
        "purpose": constant("monitoring", len(which)),
        "valid_from": dates(valid_from),
        "given": pa.array(given),
    })  # fmt: skip


def loan(share: Share, rows: slice) -> pa.Table:
    """Contracts; a loan names the one it refinances only if that one was in fact repaid on the day."""
    loans, opened_on = share.loans, share.loans.opened_on[rows]
    old = loans.refinances[rows]
    repaid = (old >= 0) & (share.endings.settled_on[old] == opened_on)
    return pa.table({
        "loan_id": share.loan_ids[rows],
        "valid_from": dates(opened_on),
        "customer_id": share.customer_ids.take(pa.array(loans.customer[rows])),
        "pool_id": chosen(share.pools, share.pool[rows]),
        "product": chosen(PRODUCTS, loans.product[rows]),
        "currency": constant("CNY", len(opened_on)),
        "principal_minor": amounts(loans.principal_minor[rows]),
        "rate_bp": amounts(loans.rate_bp[rows]),
        "opened_on": dates(opened_on),
        "matures_on": dates(share.schedule.due_on[share.schedule.first[1:][rows] - 1]),
        "refinances_loan_id": share.loan_ids.take(pa.array(old, mask=~repaid)),
    })  # fmt: skip


def instalment(share: Share, loans: slice) -> pa.Table:
    """The first schedules of a range of loans."""
    schedule, rows = share.schedule, share.schedule.of(loans)
    loan = schedule.loan[rows]
    return pa.table({
        "loan_id": share.loan_ids.take(pa.array(loan)),
        "schedule_no": pa.repeat(pa.scalar(1, pa.int32()), len(loan)),
        "instalment_no": pa.array(schedule.number[rows], pa.int32()),
        "agreed_on": dates(share.loans.opened_on[loan]),
        "due_on": dates(schedule.due_on[rows]),
        "principal_minor": amounts(schedule.principal_minor[rows]),
        "interest_minor": amounts(schedule.interest_minor[rows]),
    })  # fmt: skip


def repayment(share: Share) -> tuple[Ints, pa.Table]:
    """All payments by day, numbered in that order; and the day of each."""
    payments = share.endings.payments
    payments = payments.where(np.argsort(payments.paid_on, kind="stable"))
    partner = share.loans.partner
    channel = channels(share.plan, partner, len(payments))
    shares, whole = split(partner, payments.paid_minor), np.full(len(payments), partner % 3 != 1)
    return payments.paid_on, pa.table({
        "repayment_id": numbers(np.arange(len(payments))),
        "paid_on": dates(payments.paid_on),
        "loan_id": share.loan_ids.take(pa.array(payments.loan)),
        "paid_minor": amounts(payments.paid_minor),
        "payer": chosen(PAYERS, payments.payer),
        "channel": chosen(CHANNELS, channel),
        **{f"{who}_minor": amounts(share, whole) for who, share in zip(("funder", "partner", "guarantor"), shares, strict=True)},
    })  # fmt: skip


def numbers(place: Ints) -> pa.StringArray:
    """The partner's numbers of its repayments, by their place in the order of days."""
    return numbered("R", place + 1, 9)


def behaviour(share: Share, seen: Behaviour, day: int, number: int) -> pa.Table:
    """One day's behaviour, numbered on from `number`."""
    rows, still = len(seen.customer), seen.amount_minor == 0
    return pa.table({
        "event_id": numbered("B", number + np.arange(rows), 10),
        "happened_on": dates(np.full(rows, day)),
        "customer_id": share.customer_ids.take(pa.array(seen.customer)),
        "kind": chosen(BEHAVIOURS, seen.kind),
        "times": pa.array(seen.times, pa.int32()),
        "amount_minor": amounts(seen.amount_minor, still),
        "currency": pc.if_else(pa.array(still), pa.scalar(None, pa.string()), "CNY"),
    })  # fmt: skip
