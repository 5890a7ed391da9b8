"""Indicators of pools and partners (domain.md 4 H)."""

from __future__ import annotations

from loanwatch.columns import EXPOSURE_MINOR
from loanwatch.derive.indicator import Indicator, from_column, share

GAPS = ("repayment", "schedule", "payer", "history", "ledger", "bank", "line")
_CLOCK, _OWN = ("repayment", "schedule"), ("repayment", "schedule", "payer")
_H = "domain.md 4 H, "

_COLLECTED = share("collection_rate_30d_bp", "paid_30d", "due_30d_minor", "Received in 30 days over what fell due in them.",
                   _H + "PL_COVER", *_CLOCK)  # fmt: skip
_COMPENSATED = share("compensation_share_30d_bp", "others_paid_30d", "paid_30d",
                     "Of what was received in 30 days, what others than borrowers paid.", _H + "PT_COMP_AGE", *_OWN)  # fmt: skip
_OWN_31_PLUS = share("own_31_plus_share_bp", "own_31_minor", "exposure_minor",
                     "Exposure more than 30 days past due by the borrowers' own clock.", _H + "PT_OWN_GAP", *_OWN,
                     at_least=0)  # fmt: skip
_FROM_CURRENT = share("roll_from_current_bp", "rolled_from_current", "were_current",
                      "Of the loans with nothing past due at the month-end before the last, those past due at the last.",
                      _H + "PL_ROLL", "history", at_least=0)  # fmt: skip
_FROM_TWO = share("roll_from_two_bp", "rolled_from_two", "were_two",
                  "Of the loans 31-60 days past due at the month-end before the last, those 61 or more at the last.",
                  _H + "PL_ROLL", "history", at_least=0)  # fmt: skip

# What is compared with its own past: with the mean of the last month-ends, or in standard deviations from it.
CHANGES = {"collection_change_bp": _COLLECTED, "compensation_change_bp": _COMPENSATED, "own_31_plus_change_bp": _OWN_31_PLUS}
DEVIATIONS = {"roll_from_current_deviation_bp": _FROM_CURRENT, "roll_from_two_deviation_bp": _FROM_TWO}


def _change(name: str, doc: str, code: str) -> Indicator:
    """An indicator less its mean of the last month-ends."""
    of = CHANGES[name]
    return Indicator(name, "bp", f"{of.name} - mean_{name}", doc, _H + code, sources=(*of.sources, "line"))


def _deviation(name: str, doc: str, code: str) -> Indicator:
    """How many standard deviations of its own past above its mean, times 10000; not applicable where it never moved."""
    of = DEVIATIONS[name]
    formula = f"bigint(floor(10000 * ({of.name} - mean_{name}) / nullif(deviation_{name}, 0)))"
    return Indicator(name, "bp", formula, doc, _H + code, sources=(*of.sources, "line"))


