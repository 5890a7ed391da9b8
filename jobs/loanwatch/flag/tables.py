"""What `flag` writes."""

from loanwatch import codes
from loanwatch.columns import COLOUR, RULE_ID, SUBJECT, SUBJECT_ID, Column, coded, count, date
from loanwatch.tables import Table

SAYS = (
    Column("says_en", doc="What happened, in English, values filled in.", required=True),
    Column("says_zh", doc="What happened, in Chinese.", required=True),
)
LEFT = "the subject left the book"
BIT = count("bit", "Position of the rule in the verdict masks of its subject.")
RULE = Table(
    "flag.rule",
    "one row per rule in force",
    (RULE_ID,),
    (
        RULE_ID, SUBJECT, BIT,
        Column("digest", doc="Digest of the rule as compiled, limits filled in.", required=True),
        Column("status", doc="live or shadow.", required=True),
        Column("amber", doc="Amber condition, limits filled in."),
        Column("red", doc="Red condition, limits filled in."),
    ),
)  # fmt: skip
VERDICT = Table(
    "flag.verdict",
    "one row per subject: the outcome of every rule of its kind, a bit a rule; no bit in any mask = clear",
    (SUBJECT, SUBJECT_ID),
    (
        SUBJECT, SUBJECT_ID,
        Column("amber", "longs", "Amber, not red.", required=True),
        Column("red", "longs", "Red.", required=True),
        Column("unknown", "longs", "A source is missing.", required=True),
        Column("not_applicable", "longs", "The rule does not concern this subject.", required=True),
        Column("cleared", "longs", "The exit condition of the rule holds.", required=True),
    ),
)  # fmt: skip
EVIDENCE = Table(
    "flag.evidence",
    "one row per subject and rule that is red or amber",
    (RULE_ID, SUBJECT, SUBJECT_ID),
    (
        RULE_ID, SUBJECT, SUBJECT_ID, COLOUR,
        Column("measured", doc="The values the rule looked at, JSON by column.", required=True),
        *SAYS,
    ),
)  # fmt: skip
WARNING = Table(
    "flag.warning",
    "one row per rule and subject with an open warning, or one that was cleared in this release",
    (RULE_ID, SUBJECT, SUBJECT_ID),
    (
        RULE_ID, SUBJECT, SUBJECT_ID,
        coded("state", codes.WARNING_STATES, "Open, or cleared in this release."),
        COLOUR.with_(doc="Colour of the warning: the last known outcome."),
        date("opened_on", "Business date it was opened on."),
        date("coloured_on", "Business date since when it has this colour."),
        date("clearing_since", "Since when the exit condition has held; null = it does not.", required=False),
        date("unknown_since", "Since when the outcome has been unknown; null = it is known.", required=False),
        *SAYS,
        Column("ended_because", doc="Why it was cleared; null while it is open."),
    ),
    public=True,
)  # fmt: skip
WARNING_EVENT = Table(
    "flag.warning_event",
    "one row per change of a warning in this release",
    (RULE_ID, SUBJECT, SUBJECT_ID),
    (
        RULE_ID, SUBJECT, SUBJECT_ID,
        Column("event", doc="raised, escalated, eased or cleared.", required=True),
        COLOUR.with_(name="colour_before", required=False, doc="Colour in the parent release."),
        COLOUR.with_(name="colour_now", required=False, doc="Colour now; null = cleared."),
        Column("reason", doc="Why it was cleared."),
    ),
    public=True,
)  # fmt: skip

TABLES = (RULE, VERDICT, EVIDENCE, WARNING, WARNING_EVENT)
