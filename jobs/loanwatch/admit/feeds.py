"""The feeds: what senders deliver, each declared once. `loanwatch feeds` prints them."""

import datetime as dt
from dataclasses import replace

from loanwatch import codes
from loanwatch.admit import collateral_feeds
from loanwatch.admit.contact_feeds import CONTACT, CONTACT_ATTEMPT, PROMISE
from loanwatch.admit.filing_feeds import FILING_FEEDS
from loanwatch.admit.monitoring_feeds import (
    DEBT_ELSEWHERE,
    DEFAULT_PROBABILITY,
    EXCHANGE_RATE,
    IMPAIRMENT,
    REVIEW,
    SIGNAL,
    STATEMENT,
)
from loanwatch.admit.register_feeds import REGISTER_FEEDS
from loanwatch.columns import (
    AMOUNT_MINOR,
    BORROWER_ID,
    CURRENCY,
    CUSTOMER_ID,
    LOAN_ID,
    PARTNER_ID,
    POOL_ID,
    PRINCIPAL_MINOR,
    PRODUCT,
    REGION,
    SENDER_ID,
    VALID_FROM,
    Column,
    basis_points,
    coded,
    count,
    date,
    minor,
    number,
    restricted,
)
from loanwatch.tables import Feed, Older

PARTNER = Feed(
    "partner", state=True, sent_by="ledger",
    key=(PARTNER_ID,), on=VALID_FROM,
    facts=(Column("name", doc="Registered name of the institution.", required=True),
           coded("role", codes.PARTNER_ROLES, "What the partner does.")),
    doc="The institutions that originate, service or guarantee.",
)  # fmt: skip
POOL = Feed(
    "pool", state=True, sent_by="ledger",
    key=(POOL_ID,), on=VALID_FROM,
    facts=(PARTNER_ID, coded("kind", codes.POOL_KINDS, "Kind of pool."), CURRENCY,
           Column("name", doc="Name of the pool.", required=True)),
    doc="Trust projects and securitised pools that hold the loans.",
)  # fmt: skip
BORROWER = Feed(
    "borrower", whose="borrower", basis="contract", state=True,
    key=(CUSTOMER_ID,), on=VALID_FROM,
    facts=(replace(BORROWER_ID, restricted="identity", of=("id_type", "id_number")),
           coded("id_type", codes.ID_TYPES, "Kind of identity document.", required=False).with_(
               standards=("FIRE entity.national_id_type",)),
           restricted("name", "name", "Name of the person or firm.", required=True).with_(
               standards=("FIRE entity.name", "EBA-NPL 1,03 Name of Counterparty")),
           restricted("phone", "phone", "Primary phone number."),
           restricted("address", "address", "Home or business address.").with_(
               standards=("FIRE entity.address_street", "EBA-NPL 1,13 Address of Counterparty")),
           REGION),
    doc="Customers as each partner knows them; one person may be a customer of many.",
)  # fmt: skip
LOAN = Feed(
    "loan", whose="borrower", basis="contract", state=True,
    key=(LOAN_ID,), on=VALID_FROM,
    facts=(CUSTOMER_ID, POOL_ID, PRODUCT, CURRENCY, replace(PRINCIPAL_MINOR, at_least=1, standards=("FIRE loan.orig_notional",)),
           basis_points("rate_bp", "Nominal rate a year, basis points.", required=True, at_least=0).with_(
               standards=("FIRE loan.rate", "EBA-NPL 3,14 Interest Rate")),
           date("opened_on", "Day of disbursement.").with_(standards=("FIRE loan.start_date",)),
           date("matures_on", "Last contractual due date.").with_(
               standards=("FIRE loan.end_date", "EBA-NPL 3,07 Legal final maturity date")),
           replace(LOAN_ID, name="refinances_loan_id", required=False, doc="The loan that this one repaid, if any.", standards=())),
    sums=(PRINCIPAL_MINOR,),
    doc="Loan contracts.",
)  # fmt: skip
INSTALMENT = Feed(
    "instalment", whose="borrower", basis="contract",
    key=(LOAN_ID, count("schedule_no", "Number of the schedule; a re-schedule has a higher one."),
         count("instalment_no", "Instalment within the schedule, from 1.")),
    on=date("agreed_on", "Day the schedule was agreed: from then on it binds."),
    facts=(date("due_on", "Due date.").with_(standards=("FIRE loan_cash_flow.payment_date",)),
           PRINCIPAL_MINOR, minor("interest_minor", "Interest, minor units.")),
    sums=(PRINCIPAL_MINOR, minor("interest_minor", "Interest, minor units.")),
    doc="Repayment schedules. The event is the agreement; the due date is its content. A re-schedule lists what remains: "
        "what was asked, charged and paid up to the day it was agreed on is done with.",
)  # fmt: skip
CHARGE = Feed(
    "charge", whose="borrower", basis="contract",
    key=(SENDER_ID, number("charge_id", "The sender's number of the charge.")),
    on=date("charged_on", "Day of the charge."),
    facts=(LOAN_ID, coded("kind", codes.CHARGES, "What is charged."),
           AMOUNT_MINOR,
           date("due_on", "Due date; empty = the day of the charge.", required=False),
           coded("payee", codes.PAYEES, "Whose money it is.")),
    sums=(AMOUNT_MINOR,),
    doc="Fees and their payee, beside the instalments.",
)  # fmt: skip
PAID_MINOR = minor("paid_minor", "Amount paid, minor units; negative = taken back.", at_least=None)
REPAYMENT = Feed(
    "repayment", whose="borrower", basis="contract", past=True,
    key=(SENDER_ID, number("repayment_id", "The sender's number of the repayment.")),
    on=date("paid_on", "Day of payment."),
    facts=(LOAN_ID, PAID_MINOR,
           coded("payer", codes.PAYERS, "Who paid; empty = not stated.", required=False),
           coded("channel", codes.CHANNELS, "How it was paid.", required=False),
           minor("funder_minor", "Of the amount, the trust project's share; empty = all of it.", required=False, at_least=None),
           minor("partner_minor", "Of the amount, the partner's share.", required=False, at_least=None),
           minor("guarantor_minor", "Of the amount, the guarantor's share.", required=False, at_least=None)),
    sums=(PAID_MINOR,),
    adds_up=("paid_minor", ("funder_minor", "partner_minor", "guarantor_minor")),
    older=(Older(dt.date(2026, 6, 30), lacks=("funder_minor", "partner_minor", "guarantor_minor")),),
    doc="Money that came in for a loan, as the partner books it.",
)  # fmt: skip
BANK_ENTRY = Feed(
    "bank_entry", sent_by="bank", past=True,
    key=(SENDER_ID, number("entry_id", "The bank's number of the entry.")),
    on=date("booked_on", "Booking date."),
    facts=(POOL_ID, PARTNER_ID, CURRENCY, minor("amount_minor", "Amount, minor units; negative = paid out.", at_least=None),
           replace(restricted("counterparty_account", "account", "Account of the other side."),
                   whose="payer", basis="contract"),
           number("repayment_id", "The partner's number of the repayment that it settles; empty = it settles many.").with_(
               required=False)),
    sums=(AMOUNT_MINOR,),
    older=(Older(dt.date(2026, 6, 30), lacks=("repayment_id",)),),
    doc="Custody account and payment channel statements: cash as the bank saw it.",
)  # fmt: skip
LOAN_EVENT = Feed(
    "loan_event", whose="borrower", basis="contract",
    key=(SENDER_ID, number("event_id", "The sender's number of the event.")),
    on=date("happened_on", "Day of the event."),
    facts=(LOAN_ID, coded("kind", codes.LOAN_EVENTS, "What happened."), replace(AMOUNT_MINOR, required=False),
           date("from_on", "First due date concerned; empty = the day of the event.", required=False),
           date("until_on", "Day on which it is due now, or last day of the cause; empty = a new schedule tells.",
                required=False).with_(required_where=("kind", codes.LASTING))),
    older=(Older(dt.date(2026, 6, 30), lacks=("from_on", "until_on"), lacks_words=tuple(
        ("kind", word) for word in ("holiday", "re_age", "acceleration", "technical", "demand", "lawsuit", "misuse"))),),
    doc="What happened to a loan besides instalments and repayments.",
)  # fmt: skip
BEHAVIOUR = Feed(
    "behaviour", whose="borrower", basis="consent", past=True,
    key=(SENDER_ID, number("event_id", "The sender's number of the event.")),
    on=date("happened_on", "Day of the event."),
    facts=(CUSTOMER_ID, coded("kind", codes.BEHAVIOURS, "What the customer did."),
           count("times", "How often on that day."),
           replace(minor("amount_minor", "Total of the day, minor units; empty where no money moves.", required=False),
                   required_where=("kind", codes.MONEY_MOVES)),
           replace(CURRENCY, required=False)),
    doc="What customers do, a row per customer, day and kind: spending, inflow, logins, social activity, inquiries.",
)  # fmt: skip
CONSENT = Feed(
    "consent", whose="borrower", basis="legal_duty", state=True,
    key=(CUSTOMER_ID, coded("purpose", codes.CONSENTS, "What the customer allows.")), on=VALID_FROM,
    facts=(Column("given", "boolean", "True = given, false = withdrawn.", required=True),),
    doc="Consents given and withdrawn.",
)  # fmt: skip
ASSET, PLEDGE, VALUATION, PRICE_INDEX, SALE, ASSET_EVENT = collateral_feeds.COLLATERAL_FEEDS
CONTROL_TOTAL = Feed(
    "control_total", sent_by="ledger",
    key=(PARTNER_ID, POOL_ID, CURRENCY, date("booked_on", "Business date of the ledger.")),
    on=date("booked_on", "Business date of the ledger."),
    facts=(count("loans", "Loans on the ledger."), minor("balance_minor", "Principal outstanding, minor units.")),
    sums=(minor("balance_minor", "Principal outstanding, minor units."),),
    doc="Totals of our own ledger, against which balances are reconciled.",
)  # fmt: skip
LEDGER_LOAN = Feed(
    "ledger_loan", sent_by="ledger",
    key=(LOAN_ID, date("booked_on", "Business date of the ledger.")),
    on=date("booked_on", "Business date of the ledger."),
    facts=(PARTNER_ID, POOL_ID, CURRENCY, minor("balance_minor", "Principal outstanding, minor units.")),
    sums=(minor("balance_minor", "Principal outstanding, minor units."),),
    doc="The open loans of our ledger, of pools whose control total does not agree: tells which loans differ.",
)  # fmt: skip

FEEDS: dict[str, Feed] = {
    feed.name: feed
    for feed in (
        PARTNER, POOL, BORROWER, LOAN, INSTALMENT, CHARGE, REPAYMENT, BANK_ENTRY, LOAN_EVENT, BEHAVIOUR, CONSENT, ASSET,
        PLEDGE, VALUATION, PRICE_INDEX, SALE, ASSET_EVENT, collateral_feeds.GUARANTEE, CONTROL_TOTAL, LEDGER_LOAN, CONTACT,
        CONTACT_ATTEMPT, PROMISE, EXCHANGE_RATE, SIGNAL, IMPAIRMENT, DEFAULT_PROBABILITY, DEBT_ELSEWHERE,
        STATEMENT, REVIEW, *FILING_FEEDS, *REGISTER_FEEDS,
    )
}  # fmt: skip
