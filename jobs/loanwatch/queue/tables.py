"""What `queue` writes."""

from loanwatch.columns import BORROWER_ID, COLOUR, Column, count, date, minor
from loanwatch.tables import Table

REVIEW_ITEM = Table(
    "queue.review_item",
    "one row per borrower with an open warning on the borrower or one of its loans",
    (BORROWER_ID,),
    (
        Column("place", "int", "Place in the queue, worst first, from 1.", required=True, at_least=1),
        BORROWER_ID,
        COLOUR.with_(doc="Worst colour of its open warnings."),
        count("warnings", "Open warnings."),
        count("red_warnings", "Of these red."),
        count("overdue", "Of all these, not answered in time, nor since.", required=False),
        minor("exposure_minor", "Principal outstanding of all its loans, minor units; one currency a tenant."),
        count("days_past_due", "Worst days past due of its loans; null = unknown for one of them.", required=False),
        date("respond_by", "Business date by which somebody has to respond."),
        Column("owner", doc="Who has to respond.", required=True),
    ),
)
TABLES = (REVIEW_ITEM,)
