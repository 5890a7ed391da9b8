"""The feeds of what the register of credit in the euro area asks beyond a loan's contract and money (Regulation (EU) 2016/867).

Of a partner that sends `instrument` every loan on the book goes to the register; of others none does.
"""

from loanwatch import codes_register as codes
from loanwatch.columns import LOAN_ID, VALID_FROM, Column, coded, date, minor
from loanwatch.tables import Feed


def _flag(name: str, doc: str) -> Column:
    return Column(name, "boolean", doc, required=True)


def _rate(name: str, doc: str) -> Column:
    return Column(name, "long", f"{doc}, billionths a year.")


COUNTERPARTY_ID = Column("counterparty_id", doc="Who owes or protects: the number that the register knows it by.", required=True)
INSTRUMENT = Feed(
    "instrument", whose="borrower", basis="legal_duty", state=True,
    key=(LOAN_ID,), on=VALID_FROM,
    facts=(Column("contract_id", doc="Number of the contract.", required=True),
           COUNTERPARTY_ID.with_(name="debtor_id", doc="The debtor, by the register's number."),
           coded("instrument", codes.INSTRUMENTS, "What it is."),
           coded("amortisation", codes.AMORTISATIONS, "How it is paid down."),
           date("signed_on", "Day on which the contract began."),
           date("ends_on", "Last contractual due date; empty = it has none.", required=False),
           date("interest_only_until", "Last day on which interest alone is paid; empty = none agreed.", required=False),
           minor("commitment_minor", "Most that could be drawn when it began, minor units; empty = nothing was committed.",
                 required=False),
           coded("rate_type", codes.RATES, "Kind of its rate."),
           _rate("rate_e9", "Its rate").with_(required=True),
           _rate("cap_e9", "The most that it can be; empty = none agreed"),
           _rate("floor_e9", "The least; empty = none agreed"),
           _rate("margin_e9", "Above the reference rate; empty = it has none"),
           coded("reference_rate", codes.REFERENCE_RATES, "What it follows; empty = nothing.", required=False),
           coded("rate_reset", codes.RESETS, "How often it is reset; empty = it is not.", required=False),
           date("next_reset_on", "Day of the next reset; empty = none to come.", required=False),
           coded("payment_frequency", codes.PAYMENTS, "How often is paid."),
           coded("lending_purpose", codes.PURPOSES, "What it is for."),
           coded("repayment_right", codes.REPAYMENT_RIGHTS, "When the creditor can ask for it."),
           _flag("fiduciary", "Whether it is held for others."),
           _flag("project_finance", "Whether it is a loan of project finance."),
           _flag("recourse", "Whether the creditor can take more than what protects it."),
           _flag("subordinated", "Whether others are paid first."),
           Column("syndicate_id", doc="Number of the syndicated contract; empty = it is of none."),
           minor("bought_change_minor", "By how much credit risk had changed its value when it was bought; empty = it was not.",
                 required=False, at_least=None),
           coded("securitisation", codes.SECURITISATIONS, "Whether it is securitised."),
           minor("transferred_minor", "Of it, transferred economically, minor units."),
           minor("accrued_interest_minor", "Interest accrued, minor units."),
           minor("undrawn_minor", "What can still be drawn, minor units; empty = nothing was committed.", required=False),
           coded("accounting_class", codes.ACCOUNTING_CLASSES, "How it is measured in the accounts."),
           coded("recognition", codes.RECOGNITIONS, "Whether it is on the balance sheet."),
           minor("allowance_minor", "Expected credit loss booked, minor units."),
           coded("impairment_method", codes.IMPAIRMENT_METHODS, "How that is assessed."),
           minor("risk_change_minor", "By how much credit risk has changed its fair value; empty = not measured so.",
                 required=False, at_least=None),
           minor("provision_minor", "Provision for what can still be drawn; empty = nothing was committed.", required=False),
           minor("carrying_minor", "What it stands for in the accounts; empty = what is owed and accrued, less what is booked.",
                 required=False, at_least=None),
           coded("encumbrance", codes.ENCUMBRANCES, "What it is pledged for by us."),
           coded("portfolio", codes.PORTFOLIOS, "In which book it is."),
           coded("forbearance", codes.FORBEARANCES, "Whether and how its terms were changed."),
           date("forbearance_since", "Since when; empty = since it began.", required=False),
           date("performance_since", "Since when it performs or does not; empty = since it began.", required=False),
           date("default_since", "Since when it is in default or not; empty = since it began.", required=False),
           _flag("default_of_debtor", "Whether default is told of the debtor, not of the instrument.")),
    doc="Instruments as the register wants them.",
)  # fmt: skip
PROTECTION = Feed(
    "protection", whose="borrower", basis="legal_duty", state=True,
    key=(LOAN_ID, Column("protection_id", doc="Number of what protects it.", required=True)), on=VALID_FROM,
    facts=(COUNTERPARTY_ID.with_(name="provider_id", doc="Who provides it, by the register's number."),
           coded("protection", codes.PROTECTIONS, "What it is."),
           minor("protection_minor", "Its value, minor units."),
           coded("protection_value", codes.PROTECTION_VALUES, "Kind of that value."),
           coded("valuation_approach", codes.VALUATION_APPROACHES, "How it was found."),
           date("valued_on", "Day of that value; empty = it is that of each day.", required=False),
           minor("original_minor", "Its value at first, minor units."),
           date("originally_on", "Day of that."),
           date("protects_until", "Last day on which it protects; empty = not limited.", required=False),
           Column("location", doc="Where the real estate lies (NUTS 3); empty = it is none."),
           minor("allocated_minor", "Of its value, what is for this instrument, minor units."),
           minor("prior_minor", "What others can claim of it before us, minor units."),
           Column("in_force", "boolean", "False from the day on which it ends.", required=True)),
    doc="What protects instruments, and how much of it each.",
)  # fmt: skip
COUNTERPARTY = Feed(
    "counterparty", sent_by="ledger", state=True,
    key=(COUNTERPARTY_ID,), on=VALID_FROM,
    facts=(_flag("in_default", "Whether it is in default."),
           date("in_default_since", "Since when it is, or is no longer; empty = it never was.", required=False)),
    doc="Debtors and providers whose default is told of themselves.",
)  # fmt: skip
CO_DEBTOR = Feed(
    "co_debtor", whose="borrower", basis="contract", state=True,
    key=(LOAN_ID, COUNTERPARTY_ID), on=VALID_FROM,
    facts=(minor("jointly_minor", "What it owes together with others, minor units."),
           Column("in_force", "boolean", "False from the day on which it owes no more.", required=True)),
    doc="Debtors that owe an instrument together, each with what it is liable for.",
)  # fmt: skip
REGISTER_FEEDS = (INSTRUMENT, PROTECTION, COUNTERPARTY, CO_DEBTOR)
