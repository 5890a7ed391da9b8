"""Indicators of repayment, per loan (domain.md 4 A)."""

from loanwatch.admit.feeds import CHARGE, REPAYMENT
from loanwatch.columns import ARREARS_MINOR, BALANCE_MINOR, DAYS_PAST_DUE, OWN_DAYS_PAST_DUE, count
from loanwatch.derive.indicator import Indicator, Source, from_column, share
from loanwatch.derive.window import Window

# Every repayment is read all the same, for the balance: a gap of the partner's tells what is missing, a young loan has none.
PAYMENT = Source("repayment", REPAYMENT)
FEE = Source("contract", CHARGE, whole=True)

PAID, OTHERS = PAYMENT.total("paid", "paid_minor"), PAYMENT.total("others_paid", "paid_minor", "payer <> 'borrower'")
DEBITED = PAYMENT.total("debited", "paid_minor", "channel = 'debit' and paid_minor > 0")
BY_HAND = PAYMENT.count("by_hand", "channel <> 'debit' and paid_minor > 0")
TAKEN_BACK = PAYMENT.count("taken_back", "paid_minor < 0")
LENT, PARTNERS = PAYMENT.total("lent_part", "funder_minor"), PAYMENT.total("partner_part", "partner_minor")
CHARGED = FEE.total("charged", "amount_minor")
PENALTY = FEE.total("penalty", "amount_minor", "kind in ('late_fee', 'penalty_interest')")

_PAID_30D, _PAID_90D, _OTHERS_90D, _OTHERS_30D = PAID.days(30), PAID.days(90), OTHERS.days(90), OTHERS.days(30)
_LATELY, _BEFORE = Window(days=45), Window(days=90, before=45)
_DEBITED, _DEBITED_BEFORE, _BY_HAND = DEBITED.over(_LATELY), DEBITED.over(_BEFORE), BY_HAND.over(_LATELY)
_LENT, _PARTNERS, _BACK = LENT.days(90), PARTNERS.days(90), TAKEN_BACK.days(90)
_CHARGED, _PENALTY = CHARGED.days(90), PENALTY.days(90)
_CLOCK = ("repayment", "schedule")

INDICATORS = (
    from_column(DAYS_PAST_DUE, "days", "domain.md 4 A, RPY_DPD", *_CLOCK),
    from_column(OWN_DAYS_PAST_DUE, "days", "domain.md 4 H, PT_OWN_GAP", *_CLOCK, "payer"),
    Indicator("own_gap_days", "days", "own_days_past_due - days_past_due",
              "By how much the borrower's own clock runs ahead of the contract's.", "domain.md 4 H, PT_OWN_GAP",
              sources=(*_CLOCK, "payer")),
    from_column(ARREARS_MINOR, "minor", "domain.md 4 A, RPY_DPD", *_CLOCK),
    share("arrears_share_bp", "arrears_minor", "balance_minor", "Arrears over principal outstanding.", "domain.md 4 A, RPY_DPD",
          *_CLOCK, at_least=0),
    from_column(count("missed_instalments", "Instalments past due and not paid in full."), "count",
                "domain.md 4 A, RPY_CONSEC_MISS", *_CLOCK),
    from_column(BALANCE_MINOR, "minor", "the balance itself", "repayment"),
    Indicator("first_payment_days", "days", "case when paid_minor <= 0 then days_past_due else 0 end",
              "Days past due of a loan for which nothing was ever paid, less what was taken back; 0 = something was.",
              "domain.md 4 A, RPY_FPD", sources=_CLOCK, at_least=0),
    Indicator("days_on_book", "days", "datediff({as_of}, opened_on)", "Days since disbursement.", "the contract", at_least=0),
    Indicator("first_year_days_past_due", "days", "case when datediff({as_of}, opened_on) <= 365 then own_days_past_due end",
              "Days past due by the borrower's own clock in the first year; later not applicable.",
              "domain.md 4 A, RPY_YEAR1_DELQ", sources=(*_CLOCK, "payer"), at_least=0),
    Indicator("days_past_maturity", "days", "greatest(0, datediff({as_of}, matures_on))",
              "Days since the last contractual due date of a loan that is still owed.", "domain.md 4 A, RPY_DPD", at_least=0),
    share("paid_share_30d_bp", _PAID_30D.name, "due_30d_minor", "Paid by anybody in the last 30 days over what fell due in them.",
          "domain.md 4 A, RPY_PARTIAL", "schedule", of=(_PAID_30D,)),
    share("own_paid_share_30d_bp", f"{_PAID_30D.name} - {_OTHERS_30D.name}", "due_30d_minor",
          "Paid by the borrower in the last 30 days over what fell due in them.", "domain.md 4 A, RPY_PARTIAL",
          "schedule", "payer", of=(_PAID_30D, _OTHERS_30D)),
    share("others_share_90d_bp", _OTHERS_90D.name, _PAID_90D.name,
          "Share of the payments of the last 90 days that somebody else made.", "domain.md 4 H, PT_OWN_GAP", "payer",
          of=(_OTHERS_90D, _PAID_90D)),
    share("prepaid_share_bp", "prepaid_minor", "balance_minor", "Paid beyond what is due, over principal outstanding.",
          "domain.md 4 A, RPY_DPD", *_CLOCK, at_least=0),
    Indicator("autopay_off", "flag", f"{_DEBITED_BEFORE.name} > 0 and {_DEBITED.name} = 0 and {_BY_HAND.name} > 0",
              "Paid by direct debit in the 90 days before, and in the last 45 days by other means only.",
              "domain.md 4 A, RPY_AUTOPAY_OFF", of=(_DEBITED, _DEBITED_BEFORE, _BY_HAND)),
    Indicator("taken_back_90d", "count", _BACK.name, "Payments taken back within 90 days.", "domain.md 4 A, RPY_BOUNCE",
              of=(_BACK,), at_least=0),
    share("partner_part_90d_bp", _PARTNERS.name, f"{_LENT.name} + {_PARTNERS.name}",
          "The partner's part of what was repaid in 90 days; not applicable where no parts are told.",
          "domain.md 4 H, PT_CONTRIB", of=(_LENT, _PARTNERS)),
    share("charges_90d_bp", _CHARGED.name, "balance_minor", "Fees charged in 90 days over principal outstanding.",
          "domain.md 4 H, PT_COST", "repayment", of=(_CHARGED,), at_least=0),
    share("penalties_90d_bp", _PENALTY.name, "balance_minor",
          "Late fees and penalty interest charged in 90 days over principal outstanding.", "domain.md 4 A, RPY_DPD", "repayment",
          of=(_PENALTY,), at_least=0),
    Indicator("next_due_in_days", "days", "datediff(next_due_on, {as_of})",
              "Days to the next due date; not applicable after the last.", "the contract", sources=("schedule",), at_least=1),
    share("next_due_to_last_bp", "next_due_minor", "due_30d_minor",
          "The next instalment over what fell due in the last 30 days: a step up, or a balloon.", "domain.md 4 B, CF_DSR",
          "schedule", at_least=0),
    Indicator("refinanced_loans", "count", "coalesce(replaced_loans, 0)", "Loans that it repaid.", "domain.md 4 A, RPY_EXTENSION",
              at_least=0),
    Indicator("regulatory_days_past_due", "days", "case when replaced_loans > 0 then chain_days_past_due else days_past_due end",
              "Days past due that go on through loans repaid by new ones.", "domain.md 1.1; Order 2023 No. 1 art. 17",
              sources=(*_CLOCK, "refinanced"), at_least=0),
)  # fmt: skip
