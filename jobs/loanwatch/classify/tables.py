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
        coded("five_class", codes.CLASSES, "China's five classes: the floor by days past due."),
        Column("floor", doc="The rule that set the class, such as CN5-SS-1.", required=True),
        Column("provisional", "boolean", "True where an input of the class is missing.", required=True),
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
