"""What `report` writes: the tables people read."""

from loanwatch import codes
from loanwatch.columns import (
    AS_OF,
    BORROWER_ID,
    COLOUR,
    CURRENCY,
    DAYS_PAST_DUE,
    EXPOSURE_MINOR,
    LINE_NO,
    LOAN_ID,
    LTV_BP,
    OWN_DAYS_PAST_DUE,
    PARTNER_ID,
    POOL_ID,
    PRODUCT,
    REGION,
    RELEASE,
    SECURED,
    SUBJECT,
    SUBJECT_ID,
    Column,
    basis_points,
    coded,
    count,
    date,
    minor,
)
from loanwatch.report.base_tables import BASE
from loanwatch.tables import Table

WATCH_LIST = Table(
    "report.watch_list",
    "one row per loan with an open warning on it or on its borrower, worst first",
    (LOAN_ID,),
    (
        Column("place", "int", "Place in the list, worst first, from 1.", required=True, at_least=1),
        Column("queue_place", "int", "Place of its borrower in queue.review_item; null = small and unsecured, a portfolio item.",
               at_least=1),
        LOAN_ID, BORROWER_ID, PARTNER_ID, POOL_ID, PRODUCT, CURRENCY, EXPOSURE_MINOR,
        COLOUR.with_(doc="Worst colour of the open warnings."),
        coded("five_class", codes.CLASSES, "China's five classes."),
        Column("rules", "strings", "Rules with an open warning, worst first.", required=True),
        Column("reasons_en", "strings", "What happened, in English, worst first.", required=True),
        Column("reasons_zh", "strings", "What happened, in Chinese.", required=True),
        Column("actions_en", "strings", "What to do, in English.", required=True),
        Column("actions_zh", "strings", "What to do, in Chinese.", required=True),
        date("open_since", "Business date of the oldest open warning."),
        Column("curing_rules", "strings", "Of the rules, those whose exit condition holds, not long enough."),
        Column("overdue", "boolean", "Whether one of the warnings was not answered in time, nor since."),
        DAYS_PAST_DUE, OWN_DAYS_PAST_DUE, SECURED, LTV_BP,
        Column("unknown_rules", "strings", "Live rules, of the loan and of its borrower, that lack a source.", required=True),
    ),
    public=True,
)  # fmt: skip
CHANGE = Table(
    "report.change",
    "one row per loan or borrower whose worst colour differs from the parent release's",
    (SUBJECT, SUBJECT_ID),
    (
        SUBJECT, SUBJECT_ID,
        Column("change", doc="new, worse, better, cleared, left where the subject left the book; hidden or shown where only "
               "what people decided has changed.", required=True),
        COLOUR.with_(name="colour_before", required=False, doc="Worst colour in the parent release; null = none."),
        COLOUR.with_(name="colour_now", required=False, doc="Worst colour now; null = none."),
        Column("rules", "strings", "Rules that changed.", required=True),
    ),
    public=True,
)  # fmt: skip
PORTFOLIO = Table(
    "report.portfolio",
    "one row per cut (product, partner, pool, all), its value and currency",
    (Column("cut"), Column("cut_value"), CURRENCY),
    (
        Column("cut", doc="all, product, partner or pool.", required=True),
        Column("cut_value", doc="Which product, partner or pool.", required=True),
        CURRENCY,
        count("loans", "Loans of the day."),
        EXPOSURE_MINOR,
        minor("arrears_minor", "Due and unpaid, minor units."),
        minor("exposure_unknown_minor", "Exposure without a schedule, minor units: it is in none of the shares past due."),
        minor("exposure_1_plus_minor", "Exposure at least 1 day past due, minor units."),
        minor("exposure_31_plus_minor", "Exposure more than 30 days past due, minor units."),
        minor("exposure_91_plus_minor", "Exposure more than 90 days past due, minor units."),
        minor("own_exposure_31_plus_minor", "The same by the borrower's own clock, more than 30 days.", required=False),
        count("red_loans", "Loans with a red warning."),
        count("amber_loans", "Loans whose worst warning is amber."),
        basis_points("npl_bp", "Substandard and worse over exposure, basis points."),
    ),
    public=True,
)

