"""What the floors of schemes may read: one row of named, typed inputs per loan. Null = not known, which is never fine."""

from loanwatch import codes
from loanwatch.columns import DAYS_PAST_DUE, OWN_DAYS_PAST_DUE, Column, coded, count

INPUTS = {
    column.name: column
    for column in (
        DAYS_PAST_DUE,
        OWN_DAYS_PAST_DUE,
        count(
            "regulatory_days_past_due",
            "Days past due that go on through the loans it repaid; 0 = it repaid none.",
            required=False,
        ),
        Column("technical", "boolean", "A recorded technical cause excuses the arrears."),
        coded("repayment_gap", codes.GAPS, "What is missing of the partner's repayments."),
    )
}
