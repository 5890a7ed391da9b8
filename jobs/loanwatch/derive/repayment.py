"""Indicators of repayment, per loan (domain.md 4 A)."""

from loanwatch.admit.feeds import REPAYMENT
from loanwatch.columns import ARREARS_MINOR, BALANCE_MINOR, DAYS_PAST_DUE, OWN_DAYS_PAST_DUE, count
from loanwatch.derive.indicator import Indicator, Source, from_column

PAYMENT = Source("repayment", REPAYMENT, history_days=90)

PAID_30D = PAYMENT.sum("paid_30d", "paid_minor", days=30)
OTHERS_90D = PAYMENT.sum("others_90d", "paid_minor", days=90, where="payer <> 'borrower'")
PAID_90D = PAYMENT.sum("paid_90d", "paid_minor", days=90)

INDICATORS = (
    from_column(DAYS_PAST_DUE, "days", "domain.md 4 A, RPY_DPD", "repayment", "schedule"),
    from_column(OWN_DAYS_PAST_DUE, "days", "domain.md 4 H, PT_OWN_GAP", "repayment", "schedule", "payer"),
    from_column(ARREARS_MINOR, "minor", "domain.md 4 A, RPY_DPD", "repayment", "schedule"),
    from_column(count("missed_instalments", "Instalments past due and not paid in full."), "count",
                "domain.md 4 A, RPY_CONSEC_MISS", "repayment", "schedule"),
    from_column(BALANCE_MINOR, "minor", "the balance itself", "repayment"),
    Indicator("first_payment_days", "days", "case when paid_minor = 0 then days_past_due else 0 end",
              "Days past due of a loan for which nothing was ever paid; 0 = something was.",
              "domain.md 4 A, RPY_FPD", sources=("repayment", "schedule")),
    Indicator("days_on_book", "days", "datediff({as_of}, opened_on)", "Days since disbursement.", "the contract"),
    Indicator("paid_share_30d_bp", "bp", "10000 * paid_30d div nullif(due_30d_minor, 0)",
              "Paid by anybody in the last 30 days over what fell due in them.", "domain.md 4 A, RPY_PARTIAL", of=(PAID_30D,),
              sources=("schedule",)),
    Indicator("others_share_90d_bp", "bp", "10000 * others_90d div nullif(paid_90d, 0)",
              "Share of the payments of the last 90 days that somebody else made.", "domain.md 4 H, PT_OWN_GAP",
              of=(OTHERS_90D, PAID_90D), sources=("payer",)),
)  # fmt: skip
