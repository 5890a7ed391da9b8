"""The feeds of what only forms of regulators ask for: read at month-ends, by no indicator and no rule."""

import datetime as dt

from loanwatch import codes
from loanwatch.columns import ASSET_ID, CURRENCY, LOAN_ID, VALID_FROM, Column, coded, date, minor, number, restricted
from loanwatch.tables import Feed, Older

BUSINESS = tuple(word for word in codes.BORROWER_KINDS.words if word != "consumer")


def _flag(name: str, doc: str) -> Column:
    return Column(name, "boolean", f"{doc}; empty = not told.")


LOAN_DETAIL = Feed(
    "loan_detail", whose="borrower", basis="legal_duty", state=True,
    key=(LOAN_ID,), on=VALID_FROM,
    facts=(Column("contract_id", doc="Number of the credit contract that the loan was drawn under; empty = its own."),
           coded("borrower_kind", codes.BORROWER_KINDS, "Who borrows, and for what: firms by size (MIIT 2011 No. 300)."),
           coded("purpose", codes.PURPOSES, "What the loan is for."),
           Column("industry_division", "int", "Division that the money goes to (GB/T 4754-2017); empty where not for business.",
                  at_least=1, at_most=97, required_where=("borrower_kind", BUSINESS)),
           Column("used_in", doc="Administrative division that the money goes to, six digits (GB/T 2260).", pattern=r"[1-8]\d{5}"),
           coded("granted_as", codes.GRANTED_AS, "As what it was granted; empty = not told.", required=False),
           coded("paid_out", codes.PAID_OUT, "Whom it was paid out to; empty = not told.", required=False),
           coded("rate_basis", codes.RATE_BASES, "What its rate follows; empty = not told.", required=False),
           _flag("revolving", "Whether it can be drawn and repaid again within a limit"),
           _flag("online", "Whether it is an internet loan"),
           _flag("green", "Whether it is a green loan"),
           _flag("rural", "Whether it is for agriculture, villages or farmers"),
           _flag("inclusive_rural", "Whether it counts as inclusive and rural"),
           _flag("inclusive_small", "Whether it counts as inclusive, to a small or micro firm"),
           _flag("science", "Whether it is for science and technology"),
           Column("officer_no", doc="Staff number of who manages it."),
           restricted("loan_account", "account", "Account that the loan is kept in."),
           restricted("payee_account", "account", "Account that it was paid out to."),
           restricted("payee_name", "name", "Whose account that is."),
           Column("payee_bank", doc="Bank of that account."),
           restricted("repayment_account", "account", "Account that it is repaid from."),
           Column("repayment_bank", doc="Bank of that account."),
           _flag("authorised", "Whether the borrower has signed that its data may be used"),
           Column("authorisation_no", doc="Number of that document, of several the newest in force."),
           date("authorised_from", "First day of it.", required=False),
           date("authorised_until", "Last day of it; empty = without end.", required=False)),
    older=(Older(dt.date(2027, 6, 30), lacks=(
        "revolving", "authorised", "authorisation_no", "authorised_from", "authorised_until")),),
    doc="What forms ask about a loan and monitoring does not.",
)  # fmt: skip
PLEDGE_DETAIL = Feed(
    "pledge_detail", whose="borrower", basis="legal_duty", state=True,
    key=(LOAN_ID, ASSET_ID), on=VALID_FROM,
    facts=(Column("contract_id", doc="Number of the contract by which it is pledged.", required=True),
           date("signed_on", "First day of that contract."),
           date("until_on", "Last day of it; empty = until the loan is repaid.", required=False),
           _flag("maximum", "Whether it secures all claims up to a maximum"),
           Column("officer_no", doc="Staff number of who manages it."),
           restricted("certificate_no", "account", "Number of the title or of the registration."),
           restricted("owner_name", "name", "Name of the asset's owner."),
           coded("owner_id_type", codes.ID_TYPES, "Kind of the owner's identity document.", required=False),
           restricted("owner_id_number", "id_number", "Number of that document.")),
    doc="What forms ask about a pledge and monitoring does not.",
)  # fmt: skip
GUARANTEE_DETAIL = Feed(
    "guarantee_detail", whose="guarantor", basis="legal_duty", state=True,
    key=(LOAN_ID, number("guarantee_id", "The partner's number of the guarantee.")), on=VALID_FROM,
    facts=(Column("contract_id", doc="Number of the contract of guarantee.", required=True),
           date("signed_on", "First day of that contract."),
           _flag("maximum", "Whether it secures all claims up to a maximum"),
           Column("officer_no", doc="Staff number of who manages it."),
           Column("of_firm", "boolean", "Whether a firm guarantees; else a person.", required=True),
           restricted("guarantor_name", "name", "Name of the guarantor.", required=True),
           coded("guarantor_id_type", codes.ID_TYPES, "Kind of the guarantor's identity document.", required=False),
           restricted("guarantor_id_number", "id_number", "Number of that document."),
           minor("net_worth_minor", "What the guarantor owns less its debts, minor units; empty = not told.", required=False,
                 at_least=None),
           CURRENCY.with_(name="net_worth_currency", doc="Currency of it.", required=False, standards=())),
    doc="What forms ask about a guarantee and monitoring does not.",
)  # fmt: skip
WRITE_OFF_DETAIL = Feed(
    "write_off_detail", sent_by="ledger", whose="borrower", basis="legal_duty", state=True,
    key=(LOAN_ID,), on=VALID_FROM,
    facts=(minor("written_off_principal_minor", "Principal written off, minor units."),
           minor("written_off_interest_minor", "Interest on the balance sheet written off, minor units."),
           minor("off_balance_interest_minor", "Interest kept off the balance sheet by then, minor units."),
           Column("claim_ended", "boolean", "Whether the claim itself has ended; else it is kept on file.", required=True),
           Column("recovery_officer_no", doc="Staff number of who recovered last.")),
    sums=(minor("written_off_principal_minor", "Principal written off, minor units."),),
    doc="Of what a loan's write-off consisted, and what became of the claim.",
)  # fmt: skip
AGREEMENT_ID = Column("agreement_id", doc="Number of a cooperation agreement on internet loans.", required=True)
AGREEMENT = Feed(
    "agreement", sent_by="ledger", state=True,
    key=(AGREEMENT_ID, Column("cooperator_code", doc="Unified social credit code of who is the other side, or one of several.",
                              required=True, pattern=r"[0-9A-HJ-NP-RTUW-Y]{18}")),
    on=VALID_FROM,
    facts=(Column("cooperator_name", doc="Registered name of it.", required=True),
           coded("cooperator_kind", codes.COOPERATION_PARTNERS, "What it is."),
           coded("cooperation", codes.COOPERATIONS, "What it does."),
           Column("registered_in", doc="Administrative division that it is registered in, six digits (GB/T 2260).", required=True,
                  pattern=r"[1-8]\d{5}"),
           date("starts_on", "First day of the agreement."),
           date("ends_on", "Last day as agreed; empty = not agreed.", required=False),
           date("ended_on", "Day on which the cooperation ended; empty = it goes on.", required=False),
           coded("state", codes.AGREEMENT_STATES, "What has become of the agreement."),
           Column("limited", "boolean", "Whether something speaks against going on: limits, bans, lawsuits.", required=True)),
    doc="Cooperation agreements on internet loans, a row each of those on the other side.",
)  # fmt: skip
LOAN_AGREEMENT = Feed(
    "loan_agreement", whose="borrower", basis="legal_duty", state=True,
    key=(LOAN_ID, AGREEMENT_ID), on=VALID_FROM,
    facts=(minor("liability_minor", "What those on the other side lend or guarantee of the loan's contract, minor units."),),
    sums=(minor("liability_minor", "What those on the other side lend or guarantee of the loan's contract, minor units."),),
    doc="Under which cooperation agreements an internet loan was granted.",
)  # fmt: skip
TRANSFER_ID = Column("transfer_id", doc="Number of the contract by which loans are sold or bought.", required=True)
TRANSFER = Feed(
    "transfer", sent_by="ledger", whose="counterparty", basis="contract", state=True,
    key=(TRANSFER_ID,), on=VALID_FROM,
    facts=(coded("direction", codes.TRANSFER_DIRECTIONS, "Whether loans are bought or sold."),
           coded("kind", codes.TRANSFER_KINDS, "How."),
           coded("state", codes.TRANSFER_STATES, "What has become of the contract."),
           date("settled_on", "Day on which the loans go over; of a securitisation, of its trust's foundation."),
           date("ends_on", "Last day of the contract; empty = the day on which the loans go over.", required=False),
           CURRENCY,
           minor("price_minor", "Price of all, minor units."),
           minor("price_paid_minor", "Of it, paid by now, minor units."),
           date("first_paid_on", "Day of the first payment, deposits aside; empty = none yet.", required=False),
           minor("deposit_minor", "Deposit, minor units; 0 = none."),
           coded("platform", codes.TRANSFER_PLATFORMS, "Where it was traded."),
           Column("registered", "boolean", "Whether it is registered with the credit assets registry.", required=True),
           restricted("receiving_account", "account", "Account that the price is paid into."),
           Column("receiving_name", doc="In whose name that account is: an institution."),
           restricted("counterparty_name", "name", "Name of who sells or buys.", required=True),
           restricted("counterparty_account", "account", "Account that the first payment came from."),
           Column("counterparty_bank", doc="Bank of that account.")),
    doc="Contracts by which loans are sold or bought.",
)  # fmt: skip
TRANSFER_LOAN = Feed(
    "transfer_loan", sent_by="ledger", whose="borrower", basis="contract", state=True,
    key=(LOAN_ID, TRANSFER_ID), on=VALID_FROM,
    facts=(minor("transferred_principal_minor", "Principal before the transfer, minor units; 0 = written off by then."),
           minor("transferred_interest_minor", "Interest before the transfer, or before the write-off, minor units.")),
    sums=(minor("transferred_principal_minor", "Principal before the transfer, minor units; 0 = written off by then."),),
    doc="The loans that go over by a contract.",
)  # fmt: skip
FORM_FIGURE = Feed(
    "form_figure", sent_by="ledger",
    key=(Column("form", doc="Folder of the form, such as 1104/G11II.", required=True),
         Column("cell", doc="Cell of the form, such as 1.2.C.", required=True),
         date("month_end", "The month's last day.")),
    on=date("month_end", "The month's last day."),
    facts=(Column("figure", "long", "Minor units; in a cell that asks for a number, that.", required=True),),
    doc="Cells of forms that other systems of the institution tell: what is no loan, or not known loan by loan.",
)  # fmt: skip
FILING_FEEDS = (
    LOAN_DETAIL, PLEDGE_DETAIL, GUARANTEE_DETAIL, WRITE_OFF_DETAIL, AGREEMENT, LOAN_AGREEMENT, TRANSFER, TRANSFER_LOAN,
    FORM_FIGURE,
)  # fmt: skip
