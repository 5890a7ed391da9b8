"""What `balance` writes."""

from loanwatch import codes
from loanwatch.columns import (
    ARREARS_MINOR,
    BALANCE_MINOR,
    BORROWER_ID,
    CURRENCY,
    CUSTOMER_ID,
    DAYS_PAST_DUE,
    LOAN_ID,
    OWN_DAYS_PAST_DUE,
    PARTNER_ID,
    POOL_ID,
    PRINCIPAL_MINOR,
    PRODUCT,
    Column,
    coded,
    count,
    date,
    minor,
)
from loanwatch.tables import Table

KEPT_MONTHS = 60  # month-ends of which the status is kept
LATE = "1234567"  # statuses of month-ends past due, by 30 days; the last is everything beyond

LOAN_DAY = Table(
    "balance.loan_day",
    "one row per loan that is open or unpaid at the end of the day",
    (LOAN_ID,),
    (
        LOAN_ID, CUSTOMER_ID, BORROWER_ID, PARTNER_ID, POOL_ID, PRODUCT, CURRENCY, PRINCIPAL_MINOR,
        coded("debtor", codes.DEBTORS, "What the borrower is, by its document; null = not known.", required=False),
        date("opened_on", "Day of disbursement."),
        date("matures_on", "Last contractual due date."),
        coded("status", codes.LOAN_STATUSES, "Whether the loan is on the book."),
        BALANCE_MINOR, ARREARS_MINOR,
        minor("fee_arrears_minor", "Of the arrears, charges.", required=False),
        minor("interest_arrears_minor", "Of the arrears, interest.", required=False),
        minor("principal_arrears_minor", "Of the arrears, principal.", required=False),
        date("unpaid_since", "Oldest past due date that is not paid in full; null = none.", required=False),
        date("interest_unpaid_since", "The same of interest (EAST QXRQ).", required=False),
        date("principal_unpaid_since", "The same of principal (EAST QBRQ).", required=False),
        DAYS_PAST_DUE, OWN_DAYS_PAST_DUE,
        count("material_days_past_due", "Days in a row on which arrears were material (CRR art. 178); null = no threshold.",
              required=False),
        Column("technical", "boolean", "A recorded technical cause excuses the arrears, within the tolerance; null = no schedule."),
        count("missed_instalments", "Instalments past due and not paid in full (EAST LXQKQS); null = no schedule.", required=False),
        count("missed_periods", "Of these, missed by the product's way of counting months, MBA or OTS.", required=False),
        minor("paid_minor", "Paid by anybody since the loan was opened, minor units.", at_least=None),
        minor("own_paid_minor", "Paid by the borrower, minor units; null where a payer is not stated.", required=False,
              at_least=None),
        minor("recovered_minor", "Paid after the write-off, minor units; null = not written off, or no schedule.", required=False,
              at_least=None),
        minor("prepaid_minor", "Paid beyond what is due by the day, minor units.", required=False),
        date("next_due_on", "Next due date after the day; null when none is left.", required=False),
        minor("next_due_minor", "Due on that date, minor units.", required=False),
        minor("due_30d_minor", "Fell due in the last 30 days, minor units; null = no schedule.", required=False),
        coded("repayment_gap", codes.GAPS, "What is missing of the partner's repayments."),
    ),
)  # fmt: skip
ROLL_OVER = Table(
    "balance.roll_over",
    "one row per loan of the day that repaid other loans",
    (LOAN_ID,),
    (
        LOAN_ID,
        Column("replaced_loan_id", doc="The loan it repaid; of several the one past due for longest.", required=True),
        count("replaced_loans", "Loans it repaid itself."),
        Column("inferred", "boolean", "True where no contract says so: it followed a pay-off of the same borrower.",
               required=True),
        date("carried_since", "Oldest due date past due when a loan of the chain was paid off by the next; null = none was.",
             required=False),
        date("original_matures_on", "Earliest maturity of the loans before it, as far as contracts name them.", required=False),
        date("regulatory_since", "Date from which days past due count; null = nothing is past due, or not known.",
             required=False),
        count("regulatory_days_past_due", "Days past due that go on through the chain; null = a loan that it names, or its "
              "own schedule, is not known.", required=False),
    ),
)  # fmt: skip
LOAN_MONTH = Table(
    "balance.loan_month",
    "one row per loan on the book at the end of a month, or gone since its beginning; no rows on other dates",
    (LOAN_ID,),
    (
        LOAN_ID,
        coded("status", codes.MONTH_STATUSES, "How the month went, for the credit reference system."),
        DAYS_PAST_DUE,
        count("missed_ever", "Instalments missed so far by the product's way of counting months, each once (EAST LJQKQS); "
              "null = no schedule.", required=False),
        Column("own_statuses", doc=f"A letter a month-end on the book, the newest first, {KEPT_MONTHS} at most: N nothing past "
               "due by the borrower's own clock, 1 to 7 by 30 days past due, # not known; null = not on the book."),
    ),
)  # fmt: skip
POPULATION = Table(
    "balance.population",
    "one row per partner and fate of the loans it has ever delivered",
    (PARTNER_ID, Column("fate")),
    (
        PARTNER_ID,
        coded("fate", codes.LOAN_FATES, "What has become of the loans."),
        count("loans", "Loans."),
    ),
)
RECONCILIATION = Table(
    "balance.reconciliation",
    "one row per partner, pool and currency, of our ledger or of the monitored book",
    (PARTNER_ID, POOL_ID, CURRENCY),
    (
        PARTNER_ID, POOL_ID, CURRENCY,
        count("loans", "Open loans on the monitored book."),
        minor("balance_minor", "Their principal outstanding, minor units."),
        count("ledger_loans", "Loans on our ledger; null = no control total.", required=False),
        minor("ledger_balance_minor", "Balance on our ledger, minor units.", required=False),
        minor("difference_minor", "Monitored less ledger, minor units.", required=False, at_least=None),
        minor("repaid_minor", "Repayments reported up to the settlement lag, minor units."),
        minor("banked_minor", "Cash the bank booked, minor units; null = no bank entry.", required=False, at_least=None),
        minor("unbacked_minor", "Repayments that no bank entry backs, minor units.", required=False),
        minor("unreported_minor", "Cash that no repayment explains, minor units; null = no bank entry, or repayments late.",
              required=False),
        Column("verdict", doc="agreed, broken, or unknown where nothing was sent to compare with.", required=True),
    ),
)  # fmt: skip

UNMATCHED = Table(
    "balance.unmatched",
    "one row per loan that our ledger and the book tell differently, or repayment that bank and partner tell differently",
    (PARTNER_ID, POOL_ID, CURRENCY, Column("against"), Column("item")),
    (
        PARTNER_ID, POOL_ID, CURRENCY,
        Column("against", doc="ledger or bank.", required=True),
        Column("item", doc="The loan, or the partner's number of the repayment.", required=True),
        Column("loan_id", doc="The loan; null = the bank names a repayment that we do not have."),
        minor("our_minor", "Balance on the book, or repaid into the pool, minor units; null = we do not have it.",
              required=False, at_least=None),
        minor("their_minor", "On the ledger, or at the bank, minor units; null = they do not have it.", required=False,
              at_least=None),
        Column("sure", "boolean", "False where the bank names no repayments: one of those paid when its cash had run out.",
               required=True),
    ),
)  # fmt: skip

TABLES = (LOAN_DAY, LOAN_MONTH, ROLL_OVER, POPULATION, RECONCILIATION, UNMATCHED)
