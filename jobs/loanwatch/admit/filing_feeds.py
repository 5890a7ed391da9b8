"""The feeds of what only forms of regulators ask for: read at month-ends, by no indicator and no rule."""

from loanwatch import codes
from loanwatch.columns import ASSET_ID, LOAN_ID, VALID_FROM, Column, coded, date, restricted
from loanwatch.tables import Feed

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
           Column("repayment_bank", doc="Bank of that account.")),
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
FORM_FIGURE = Feed(
    "form_figure", sent_by="ledger",
    key=(Column("form", doc="Folder of the form, such as 1104/G11II.", required=True),
         Column("cell", doc="Cell of the form, such as 1.2.C.", required=True),
         date("month_end", "The month's last day.")),
    on=date("month_end", "The month's last day."),
    facts=(Column("figure", "long", "Minor units; in a cell that asks for a number, that.", required=True),),
    doc="Cells of forms that other systems of the institution tell: what is no loan, or not known loan by loan.",
)  # fmt: skip
FILING_FEEDS = (LOAN_DETAIL, PLEDGE_DETAIL, FORM_FIGURE)
