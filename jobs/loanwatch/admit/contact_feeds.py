"""The feeds about reaching borrowers: at which numbers, who tried when, and what was promised."""

import datetime as dt

from loanwatch import codes
from loanwatch.columns import (
    CUSTOMER_ID,
    LOAN_ID,
    SENDER_ID,
    VALID_FROM,
    Column,
    coded,
    count,
    date,
    minor,
    number,
    restricted,
)
from loanwatch.tables import Feed, Older

CONTACT_NO = count("contact_no", "The partner's number of the contact among the customer's, from 1.").with_(at_least=1)
PROMISED_MINOR = minor("promised_minor", "Amount promised, minor units.").with_(at_least=1)

CONTACT = Feed(
    "contact", whose="borrower", basis="contract", state=True,
    key=(CUSTOMER_ID, CONTACT_NO), on=VALID_FROM,
    facts=(coded("relation", codes.CONTACT_RELATIONS, "Who is reached there, to the borrower."),
           restricted("name", "name", "Name of the other person; empty = the borrower.").with_(
               whose="contact_person", basis="consent"),
           restricted("phone", "phone", "Phone number.", required=True).with_(whose="contact_person", basis="consent"),
           coded("line", codes.PHONE_LINES, "Kind of line."),
           coded("source", codes.CONTACT_SOURCES, "Where the number is from."),
           coded("number_status", codes.NUMBER_STATUSES, "What the carrier says of the number; empty = not asked.", required=False),
           coded("lawful_basis", codes.LAWFUL_BASES,
                 "On what the number may be used; a borrower's consent does not cover another person."),
           Column("may_contact", "boolean", "False from the day on which the person refuses, and for good.", required=True)),
    doc="Numbers at which a borrower can be reached, directly or through another person, who serves to reach and for nothing else.",
)  # fmt: skip
CONTACT_ATTEMPT = Feed(
    "contact_attempt", whose="borrower", basis="contract", past=True,
    key=(SENDER_ID, number("attempt_id", "The sender's number of the attempt.")),
    on=date("attempted_on", "Day of the attempt."),
    facts=(CUSTOMER_ID,
           CONTACT_NO.with_(required=False, doc="The contact that was tried; empty = at home or in the app."),
           Column("hour", "int", "Hour of the day, local time: 8 = from 8:00 to 8:59.", required=True, at_least=0, at_most=23),
           coded("channel", codes.CONTACT_CHANNELS, "How it was tried."),
           coded("collector", codes.COLLECTORS, "Who tried."),
           coded("outcome", codes.CONTACT_OUTCOMES, "What came of it.")),
    older=(Older(dt.date(2026, 6, 30), lacks=("hour",), lacks_words=(("collector", "robot"),)),),
    doc="Attempts to reach a borrower; also the record of conduct: hours, frequency, refusals (GB/T 45251-2025).",
)  # fmt: skip
PROMISE = Feed(
    "promise", whose="borrower", basis="contract",
    key=(SENDER_ID, number("promise_id", "The sender's number of the promise.")),
    on=date("promised_on", "Day of the promise."),
    facts=(LOAN_ID, PROMISED_MINOR, date("due_on", "Day by which it is to be paid.")),
    sums=(PROMISED_MINOR,),
    doc="Promises to pay; whether one was kept, the repayments tell.",
)  # fmt: skip
