"""What `flag` writes."""

from loanwatch import codes
from loanwatch.admit.monitoring_feeds import REVIEW_ID
from loanwatch.columns import (
    AS_OF,
    COLOUR,
    RELEASE,
    RULE_ID,
    SENDER_ID,
    SUBJECT,
    SUBJECT_ID,
    Column,
    coded,
    count,
    date,
)
from loanwatch.cover.tables import THROUGH
from loanwatch.flag.warning_columns import EVENT_COLUMNS, SAYS, WARNING_COLUMNS
from loanwatch.tables import Table

LEFT = "the subject left the book"
# What people see of warnings: neither waiting nor hidden by a decision.
STANDS = ("open", "curing", "held")  # states of a warning that is not over
SHOWN = "state in ('open', 'curing') and hidden is null"
SHOWN_COLOUR = "coalesce(shown_colour, colour)"  # rows of older releases have none
OVERDUE = "coalesce(overdue, false) and answered_on is null"
KEY = (RULE_ID, SUBJECT, SUBJECT_ID)
SCOPE = Column("partner_id", doc="Partner; all = the whole book.", required=True)
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
        Column("no_basis", "longs", "Unknown, and all that is missing is missing for want of consent."),
    ),
)  # fmt: skip
EVIDENCE = Table(
    "flag.evidence",
    "one row per subject and rule that is red or amber",
    KEY,
    (
        *KEY, COLOUR,
        Column("measured", doc="The values the rule looked at, JSON by column.", required=True),
        *(said.with_(required=False, doc=f"{said.doc} Null of a rule in shadow: `why` says it.") for said in SAYS),
    ),
)  # fmt: skip
WARNING = Table(
    "flag.warning",
    "one row per rule and subject with a warning that is pending, open or not long cleared",
    KEY,
    (*KEY, *WARNING_COLUMNS),
    public=True,
)
WARNING_EVENT = Table(
    "flag.warning_event",
    "one row per warning and kind of change in this release",
    (*KEY, Column("event")),
    (*KEY, *EVENT_COLUMNS),
    public=True,
)
USUAL_SHARE = Table(
    "flag.usual_share",
    "one row per live rule that storms can hold and partner, or all: what it newly raises in a night",
    (RULE_ID, SCOPE),
    (
        RULE_ID, SCOPE, SUBJECT,
        count("subjects", "Subjects on the book."),
        count("raised", "Of these, newly raised in this release."),
        Column("shares_ppm", "longs", "Their shares of the last 30 nights, this one last, per million.", required=True),
    ),
)  # fmt: skip
STORM = Table(
    "flag.storm",
    "one row per rule and partner, or all, whose new warnings of a night wait for a person, or did lately",
    (RULE_ID, SCOPE),
    (
        RULE_ID, SCOPE, SUBJECT,
        coded("state", codes.STORM_STATES, "Whether its warnings wait, and if not, what became of them."),
        date("opened_on", "Business date on which the first were held."),
        date("caught_on", "Business date on which the last were held."),
        count("held", "Warnings that wait."),
        count("caught", "New warnings of `caught_on` that were held."),
        count("subjects", "Subjects on the book on that date."),
        count("share_bp", "Those caught over the subjects, basis points."),
        count("usual_share_bp", "The rule's median share of the nights before; null = new here.", required=False),
        date("ended_on", "Business date since when none waits.", required=False),
        *SAYS,
    ),
    public=True,
)  # fmt: skip
DATA_WARNING = Table(
    "flag.data_warning",
    "one row per source, gap, partner and live rule with outcomes that are unknown for want of it",
    (Column("source"), Column("gap"), Column("partner_id"), RULE_ID),
    (
        Column("source", doc="The source, as its gap column is named; none = nothing is missing, yet the rule gives no answer.",
               required=True),
        coded("gap", codes.GAPS, "What is missing of it."),
        Column("partner_id", doc="Partner.", required=True),
        RULE_ID, SUBJECT,
        date("since", "Business date since when there have been such outcomes."),
        count("unknown_subjects", "Subjects with such an outcome; who is with several partners counts at each."),
        count("subjects", "Subjects of the partner."),
        count("warnings", "Warnings of these subjects that stay as they were for as long as it lasts."),
    ),
    public=True,
)  # fmt: skip
OF_REVIEW = (
    SENDER_ID, REVIEW_ID,
    date("decided_on", "Day of the decision."),
    coded("decision", codes.REVIEW_DECISIONS, "What was decided."),
)  # fmt: skip
LABEL = Table(
    "flag.label",
    "one row per review of a warning that this release knows; older ones are in older releases",
    (SENDER_ID, REVIEW_ID),
    (
        *OF_REVIEW, *KEY,
        date("opened_on", "Business date the warning was opened on."),
        COLOUR.with_(name="colour_then", required=False, doc="Colour of the warning on that day; null = not known any more."),
        coded("reason", codes.REVIEW_REASONS, "Why."),
        coded("action", codes.REVIEW_ACTIONS, "What was done.", required=False),
        coded("result", codes.REVIEW_RESULTS, "What came of it.", required=False),
    ),
    public=True,
)  # fmt: skip
STRAY_REVIEW = Table(
    "flag.stray_review",
    "one row per review of late that concerns a warning or storm that was not there on its day",
    (SENDER_ID, REVIEW_ID),
    (
        *OF_REVIEW,
        RULE_ID.with_(required=False), SUBJECT.with_(codes=codes.REVIEW_SUBJECTS),
        SUBJECT_ID.with_(doc="Loan, borrower, or `<RULE>@<partner>`."),
    ),
    public=True,
)  # fmt: skip

INTRADAY_WARNING = Table(
    "flag.intraday_warning",
    "one row per refresh between nights, live rule about collateral, and asset or loan that is raised by it or had a warning",
    (THROUGH, *KEY),
    (
        THROUGH, AS_OF, RELEASE.with_(doc="Release that it is beside."), *KEY,
        coded("outcome", codes.COLOURS, "What the rule says of the refreshed values."),
        COLOUR.with_(name="colour_before", required=False, doc="Colour of the release's warning; null = it has none."),
        *(column.with_(required=False) for column in SAYS),
    ),
    ledger=True,
)  # fmt: skip

LEDGERS = (INTRADAY_WARNING,)
TABLES = (
    RULE, VERDICT, EVIDENCE, WARNING, WARNING_EVENT, USUAL_SHARE, STORM, DATA_WARNING, LABEL, STRAY_REVIEW,
)  # fmt: skip
