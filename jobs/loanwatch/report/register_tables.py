"""The tables that the forms of the register of credit in the euro area are filled from."""

from loanwatch import codes
from loanwatch.admit.register_feeds import CO_DEBTOR, COUNTERPARTY, INSTRUMENT, PROTECTION
from loanwatch.columns import (
    ARREARS_MINOR,
    BALANCE_MINOR,
    CURRENCY,
    CUSTOMER_ID,
    LOAN_ID,
    PARTNER_ID,
    POOL_ID,
    PRODUCT,
    Column,
    coded,
    date,
    minor,
)
from loanwatch.tables import Feed, Table

_ENDS = "at a month-end, of partners that send instruments; no rows on other dates"
_MONTH_END = date("month_end", "The month's last day.")


def _told(feed: Feed, *without: str) -> tuple[Column, ...]:
    return tuple(column.with_(required=False) for column in feed.facts if column.name not in without)


BASE_INSTRUMENT = Table(
    "report.base_instrument",
    f"one row per loan on the book {_ENDS}",
    (LOAN_ID,),
    (
        LOAN_ID, CUSTOMER_ID.with_(required=False), PARTNER_ID, POOL_ID, PRODUCT, CURRENCY, _MONTH_END, BALANCE_MINOR,
        ARREARS_MINOR,
        date("unpaid_since", "Oldest past due date that is not paid in full; null = none.", required=False),
        date("opened_on", "Day of disbursement."),
        coded("stage", codes.STAGES, "Stage of expected credit loss.", required=False),
        coded("eu_default", codes.DEFAULTS, "Whether it is in default.", required=False),
        coded("eu_performance", codes.PERFORMANCE, "Whether it performs, and is forborne.", required=False),
        minor("write_off_minor", "Written off so far.", at_least=None),
        minor("recovered_minor", "Paid since it is in default; null = it is not.", required=False, at_least=None),
        *_told(INSTRUMENT),
    ),
    public=True,
)  # fmt: skip
BASE_PROTECTION = Table(
    "report.base_protection",
    f"one row per loan and what protects it {_ENDS}",
    PROTECTION.key,
    (
        *PROTECTION.key, PARTNER_ID, POOL_ID, CURRENCY, _MONTH_END,
        Column("contract_id", doc="Number of the loan's contract."),
        Column("first_of_protection", "boolean", "Whether it is the first loan of the protection.", required=True),
        *_told(PROTECTION, "in_force"),
    ),
    public=True,
)  # fmt: skip
BASE_COUNTERPARTY = Table(
    "report.base_counterparty",
    f"one row per debtor or provider of protection whose default is told of itself {_ENDS}",
    COUNTERPARTY.key,
    (*COUNTERPARTY.key, _MONTH_END, *_told(COUNTERPARTY)),
    public=True,
)
BASE_CO_DEBTOR = Table(
    "report.base_co_debtor",
    f"one row per loan and debtor that owes it together with others {_ENDS}",
    CO_DEBTOR.key,
    (*CO_DEBTOR.key, PARTNER_ID, POOL_ID, CURRENCY, _MONTH_END, Column("contract_id", doc="Number of the loan's contract."),
     *_told(CO_DEBTOR, "in_force")),
    public=True,
)  # fmt: skip
REGISTER = (BASE_INSTRUMENT, BASE_PROTECTION, BASE_COUNTERPARTY, BASE_CO_DEBTOR)