INDICATORS: tuple[Indicator, ...] = (
    Indicator("loans", "count", "loans", "Loans of the day.", "the book", at_least=1),
    from_column(EXPOSURE_MINOR, "minor", "the book"),
    share("exposure_unknown_share_bp", "unknown_minor", "exposure_minor",
          "Exposure without a schedule: in none of the shares past due.", "the book", at_least=0),
    share("payer_unknown_share_bp", "payer_unknown_minor", "exposure_minor", "Exposure of which it is not stated who pays.",
          _H + "PT_OWN_GAP", at_least=0),
    share("past_due_share_bp", "past_due_minor", "exposure_minor", "Exposure at least 1 day past due.", _H + "PL_ROLL", *_CLOCK,
          at_least=0),
    share("early_share_bp", "early_minor", "exposure_minor", "Exposure 5 to 30 days past due.", "domain.md 4 A, RPY_EARLY_ARREARS",
          *_CLOCK, at_least=0),
    share("past_due_31_plus_share_bp", "past_due_31_minor", "exposure_minor", "Exposure more than 30 days past due.",
          _H + "PT_OWN_GAP", *_CLOCK, at_least=0),
    share("past_due_91_plus_share_bp", "past_due_91_minor", "exposure_minor", "Exposure more than 90 days past due.",
          _H + "PT_OWN_GAP", *_CLOCK, at_least=0),
    _OWN_31_PLUS,
    share("own_91_plus_share_bp", "own_91_minor", "exposure_minor",
          "Exposure more than 90 days past due by the borrowers' own clock.", _H + "PT_OWN_GAP", *_OWN, at_least=0),
    share("own_gap_bp", "own_31_minor - past_due_31_minor", "exposure_minor",
          "Own-clock 31+ share less contract-clock 31+ share: arrears that somebody else's money hides.", _H + "PT_OWN_GAP", *_OWN),
    _change("own_31_plus_change_bp", "Own-clock 31+ share less its mean of the last three month-ends, as far as known.",
            "PL_VINTAGE"),
    share("masked_loans_share_bp", "masked_loans", "loans",
          "Loans that look current although the borrower itself is more than 30 days past due.", _H + "PT_OWN_GAP", *_OWN,
          at_least=0),
    share("npl_share_bp", "npl_minor", "exposure_minor", "Exposure classed substandard or worse.", _H + "PL_MIG", at_least=0),
    share("first_payment_default_bp", "never_paid", "young_loans",
          "Of the loans opened 31 to 150 days ago, those over 30 days past due for which nothing was ever paid.", _H + "PL_FPD",
          *_CLOCK, at_least=0),
    _FROM_CURRENT,
    _FROM_TWO,
    _deviation("roll_from_current_deviation_bp",
               "Roll rate from current against its twelve last month-ends: 10000 = a standard deviation above their mean.",
               "PL_ROLL"),
    _deviation("roll_from_two_deviation_bp",
               "Roll rate from 31-60 days against its twelve last month-ends: 10000 = a standard deviation above their mean.",
               "PL_ROLL"),
    Indicator("status_psi_bp", "bp", "status_psi_bp",
              "Population stability index of the statuses of loans, last month-end against the fourth back.", _H + "PL_PSI",
              sources=("history",), at_least=0),
    _COLLECTED,
    share("own_collection_rate_30d_bp", "paid_30d - others_paid_30d", "due_30d_minor",
          "Received in 30 days from the borrowers themselves over what fell due in them.",
          _H + "PL_COVER", *_OWN),
    _change("collection_change_bp", "Collection rate less its mean of the last three month-ends, as far as known.", "PL_COVER"),
    share("arrears_share_bp", "arrears_minor", "exposure_minor", "Scheduled and not received so far, over exposure.",
          _H + "PL_COVER", *_CLOCK, at_least=0),
    share("prepaid_share_bp", "prepaid_minor", "exposure_minor", "Paid beyond what is due, over exposure.", _H + "PL_COVER",
          *_CLOCK, at_least=0),
    share("recovered_share_bp", "recovered_minor", "written_off_minor", "Recovered on loans written off, over their balance.",
          _H + "PL_COVER", "repayment"),
    _COMPENSATED,
    _change("compensation_change_bp",
            "Share that others than borrowers paid, less its mean of the last three month-ends, as far as known.", "PT_COMP_AGE"),
    share("compensated_loans_90d_bp", "compensated_90d", "loans", "Loans compensated for or bought back in 90 days, over loans.",
          _H + "PT_COMP_AGE", at_least=0),
    Indicator("uncompensated_days", "days", "greatest(0, uncompensated_days)",
              "Days beyond 90 past due of the worst loan that nobody has compensated for.", _H + "PT_COMP_AGE", sources=_CLOCK,
              at_least=0),
    share("largest_borrower_share_bp", "largest_borrower_minor", "exposure_minor", "Exposure to the largest borrower.",
          _H + "PL_COVER", at_least=0),
    share("new_share_30d_bp", "opened_30d_minor", "exposure_minor", "Principal of loans opened within 30 days over exposure.",
          _H + "PL_VINTAGE", at_least=0),
    share("unbacked_share_bp", "unbacked_minor", "repaid_minor", "Repayments that no bank entry backs within the settlement lag.",
          _H + "PT_UNBACKED", "bank", at_least=0, zero_tolerance=True),
    share("reconciliation_difference_bp", "difference_minor", "ledger_balance_minor",
          "What the monitored book and our ledger differ by, pool by pool, over the ledger.", _H + "PT_RECON; Trust Law 29",
          "ledger", "repayment", at_least=0, zero_tolerance=True),
)  # fmt: skip

PARTNER_INDICATORS: tuple[Indicator, ...] = (
    *INDICATORS,
    share("book_share_bp", "exposure_minor", "book_minor", "Its exposure over the whole book.", _H + "PT_SINGLE", at_least=0),
    Indicator("pools", "count", "pools", "Pools that its loans are in.", "the book", at_least=1),
    Indicator("repayment_days_behind", "days", "repayment_days_behind", "Days since the last business date it sent repayments for.",
              _H + "PT_FRESH", at_least=0),
    Indicator("behaviour_days_behind", "days", "behaviour_days_behind",
              "Days since the last business date it sent behaviour for; not applicable where it never does.", _H + "PT_FRESH",
              at_least=0),
    share("rejected_share_30d_bp", "rejected_30d", "delivered_30d", "Rows turned away of those delivered in 30 days.",
          _H + "PT_RECON", at_least=0),
)  # fmt: skip