_STATUS = "N nothing past due, 1 to 7 by 30 days past due, # not known"
ROLL_RATE = Table(
    "report.roll_rate",
    "one row per partner, product, currency and two statuses, at a month-end; no rows on other dates",
    (PARTNER_ID, PRODUCT, CURRENCY, Column("status_before"), Column("status_now")),
    (
        PARTNER_ID, PRODUCT, CURRENCY,
        Column("status_before", doc=f"Status at the month-end before by the borrower's own clock: {_STATUS}; new = not on book.",
               required=True),
        Column("status_now", doc="Status at this month-end; left = no more on the book.", required=True),
        count("loans", "Loans."),
        EXPOSURE_MINOR,
        basis_points("share_bp", "Of the loans with that status before.", required=True),
    ),
    public=True,
)  # fmt: skip
VINTAGE = Table(
    "report.vintage",
    "one row per partner, product, currency and month of origination, at a month-end; no rows on other dates",
    (PARTNER_ID, PRODUCT, CURRENCY, Column("opened_month")),
    (
        PARTNER_ID, PRODUCT, CURRENCY,
        date("opened_month", "First day of the month of origination."),
        count("months_on_book", "Months since."),
        count("loans", "Loans opened in the month."),
        minor("principal_minor", "Their principal, minor units."),
        EXPOSURE_MINOR,
        count("loans_31_plus", "Loans more than 30 days past due by the borrower's own clock."),
        minor("exposure_31_plus_minor", "Their principal outstanding, minor units."),
        count("loans_91_plus", "Loans more than 90 days past due."),
        minor("exposure_91_plus_minor", "Their principal outstanding, minor units."),
        count("loans_unknown", "Loans on the book whose own clock is not known: in none of these."),
        basis_points("share_31_plus_bp", "Exposure more than 30 days past due over the principal of the month."),
    ),
    public=True,
)  # fmt: skip
POOL_CASH = Table(
    "report.pool_cash",
    "one row per pool and currency at a month-end, of the month that ends; no rows on other dates",
    (POOL_ID, CURRENCY),
    (
        POOL_ID, CURRENCY,
        minor("scheduled_minor", "Instalments that fell due in the month, of the schedule that bound then, minor units."),
        minor("received_minor", "Repayments of the month, less what was taken back, minor units.", at_least=None),
        minor("others_paid_minor", "Of these, by others than the borrower, minor units.", at_least=None),
        minor("banked_minor", "Cash that the bank booked in the month, minor units; null = no bank entry ever.", required=False,
              at_least=None),
        minor("recovered_minor", "Of what was received, on loans written off, minor units.", at_least=None),
        minor("prepaid_minor", "Paid beyond what is due, at the end of the month, minor units."),
        minor("shortfall_minor", "Scheduled less received, minor units; negative = more than was due came in.", at_least=None),
        minor("cumulative_shortfall_minor", "The same over all months so far, minor units.", at_least=None),
        count("months", "Month-ends that it is summed over: from the first that the lake has."),
        Column("collection_rate_bp", "long", "Received over scheduled, basis points; null = nothing fell due."),
        Column("collection_change_bp", "long", "Less its mean at the last three month-ends; null = none is known."),
    ),
    public=True,
)  # fmt: skip
COLLATERAL = Table(
    "report.collateral",
    "one row per kind of asset, region, currency, LTV band and age of the valuation, of the secured loans of the day",
    (Column("kind"), REGION, CURRENCY, Column("ltv_band"), Column("valuation_band")),
    (
        coded("kind", codes.ASSET_KINDS, "Kind of the loan's dearest asset; null = never delivered.", required=False),
        REGION.with_(doc="Its region; - = not told.", required=True, pattern=None), CURRENCY,
        coded("ltv_band", codes.LTV_BANDS, "Claims over value."),
        coded("valuation_band", codes.VALUATION_AGES, "Age of the loan's oldest valuation."),
        count("loans", "Secured loans."),
        EXPOSURE_MINOR,
        minor("shortfall_minor", "By how much claims exceed values, of loans whose cover is known, minor units."),
        minor("prudent_shortfall_minor", "Principal beyond the prudent value, likewise, minor units."),
        count("likely_short_loans", "Loans whose assets are more likely than not worth less than the claims."),
    ),
    public=True,
)  # fmt: skip
TABLES = (WATCH_LIST, CHANGE, PORTFOLIO, COLLATERAL, ROLL_RATE, VINTAGE, POOL_CASH, *BASE)

_HAND_IN_NO = Column("hand_in_no", "int", "Number of the hand-in.", required=True, at_least=1)
HAND_IN = Table(
    "report.hand_in",
    "one row per hand-in: a form of a regulator, filled from a release of a month-end",
    (_HAND_IN_NO,),
    (
        _HAND_IN_NO,
        Column("form", doc="<regulator>/<form>, as conf/extracts has it.", required=True),
        Column("edition", doc="Edition of the form.", required=True),
        AS_OF, RELEASE, POOL_ID.with_(required=False, doc="The pool that it is about; null = the whole book."),
        Column("base", doc="The base table that it was filled from.", required=True),
        Column("base_digest", doc="Digest of that table, as it was sealed.", required=True),
        Column("filing_digest", doc="SHA-256 of the form's files and of the filer's settings.", required=True),
        Column("fields", "strings", "Codes of its fields, in the order of `report.record.given`.", required=True),
        count("records", "Records of it."),
        Column("records_digest", doc="SHA-256 of the records' canonical lines, tokens for names.", required=True),
        Column("faults", "strings", "Edit checks that some records break, none of them critical.", required=True),
        Column("checks", "strings", "Every check that it was held to, and whether it holds; null = from before they were kept."),
        Column("file", doc="Name of the file.", required=True),
        Column("file_digest", doc="SHA-256 of its bytes, with what tokens stand for.", required=True),
        Column("demonstration", "boolean", "Whether this institution does not file it, so that it is for show.", required=True),
        Column("handed_in_by", doc="User of the operating system.", required=True),
        Column("approved_by", "strings", "Who approved the release; null = handed in before there were approvals."),
    ),
    ledger=True, public=True,
)  # fmt: skip
RECORD = Table(
    "report.record",
    "one row per record of a hand-in; records of a number that `report.hand_in` does not have were never handed in",
    (_HAND_IN_NO, LINE_NO),
    (
        _HAND_IN_NO,
        LINE_NO.with_(doc="Number of the record in its file, from 1."),
        Column("base_key", doc="Key of the row of the base table, as a canonical line.", required=True),
        LOAN_ID.with_(doc="The loan, agreement or transfer; empty = the record is all cells of a form, of many loans."),
        Column("given", "strings", "What stands in each field; tokens where the file names persons.", required=True),
    ),
    ledger=True, public=True,
)  # fmt: skip
LEDGERS = (HAND_IN, RECORD)
