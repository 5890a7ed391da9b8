"""Indicators of a borrower over all its loans, at all partners."""

from loanwatch.derive.indicator import Indicator, share

_BOOK, _CLOCK, _HISTORY = "the book", ("repayment", "schedule", "payer"), ("history",)


def _count(name: str, doc: str, source_of: str, *sources: str, formula: str = "") -> Indicator:
    return Indicator(name, "count", formula or name, doc, source_of, sources=sources, at_least=0)


INDICATORS = (
    Indicator("loans", "count", "loans", "Loans of the day.", _BOOK, at_least=1),
    Indicator("exposure_minor", "minor", "exposure_minor", "Principal outstanding of all its loans.", _BOOK, at_least=0),
    Indicator("worst_own_days_past_due", "days", "worst_own_days_past_due",
              "Worst days past due of its loans by the borrower's own clock.", "domain.md 4 C, BUR_OWN_10", sources=_CLOCK,
              at_least=0),
    Indicator("partners", "count", "partners", "Partners at which it has a loan.", "domain.md 4 C, ML_OPEN_LENDERS", at_least=1),
    _count("delinquent_loans", "Loans more than 30 days past due by its own clock.", "domain.md 4 C, BUR_OWN_10", *_CLOCK),
    share("delinquent_share_bp", "delinquent_minor", "exposure_minor",
          "Exposure more than 30 days past due by its own clock, over all.", "domain.md 4 C, BUR_OWN_10", *_CLOCK, at_least=0),
    share("npl_share_bp", "npl_minor", "exposure_minor", "Exposure classed substandard or worse over all its exposure.",
          "domain.md 4 C, BUR_OWN_10; Order 2023 No. 1 art. 12", at_least=0),
    _count("loans_opened_30d", "Loans opened within 30 days, at any partner.", "domain.md 4 C, ML_DEBT_JUMP"),
    _count("loans_opened_90d", "Loans opened within 90 days, at any partner.", "domain.md 4 C, ML_DEBT_JUMP"),
    share("borrowed_90d_share_bp", "borrowed_90d_minor", "exposure_minor",
          "Principal of loans opened within 90 days over all its exposure.", "domain.md 4 C, ML_DEBT_JUMP", at_least=0),
    Indicator("days_since_new_loan", "days", "datediff({as_of}, last_opened_on)", "Days since its newest loan was opened.", _BOOK,
              at_least=0),
    _count("late_months_24m", "Month-ends past due of the last 24, over all its loans.", "domain.md 4 A, RPY_MISS_24M", *_HISTORY),
    _count("worst_status_60m", "Worst status of the last 60 month-ends of its loans: 1 = 1-30 days past due.",
           "domain.md 4 A, RPY_RUN3_5Y", *_HISTORY),
    _count("times_eased_12m", "Extensions, restructurings and re-agings of its loans within a year.",
           "domain.md 4 A, RPY_EXTENSION"),
    _count("compensated_loans", "Loans that somebody has compensated for.", "domain.md 4 H, PT_COMP_AGE"),
    _count("sharing_collateral", "Other borrowers who pledge the same flat or vehicle.", "domain.md 4 F, COL_DUP"),
    _count("delinquent_sharing_collateral", "Other borrowers who pledge the same and are known to be more than 30 days past due.",
           "domain.md 4 F, COL_DUP"),
    _count("delinquent_guarantors", "Its guarantors who are borrowers themselves, known to be more than 30 days past due.",
           "domain.md 4 E, GUAR_DEFAULT", "contact"),
)  # fmt: skip
