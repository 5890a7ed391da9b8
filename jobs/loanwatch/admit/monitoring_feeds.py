"""The feeds of what surrounds a loan: exchange rates, signals of courts and registries, financials, decisions of people."""

import datetime as dt

from loanwatch import codes
from loanwatch.columns import (
    AMOUNT_MINOR,
    CURRENCY,
    CUSTOMER_ID,
    LOAN_ID,
    PARTNER_ID,
    RULE_ID,
    SENDER_ID,
    SUBJECT,
    SUBJECT_ID,
    VALID_FROM,
    Column,
    basis_points,
    coded,
    date,
    minor,
    number,
)
from loanwatch.tables import Feed, Older

EXCHANGE_RATE = Feed(
    "exchange_rate", sent_by="market", past=True,
    key=(SENDER_ID, CURRENCY.with_(standards=()),
         CURRENCY.with_(name="quote_currency", doc="The currency in which the price is.", standards=()),
         date("quoted_on", "Day of the rate.")),
    on=date("quoted_on", "Day of the rate."),
    facts=(Column("rate_micro", "long", "Price of one unit of `currency`, in millionths of `quote_currency`.",
                  required=True, at_least=1),),
    doc="Exchange rates, a row a pair of currencies and day.",
)  # fmt: skip
SIGNAL = Feed(
    "signal", whose="borrower", basis="legal_duty", sent_by="bureau",
    key=(SENDER_ID, number("signal_id", "The sender's number of the signal.")),
    on=date("published_on", "Day on which it was published or filed."),
    facts=(CUSTOMER_ID, coded("kind", codes.SIGNALS, "What is known, and from whom."),
           AMOUNT_MINOR.with_(required=False, required_where=("kind", codes.SIGNALS_OF_DEBT),
                              doc="Amount of the claim, minor units; empty where there is none."),
           CURRENCY.with_(required=False),
           date("ended_on", "Day on which it was lifted, paid or closed; empty = it stands.", required=False)),
    older=(Older(dt.date(2026, 6, 30), lacks_words=tuple(
        ("kind", word) for word in ("court_liquidation", "rating_cut", "debt_evasion"))),
        Older(dt.date(2027, 3, 31), lacks_words=(("kind", "merger"),))),
    doc="What courts, registries, bureaus, tax offices and the press say about a borrower.",
)  # fmt: skip
IMPAIRMENT = Feed(
    "impairment", whose="borrower", basis="contract", sent_by="ledger", state=True,
    key=(LOAN_ID,), on=VALID_FROM,
    facts=(Column("credit_impaired", "boolean", "Credit-impaired: stage 3.", required=True),
           minor("gross_minor", "Gross amount in the accounts, minor units.").with_(at_least=1),
           minor("allowance_minor", "Expected credit loss of it, minor units.")),
    doc="Loans that are credit-impaired in our accounts (IFRS 9, CAS 22), and those that are so no longer.",
)  # fmt: skip
_PD = basis_points("pd_bp", "Chance that it defaults within its remaining life, basis points.", at_least=0).with_(
    required=True, at_most=10_000)  # fmt: skip
DEFAULT_PROBABILITY = Feed(
    "default_probability", whose="borrower", basis="contract", sent_by="ledger", state=True,
    key=(LOAN_ID,), on=VALID_FROM,
    facts=(_PD, _PD.with_(name="opening_pd_bp", at_least=1, doc="That chance as it was expected when the loan was first booked.")),
    doc="What our models of credit risk say of a loan (IFRS 9, 5.5.9): now, and for the same time when it was first booked.",
)  # fmt: skip
DEBT_ELSEWHERE = Feed(
    "debt_elsewhere", whose="borrower", basis="legal_duty", sent_by="bureau", state=True,
    key=(CUSTOMER_ID,), on=VALID_FROM,
    facts=(CURRENCY, minor("debt_minor", "Owed to all other lenders, minor units."),
           minor("overdue_90d_minor", "Of it past due for more than 90 days, minor units.")),
    doc="What customers who were asked about owe to other lenders, as the credit reference system says.",
)  # fmt: skip
TURNOVER_MINOR = minor("turnover_minor", "Turnover of the period, minor units; the standards ask for a year's.").with_(
    standards=("FIRE entity.turnover", "EBA-NPL 1,28 Annual Turnover"))  # fmt: skip
