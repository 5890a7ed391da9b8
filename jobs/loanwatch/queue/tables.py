"""What `queue` writes."""

from loanwatch import codes
from loanwatch.columns import (
    BORROWER_ID,
    COLOUR,
    CURRENCY,
    EXPOSURE_MINOR,
    PARTNER_ID,
    PRODUCT,
    SUBJECT,
    SUBJECT_ID,
    Column,
    basis_points,
    coded,
    count,
    date,
    minor,
)
from loanwatch.tables import Table

PLACE = Column("place", "int", "Place in the queue, worst first, from 1.", required=True, at_least=1)
POINTS = count("points", "Weights of its warnings by their colour, of each theme the heaviest only.")

REVIEW_ITEM = Table(
    "queue.review_item",
    "one row per borrower with an open warning on the borrower, one of its loans or what secures them, worst first",
    (BORROWER_ID,),
    (
        PLACE, BORROWER_ID,
        COLOUR.with_(doc="Worst colour of its open warnings."),
        POINTS,
        count("warnings", "Open warnings."),
        count("red_warnings", "Of these red."),
        count("overdue", "Of all these, not answered in time, nor since.", required=False),
        minor("exposure_minor", "Principal outstanding of all its loans, minor units; one currency a tenant."),
        count("days_past_due", "Worst days past due of its loans; null = unknown for one of them.", required=False),
        date("respond_by", "Business date by which somebody has to respond."),
        Column("owner", doc="Who has to respond.", required=True),
    ),
)
INSTITUTION_ITEM = Table(
    "queue.institution_item",
    "one row per pool or partner with an open warning, worst first",
    (SUBJECT, SUBJECT_ID),
    (
        PLACE, SUBJECT, SUBJECT_ID,
        COLOUR.with_(doc="Worst colour of its open warnings."),
        POINTS,
        count("warnings", "Open warnings."),
        count("red_warnings", "Of these red."),
        date("open_since", "Business date of the oldest open warning."),
        date("respond_by", "Business date by which somebody has to respond."),
        Column("owner", doc="Who has to respond.", required=True),
        Column("rules", "strings", "Rules with an open warning, heaviest first.", required=True),
        Column("reasons_en", "strings", "What happened, in English, heaviest first.", required=True),
        Column("reasons_zh", "strings", "What happened, in Chinese.", required=True),
        Column("actions_en", "strings", "What to do, in English.", required=True),
        Column("actions_zh", "strings", "What to do, in Chinese.", required=True),
    ),
)  # fmt: skip
PORTFOLIO_ITEM = Table(
    "queue.portfolio_item",
    "one row per partner, product, currency and month of origination with warned small unsecured loans, worst first",
    (PARTNER_ID, PRODUCT, CURRENCY, Column("opened_month")),
    (
        PLACE, PARTNER_ID, PRODUCT, CURRENCY,
        date("opened_month", "First day of the month of origination."),
        count("loans", "Small unsecured loans of the day: no item of a person's."),
        EXPOSURE_MINOR,
        count("warned_loans", "Of these with an open warning on them or on their borrower."),
        count("red_loans", "Of these red."),
        minor("red_minor", "Principal outstanding of red loans, minor units."),
        basis_points("red_share_bp", "Of the exposure.", required=True, at_least=0),
        coded("action", codes.PORTFOLIO_ACTIONS, "What to ask of the partner."),
    ),
)  # fmt: skip

TABLES = (REVIEW_ITEM, INSTITUTION_ITEM, PORTFOLIO_ITEM)
