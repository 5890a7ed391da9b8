"""What `derive` writes: the columns follow from the declared indicators."""

from loanwatch import codes
from loanwatch.columns import BORROWER_ID, CURRENCY, LOAN_ID, PARTNER_ID, PRODUCT, SECURED, Column, coded
from loanwatch.derive import behaviour, collateral, exposure, repayment
from loanwatch.derive.indicator import Indicator
from loanwatch.tables import Table

LOAN_INDICATORS: tuple[Indicator, ...] = (*repayment.INDICATORS, *collateral.INDICATORS)
BORROWER_INDICATORS: tuple[Indicator, ...] = (*exposure.INDICATORS, *behaviour.INDICATORS)
# Gap columns of sources that rest on consent: only they can lack a basis.
CONSENTED = frozenset(measure.source.gap.name for i in BORROWER_INDICATORS for measure in i.of if measure.source.consent)


def _gap(source: str) -> Column:
    return coded(f"{source}_gap", codes.GAPS, f"What is missing of the source {source}.")


# Repayments of the partner; a schedule of the loan; who paid, stated for every payment.
GAPS_OF_THE_BOOK = (_gap("repayment"), _gap("schedule"), _gap("payer"))
LOAN_INDICATOR = Table(
    "derive.loan_indicator",
    "one row per loan of the day",
    (LOAN_ID,),
    (
        LOAN_ID, BORROWER_ID, PARTNER_ID, PRODUCT, CURRENCY,
        coded("status", codes.LOAN_STATUSES, "Whether the loan is on the book."),
        SECURED,
        *GAPS_OF_THE_BOOK, _gap("valuation"),
        *(indicator.column for indicator in LOAN_INDICATORS),
    ),
)  # fmt: skip
BORROWER_INDICATOR = Table(
    "derive.borrower_indicator",
    "one row per borrower with a loan of the day",
    (BORROWER_ID,),
    (
        BORROWER_ID, CURRENCY,
        *GAPS_OF_THE_BOOK, behaviour.ACTIVITY.gap, behaviour.INCIDENT.gap,
        *(indicator.column for indicator in BORROWER_INDICATORS),
    ),
)  # fmt: skip

TABLES = (LOAN_INDICATOR, BORROWER_INDICATOR)