STATEMENT = Feed(
    "statement", whose="borrower", basis="contract",
    key=(CUSTOMER_ID, date("period_ends_on", "Last day of the period.").with_(
             standards=("FIRE entity.financials_date", "EBA-NPL 1,20 Date of Latest Annual Financial Statements")),
         Column("months", "int", "Length of the period, months: 3 = quarter, 12 = year.", required=True, at_least=1, at_most=18)),
    on=date("drawn_up_on", "Day on which it was drawn up."),
    facts=(CURRENCY.with_(standards=("FIRE entity.currency_code", "EBA-NPL 1,21 Currency of Financial Statements")),
           minor("total_assets_minor", "Total assets, minor units.").with_(
               standards=("FIRE entity.total_assets", "EBA-NPL 1,25 Total Assets")),
           minor("current_assets_minor", "Of these current, minor units."),
           minor("total_liabilities_minor", "Total liabilities, minor units.").with_(standards=("EBA-NPL 1,26 Total Liabilities",)),
           minor("current_liabilities_minor", "Of these current, minor units."),
           minor("debt_minor", "Of all liabilities those that bear interest, minor units.").with_(
               standards=("EBA-NPL 1,27 Total Debt",)),
           TURNOVER_MINOR,
           minor("ebit_minor", "Earnings before interest and tax, minor units; negative = a loss.", at_least=None).with_(
               standards=("EBA-NPL 1,29 Annual EBIT",)),
           minor("interest_minor", "Interest expense, minor units."),
           minor("pre_tax_profit_minor", "Profit before tax, minor units; negative = a loss.", at_least=None)),
    sums=(TURNOVER_MINOR,),
    doc="Financial statements of business borrowers.",
)  # fmt: skip
_RULE = "[A-Z][A-Z0-9_]*"
ON_WARNINGS = ("confirm", "snooze", "dismiss", "recolour")
REVIEW_ID = number("review_id", "Our number of the review.")
REVIEW = Feed(
    "review", whose="borrower", basis="contract", sent_by="risk",
    key=(SENDER_ID, REVIEW_ID),
    on=date("decided_on", "Day of the decision."),
    facts=(SUBJECT.with_(codes=codes.REVIEW_SUBJECTS),
           SUBJECT_ID.with_(doc="Loan, borrower's token, or of a storm `<RULE>@<partner>` or `<RULE>@all`.",
                            pattern=rf"{LOAN_ID.pattern}|[0-9a-f]{{32}}|{_RULE}@{PARTNER_ID.pattern}"),
           coded("decision", codes.REVIEW_DECISIONS, "What was decided."),
           RULE_ID.with_(required=False, required_where=("decision", ON_WARNINGS), pattern=_RULE,
                         doc="The rule whose warning was decided on."),
           coded("colour", codes.WARNING_COLOURS, "The colour that people are to see instead.", required=False).with_(
               required_where=("decision", ("recolour",))),
           coded("five_class", codes.CLASSES, "The class that is to hold instead.", required=False).with_(
               required_where=("decision", ("override",))),
           REVIEW_ID.with_(name="approves_review_id", required=False, required_where=("decision", ("approve",)),
                           doc="The review that is approved."),
           coded("reason", codes.REVIEW_REASONS, "Why."),
           number("author", "Staff number of who decided.").with_(whose="staff", basis="contract"),
           date("expires_on", "Last day on which it holds; empty = without end.", required=False).with_(
               required_where=("decision", ("snooze", "override", "recolour"))),
           coded("action", codes.REVIEW_ACTIONS, "What was done.", required=False),
           coded("result", codes.REVIEW_RESULTS, "What came of it; comes in a later version of the row.", required=False)),
    older=(Older(dt.date(2026, 6, 30), lacks=("colour",), lacks_words=(
        ("subject", "rule"), ("decision", "recolour"), ("decision", "release"), ("decision", "drop"))),),
    doc="What people decided about warnings and classes, what they did, and what came of it.",
)  # fmt: skip
