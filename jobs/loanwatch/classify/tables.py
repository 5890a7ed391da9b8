"""What `classify` writes."""

from loanwatch import codes
from loanwatch.columns import LOAN_ID, Column, coded
from loanwatch.tables import Table

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

TABLES = (LOAN_CLASS, MIGRATION)
