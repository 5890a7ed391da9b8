"""A partner's back office: what it sends in the first delivery, and what from day to day."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loanwatch.admit import feeds
from loanwatch.admit.collateral_feeds import GUARANTEE
from loanwatch.admit.contact_feeds import CONTACT, CONTACT_ATTEMPT, PROMISE
from loanwatch.admit.filing_feeds import GUARANTEE_DETAIL, LOAN_AGREEMENT, LOAN_DETAIL, PLEDGE_DETAIL
from loanwatch.admit.monitoring_feeds import STATEMENT
from loanwatch.admit.register_feeds import CO_DEBTOR, INSTRUMENT, PROTECTION
from loanwatch.synth import (
    asset_events,
    collection,
    guarantees,
    reach,
    register,
    sent,
    sent_collateral,
    sent_events,
    statements,
)
from loanwatch.synth.behaviour import ADDRESS_CHANGE, Watched, behaviour
from loanwatch.synth.details import Details
from loanwatch.synth.plan import NEVER, Ints
from loanwatch.synth.population import streets
from loanwatch.synth.senders import Sender, of_day
from loanwatch.synth.sent import Contacts
from loanwatch.synth.share import Share
from loanwatch.synth.truth import Truth

CONSENTING, WITHDRAWN_A_DAY = 0.95, 0.00005
NEW_PHONE_A_DAY = 0.0002


class Desk:
    """Sends one partner's deliveries in order of day; keeps contacts, consents and running numbers between days."""

    def __init__(self, share: Share, sender: Sender, truth: Truth) -> None:
        self.share, self.sender, self.truth = share, sender, truth
        self.draw = share.plan.stream("desk", share.loans.partner)
        persons, rows = share.persons, share.loans.customers
        self.contacts = Contacts(persons.street.copy(), persons.door.copy(), persons.phone.copy())
        self.consents = self.draw.random(rows) < CONSENTING
        self.since = share.loans.customer_since
        activity = np.exp(0.3 * self.draw.standard_normal(rows))
        self.people = Watched(persons, share.path, activity, self.since, share.owes_until)
        self.reach = reach.reach(share)
        tried = collection.attempts(share, self.reach)
        self.promised = collection.promises(share, tried)
        guaranteed = guarantees.guarantee(share)
        self.by_day = (
            (feeds.REPAYMENT, *sent.repayment(share), True),
            (feeds.LOAN_EVENT, *sent_events.loan_event(share), False),
            (feeds.CHARGE, *sent_events.charge(share), False),
            (CONTACT_ATTEMPT, *collection.contact_attempt(share, tried), False),
            (PROMISE, *collection.promise(share, self.promised), False),
            (STATEMENT, *statements.statement(share), False),
            (feeds.ASSET_EVENT, *asset_events.asset_event(share), False),
            (GUARANTEE, *guaranteed, False),
            (GUARANTEE_DETAIL, *guarantees.guarantee_detail(share, *guaranteed), False),
        )
        self.assets, self.details = sent_collateral.asset(share), Details(share)
        self.joint = share.plan.stream("co debtors", share.loans.partner)
        self.behaviour_rows = 0

    def send(self, day: int) -> None:
        """All deliveries of a business date; the first one carries the history too."""
        moved = self.send_behaviour(day)
        self.send_customers(day, moved)
        loans = self.opened(self.share.loans.opened_on, self.share.loans.book, day)
        self.send_loans(day, loans)
        self.send_collateral(day, loans)
        for feed, days, rows, due in self.by_day:
            self.sender.send(feed, day, of_day(self.share.plan, days, rows, day), even_empty=due)

    def opened(self, since: Ints, book: int, day: int) -> slice:
        """The rows that are new on a day: the whole book on the first, then those since that day."""
        if day == self.share.plan.first:
            return slice(0, book)
        begin, end = np.searchsorted(since[book:], (day, day + 1)) + book
        return slice(int(begin), int(end))

    def send_behaviour(self, day: int) -> Ints:
        """The day's behaviour; returns the customers who moved house on it.

        Also of customers without consent: partners do send it, and it is for the pipeline not to use it.
        """
        seen = behaviour(self.draw, self.people, day)
        rows = sent.behaviour(self.share, seen, day, self.behaviour_rows + 1)
        self.behaviour_rows += len(rows)
        self.sender.send(feeds.BEHAVIOUR, day, rows, even_empty=True)
        return np.asarray(seen.customer[seen.kind == ADDRESS_CHANGE])

    def send_customers(self, day: int, moved: Ints) -> None:
        """New customers, and those whose address, number or consent has changed."""
        new = np.arange(self.since.size)[self.opened(self.since, self.share.loans.book_customers, day)]
        changed, called, withdrawn = self.changes(day, moved)
        which = np.concatenate([new, changed])
        valid_from = np.concatenate([self.since[new], np.full(len(changed), day)])
        rows = sent.borrower(self.share, self.contacts, which, valid_from)
        self.sender.send(feeds.BORROWER, day, rows)
        self.truth.add("person", rows.drop_columns(["valid_from", "id_type", "region"]))
        contacts = reach.new_contacts(self.share, self.reach, self.contacts.phone, new, called, day)
        self.sender.send(CONTACT, day, contacts)
        self.truth.add("contact", reach.told(contacts))
        given_from = np.concatenate([self.since[new], np.full(len(withdrawn), day)])
        asked = np.concatenate([new, withdrawn])
        self.sender.send(feeds.CONSENT, day, sent.consent(self.share, asked, given_from, self.consents[asked]))

    def changes(self, day: int, moved: Ints) -> tuple[Ints, Ints, Ints]:
        """Customers of earlier days with a new address or number, those with a new number, and those who withdrew consent."""
        known = self.since < day
        if day == self.share.plan.first:
            known[:] = False
        moved = moved[known[moved]]
        city = self.share.persons.city[moved]
        self.contacts.street[moved] = streets(self.draw, city)
        self.contacts.door[moved] = self.draw.integers(0, 10**7, len(moved))
        called = np.flatnonzero(known & (self.draw.random(len(known)) < NEW_PHONE_A_DAY))
        own_prefix = self.contacts.phone[called] // 10**8 * 10**8
        self.contacts.phone[called] = own_prefix + self.draw.integers(0, 10**8, len(called))
        chance = self.draw.random(len(known))
        withdrawn = np.flatnonzero(known & self.consents & (chance < WITHDRAWN_A_DAY))
        self.consents[withdrawn] = False
        return np.union1d(moved, called), called, withdrawn

    def send_loans(self, day: int, loans: slice) -> None:
        """Contracts and schedules of the loans opened."""
        self.sender.send(feeds.LOAN, day, sent.loan(self.share, loans))
        self.sender.send(feeds.INSTALMENT, day, sent.instalment(self.share, loans))
        self.sender.send(LOAN_DETAIL, day, self.details.loan_detail(loans))
        self.sender.send(LOAN_AGREEMENT, day, self.details.loan_agreement(loans))
        if register.sends(self.share):
            self.sender.send(INSTRUMENT, day, register.instrument(self.share, loans))
            self.sender.send(CO_DEBTOR, day, register.co_debtor(self.share, loans, self.joint))

    def send_collateral(self, day: int, loans: slice) -> None:
        """Assets taken with new loans, pledges taken, and pledges released since the delivery before."""
        begin, end = np.searchsorted(self.share.assets.loan, (loans.start, loans.stop))
        self.sender.send(feeds.ASSET, day, self.assets.slice(begin, end - begin))
        begin, end = np.searchsorted(self.share.pledges.loan, (loans.start, loans.stop))
        taken, loan = np.arange(begin, end), self.share.pledges.loan
        accounts, ends = self.share.accounts, self.share.endings
        free_on = np.where(ends.written_off_on < NEVER, NEVER, accounts.closed_on)[loan]
        released = np.flatnonzero((free_on <= day) if day == self.share.plan.first else (free_on == day))
        taken_on = self.share.loans.opened_on[loan[taken]]
        parts = [
            sent_collateral.pledge(self.share, taken, taken_on, True),
            sent_collateral.pledge(self.share, released, free_on[released], False),
        ]
        self.sender.send(feeds.PLEDGE, day, pa.concat_tables(parts))
        self.sender.send(PLEDGE_DETAIL, day, self.details.pledge_detail(taken))
        if register.sends(self.share):
            self.sender.send(PROTECTION, day, register.protection(self.share, taken))
