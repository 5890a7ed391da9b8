"""What the adapters of the US agencies read: Fannie Mae's one file of 108 columns, Freddie Mac's two of 32."""

from __future__ import annotations

from loanwatch import codes
from loanwatch.codes import Code, CodeList
from loanwatch.columns import REGION, Column, basis_points, coded, date, minor, number

ENDINGS = CodeList("agency ending", tuple(Code(*row) for row in (
    ("settled", "Prepaid or matured", "提前还清或到期"),
    ("sale", "Third-party or short sale, charge-off", "第三方拍卖、短售或核销"),
    ("foreclosure", "Deed in lieu, or sale of the repossessed property", "以物抵债或处置抵债物"),
    ("buy_back", "Repurchased or removed", "回购或移除"),
    ("transfer", "Note sold", "债权转让"),
    ("unknown", "Left the file, the reason is none of these", "其他"),
)))  # fmt: skip
NUMBER = number("number", "The agency's number of the loan.")
READS = {
    "loan": (
        NUMBER,
        minor("original_minor", "Original balance, cents.").with_(at_least=1),
        Column("rate_millipercent", "long", "Original rate a year, thousandths of a percent.", required=True,
               at_least=0, at_most=30_000),
        Column("term_months", "int", "Original term.", required=True, at_least=1, at_most=600),
        date("opened_on", "Month of origination; empty = the month before the first payment.", required=False),
        date("first_payment_on", "Month of the first payment."),
        date("matures_on", "Month of maturity; empty = as many payments as the term has months.", required=False),
        basis_points("ltv_bp", "Original loan to value; empty = not known.").with_(at_least=1, at_most=100_000),
        coded("kind", codes.ASSET_KINDS, "Kind of property.", required=False),
        REGION,
    ),
    "month": (
        NUMBER,
        date("month", "Last day of the reporting period."),
        Column("status", doc="Months delinquent, or XX, RA, nothing: not stated.", pattern="[0-9]{1,3}|XX|RA"),
        minor("balance_minor", "Unpaid principal; 0 in the first months: not disclosed.", required=False),
        Column("rate_millipercent", "long", "Rate now, thousandths of a percent; empty = not stated.",
               at_least=0, at_most=30_000),
        date("matures_on", "Month of maturity as it stands; empty = not stated.", required=False),
        Column("modified", "boolean", "Whether the terms have been modified.", required=True),
        coded("ended", ENDINGS, "How it left the book, if it did.", required=False),
        minor("proceeds_minor", "Net proceeds of the property's sale.", required=False, at_least=None),
    ),
}  # fmt: skip
"""By `loan` once a loan (the first row counts), by `month` once a month."""
