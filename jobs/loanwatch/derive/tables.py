"""What `derive` writes: the columns follow from the declared indicators."""

from loanwatch import codes
from loanwatch.columns import (
    ASSET_ID,
    BORROWER_ID,
    CURRENCY,
    CUSTOMER_ID,
    LOAN_ID,
    PARTNER_ID,
    POOL_ID,
    PRODUCT,
    REGION,
    SECURED,
    Column,
    coded,
    date,
)
from loanwatch.derive import (
    activity,
    cash_flow,
    collateral,
    contact,
    exposure,
    financials,
    history,
    inquiry,
    legal,
    pool,
    repayment,
    servicing,
)
from loanwatch.derive.behaviour import SOURCES, against_peers
from loanwatch.derive.indicator import Indicator, gap_of
from loanwatch.derive.plan import distinct_measures, monthly_series
from loanwatch.tables import Table

KEPT = (*cash_flow.KEPT, *activity.KEPT)
LOAN_INDICATORS: tuple[Indicator, ...] = (
    *repayment.INDICATORS, *servicing.INDICATORS, *history.INDICATORS, *collateral.INDICATORS,
)  # fmt: skip
BORROWER_INDICATORS: tuple[Indicator, ...] = (
    *exposure.INDICATORS, *cash_flow.INDICATORS, *activity.INDICATORS, *inquiry.INDICATORS, *map(against_peers, KEPT),
    *legal.INDICATORS, *contact.INDICATORS, *financials.INDICATORS,
)  # fmt: skip

# Repayments of the partner; a schedule of the loan; who paid, stated for every payment; how past month-ends went.
GAPS_OF_THE_BOOK = tuple(map(gap_of, ("repayment", "schedule", "payer", "history")))
# Gap columns of sources that rest on consent: only they can lack a basis.
CONSENTED = frozenset(measure.source.gap.name for i in BORROWER_INDICATORS for measure in i.of if measure.source.consent)


def _table(name: str, grain: str, key: Column, facts: tuple[Column, ...], indicators: tuple[Indicator, ...]) -> Table:
    return Table(f"derive.{name}", grain, (key,), (key, *facts, *(indicator.column for indicator in indicators)))


LOAN_INDICATOR = _table(
    "loan_indicator", "one row per loan of the day", LOAN_ID,
    (
        BORROWER_ID, PARTNER_ID, PRODUCT, CURRENCY,
        coded("status", codes.LOAN_STATUSES, "Whether the loan is on the book."),
        SECURED, *GAPS_OF_THE_BOOK, *map(gap_of, ("valuation", "appraisal", "registration", "guarantee", "promise", "refinanced")),
    ),
    LOAN_INDICATORS,
)  # fmt: skip
BORROWER_INDICATOR = _table(
    "borrower_indicator", "one row per borrower with a loan of the day", BORROWER_ID,
    (
        CURRENCY, *GAPS_OF_THE_BOOK, *(source.gap for source in SOURCES),
        *map(gap_of, ("signal", "contact", "attempt", "statement")),
    ),
    BORROWER_INDICATORS,
)  # fmt: skip
ASSET_INDICATOR = _table(
    "asset_indicator", "one row per asset that is pledged for a loan of the day", ASSET_ID,
    (
        coded("kind", codes.ASSET_KINDS, "Kind of asset; null = the asset was never delivered.", required=False), REGION,
        PARTNER_ID, CURRENCY, *map(gap_of, collateral.ASSET_SOURCES),
    ),
    collateral.ASSET_INDICATORS,
)  # fmt: skip
POOL_INDICATOR = _table(
    "pool_indicator", "one row per pool with a loan of the day", POOL_ID, (CURRENCY, *map(gap_of, pool.GAPS)), pool.INDICATORS,
)
PARTNER_INDICATOR = _table(
    "partner_indicator", "one row per partner with a loan of the day", PARTNER_ID, (CURRENCY, *map(gap_of, pool.GAPS)),
    pool.PARTNER_INDICATORS,
)  # fmt: skip
BEHAVIOUR_SERIES = monthly_series(distinct_measures(BORROWER_INDICATORS, "behaviour"))
SUMMED_MONTHS = 13  # closed months that the longest window reaches back
BEHAVIOUR_MONTH = Table(
    "derive.behaviour_month",
    "one row per customer and closed month whose sums are new, or not what the parent release knew",
    (CUSTOMER_ID, Column("month")),
    (
        CUSTOMER_ID,
        date("month", "First day of the month."),
        Column("whole", "boolean", "True in the release that sums a month up for the first time; false in those that correct it.",
               required=True),
        *(Column(s.name, "long" if s.how == "sum" else "date", "Sum of the month." if s.how == "sum" else "Last day in the month.")
          for s in BEHAVIOUR_SERIES),
    ),
)  # fmt: skip
INDICATORS: dict[str, tuple[Table, tuple[Indicator, ...]]] = {
    "loan": (LOAN_INDICATOR, LOAN_INDICATORS),
    "borrower": (BORROWER_INDICATOR, BORROWER_INDICATORS),
    "asset": (ASSET_INDICATOR, collateral.ASSET_INDICATORS),
    "pool": (POOL_INDICATOR, pool.INDICATORS),
    "partner": (PARTNER_INDICATOR, pool.PARTNER_INDICATORS),
}

TABLES = (LOAN_INDICATOR, BEHAVIOUR_MONTH, BORROWER_INDICATOR, ASSET_INDICATOR, POOL_INDICATOR, PARTNER_INDICATOR)
