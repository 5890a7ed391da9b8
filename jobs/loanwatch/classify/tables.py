"""What `classify` writes."""

from loanwatch import codes
from loanwatch.columns import LOAN_ID, Column, coded, count, date
from loanwatch.tables import Table

OBSERVATION = Table(
    "classify.observation",
    "one row per loan of the day that was non-performing, or restructured in the last two years",
    (LOAN_ID,),
    (
        LOAN_ID,
        Column("was_non_performing", "boolean", "Substandard or worse in the parent release.", required=True),
        Column("observed", "boolean", "Restructured, and its observation has not ended.", required=True),
        date("restructured_on", "Last change of the contract in financial difficulty; null = none.", required=False),
        count("restructurings", "Such changes since its observation began; 0 = it is not observed."),
        date("observed_from", "First repayment date agreed after the change, or last miss since; null = not observed.",
             required=False),
        count("restarts", "How often its observation began again."),
        count("periods", "Repayments in a row since then."),
        date("clear_since", "Since when nothing is past due, as far as the nights saw; null = not clear.", required=False),
        count("clear_periods", "Due dates that came since then."),
        date("due_on", "Last due date that came, as far as the nights saw.", required=False),
        date("next_due_on", "Next due date after the day.", required=False),
    ),
)  # fmt: skip
LOAN_CLASS = Table(
    "classify.loan_class",
    "one row per loan of the day",
    (LOAN_ID,),
    (
        LOAN_ID,
        coded("five_class", codes.CLASSES, "China's five classes (Order 2023 No. 1): that of the first floor that holds."),
        Column("floor", doc="The floor that gave the class, such as CN5-SS-1; none = no floor holds.", required=True),
        Column("paragraph", doc="Where the scheme's source says so."),
        Column("provisional", "boolean", "True where something is missing that could give another class.", required=True),
        Column("missing", "strings", "What is missing, by the names of the scheme's inputs; empty where nothing is."),
    ),
    public=True,
)
MIGRATION = Table(
    "classify.migration",
    "one row per loan whose class differs from the parent release's, came or left",
    (LOAN_ID,),
    (
        LOAN_ID,
        coded("class_before", codes.CLASSES, "Class in the parent release; null = new.", required=False),
        coded("class_now", codes.CLASSES, "Class now; null = gone.", required=False),
        Column("direction", doc="new, gone, better or worse.", required=True),
    ),
    public=True,
)

TABLES = (OBSERVATION, LOAN_CLASS, MIGRATION)
