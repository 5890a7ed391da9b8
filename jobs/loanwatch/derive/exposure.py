"""Indicators of a borrower over all its loans, at all partners."""

from loanwatch.derive.indicator import Indicator

INDICATORS = (
    Indicator("loans", "count", "loans", "Loans of the day.", "the book"),
    Indicator("exposure_minor", "minor", "exposure_minor", "Principal outstanding of all its loans.", "the book"),
    Indicator("worst_own_days_past_due", "days", "worst_own_days_past_due",
              "Worst days past due of its loans by the borrower's own clock.", "domain.md 4 C, BUR_OWN_10",
              sources=("repayment", "schedule", "payer")),
    Indicator("partners", "count", "partners", "Partners at which it has a loan.", "domain.md 4 C, ML_OPEN_LENDERS"),
)  # fmt: skip
