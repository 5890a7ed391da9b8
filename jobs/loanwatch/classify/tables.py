"""What `classify` writes."""

from loanwatch import codes
from loanwatch.classify.class_columns import FIVE, FURTHER, SCHEMES
from loanwatch.classify.inputs import INPUTS
from loanwatch.columns import CURRENCY, LOAN_ID, Column, basis_points, coded, count, date, minor
from loanwatch.tables import Table

OBSERVATION = Table(
    "classify.observation",
    "one row per loan of the day that was non-performing, or whose contract was changed in the last two years",
    (LOAN_ID,),
    (
        LOAN_ID,
        Column("was_non_performing", "boolean", "Substandard or worse in the parent release.", required=True),
        Column("observed", "boolean", "Restructured, and its observation has not ended.", required=True),
        date("looked_on", "Last change of the contract, in difficulty or not, that was looked at; null = none.", required=False),
        date("restructured_on", "Last change of the contract in financial difficulty; null = none.", required=False),
        Column("changed", "boolean", "There was one since the parent release."),
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
_BOOK = (minor("book_minor", "Principal outstanding as an asset, minor units; 0 = written off."), CURRENCY)
CLASS_INPUT = Table(
    "classify.class_input",
    "one row per loan of the day: what the floors of the schemes read; null = not known",
    (LOAN_ID,),
    (LOAN_ID, *_BOOK, *(column.with_(required=False) for column in INPUTS.values())),
)
LOAN_CLASS = Table(
    "classify.loan_class",
    "one row per loan of the day",
    (LOAN_ID,),
    (
        LOAN_ID,
        coded(FIVE.column, FIVE.codes, FIVE.doc),
        Column("floor", doc="The floor that gave the class, such as CN5-SS-1; none = no floor holds.", required=True),
        Column("paragraph", doc="Where the scheme's source says so."),
        Column("provisional", "boolean", "True where something is missing that could give another class.", required=True),
        *_BOOK,
        Column("missing", "strings", "What is missing, by the names of the scheme's inputs; empty where nothing is."),
        *(column for of in FURTHER.values() for column in of.given),
    ),
    public=True,
)
SCHEME = coded("scheme", codes.SCHEMES, "Whose classes; null = China's five, of releases that knew no others.", required=False)
ANY_CLASS = codes.CodeList("class", tuple(code for of in SCHEMES.values() for code in of.codes.codes))
MIGRATION = Table(
    "classify.migration",
    "one row per loan and scheme whose class differs from the parent release's, came or left",
    (LOAN_ID, SCHEME),
    (
        LOAN_ID,
        SCHEME,
        coded("class_before", ANY_CLASS, "Class in the parent release; null = new.", required=False),
        coded("class_now", ANY_CLASS, "Class now; null = gone.", required=False),
        Column("direction", doc="new, gone, better or worse.", required=True),
        Column("cause", doc="The floor that gives the worse class, or no longer keeps it from the better one; of what is gone "
               "the event that took it off the book, or repaid."),
    ),
    public=True,
)  # fmt: skip
MIGRATION_RATE = Table(
    "classify.migration_rate",
    "one row per currency and class at the year's opening, at month-ends; none where no release has the opening",
    (CURRENCY, Column("opening_class")),
    (
        CURRENCY,
        coded("opening_class", codes.MIGRATING, "Class on 31 December; or new, or performing."),
        minor("opening_minor", "Principal at the opening, minor units."),
        minor("decrease_minor", "Of it repaid, disposed of or written off since; of new loans, lent since and gone again."),
        *[minor(f"{of.code}_minor", f"Of it {of.en.lower()} now; of new loans, what is there now.") for of in codes.CLASSES.codes],
        minor("worse_minor", "Of it in a worse class now; of performing, non-performing; null = there is none worse.",
              required=False),
        basis_points("rate_bp", "Migration rate: that over opening less decrease, rounded down; null = nothing is left."),
    ),
    public=True,
)  # fmt: skip

TABLES = (OBSERVATION, CLASS_INPUT, LOAN_CLASS, MIGRATION, MIGRATION_RATE)
