"""Indicators of other lenders' credit inquiries, per borrower (domain.md 4 C)."""

from loanwatch.derive.behaviour import HALF_YEAR, QUARTER, kept, often, times
from loanwatch.derive.indicator import Indicator
from loanwatch.derive.window import Window

INQUIRY = times("inquiry")
_SOURCE = "domain.md 4 C, ML_INQ_3M"
_3M, _6M = INQUIRY.of(QUARTER).over(Window(months=3)), INQUIRY.of(HALF_YEAR).over(Window(months=6))

INDICATORS = (
    kept(INQUIRY, "Credit inquiries by other lenders, against before.", "domain.md 4 C, ML_ACCEL"),
    often("inquiries_7d", INQUIRY, 7, "Credit inquiries by other lenders in 7 days.", "domain.md 4 C, ML_ORG_7D"),
    often("inquiries_30d", INQUIRY, 30, "Credit inquiries by other lenders in 30 days.", "domain.md 4 C, ML_ORG_30D"),
    Indicator("inquiries_3m", "count", _3M.name, "Credit inquiries by other lenders, this month and three before.", _SOURCE,
              of=(_3M,), at_least=0),
    Indicator("inquiries_6m", "count", _6M.name, "Credit inquiries by other lenders, this month and six before.", _SOURCE,
              of=(_6M,), at_least=0),
)  # fmt: skip
