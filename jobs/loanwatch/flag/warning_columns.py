"""The columns of `flag.warning` and `flag.warning_event`, and the words in which a warning's end is told."""

from loanwatch import codes
from loanwatch.columns import COLOUR, Column, coded, count, date

RETIRED = "the rule is no longer in force"
NOT_CONCERNED = "the rule no longer applies"
NO_BASIS = "consent was withdrawn"
EXITED = "the exit condition held"
DROPPED = "dropped with its storm"

SAYS = (
    Column("says_en", doc="What happened, in English, values filled in.", required=True),
    Column("says_zh", doc="What happened, in Chinese.", required=True),
)
CLEARED_ON = date("cleared_on", "Business date it was last cleared on; null = never.", required=False)
REMEMBERED_UNTIL = date(
    "remembered_until",
    "Last day on which it is raised again as the same warning; null = not cleared, or dropped and its condition goes on.",
    required=False,
)
RESPOND_BY = date("respond_by", "Business date by which somebody has to respond; null = nobody is asked to.", required=False)
LIFE = (
    coded("state", codes.WARNING_STATES, "Where it is in its life."),
    COLOUR.with_(doc="Colour of the warning: the last known outcome."),
    date("opened_on", "Business date it was opened on; while it is pending, on which its condition began to hold."),
    date("coloured_on", "Business date since when it has this colour."),
    date("worsened_on", "Business date on which its colour last rose, or it was raised.", required=False),
    date("raised_since", "Since when the condition has held, unknown days not counted; null = it does not.", required=False),
    date("clearing_since", "Since when the exit condition has held, unknown days not counted; null = it does not.", required=False),
    date("unknown_since", "Since when the outcome has been unknown; null = it is known.", required=False),
    count("times_reopened", "How often it was raised again within its cool-down.", required=False),
    Column("held_by", doc="Partner, or all, whose storm it waits for; null = it does not wait."),
    date("held_since", "Business date since when it waits.", required=False),
    CLEARED_ON, REMEMBERED_UNTIL, RESPOND_BY,
    Column("ended_because", doc="Why it was cleared; null while it is not."),
)  # fmt: skip
DECIDED = (
    COLOUR.with_(name="shown_colour", required=False, doc="The colour people see: a person's while it lasts, else the computed."),
    Column("hidden", doc="snoozed or dismissed; null = people see it where it is open or curing."),
    date("snoozed_until", "Last day of the last snooze, in force or not.", required=False),
    date("dismissed_on", "Day of the last dismissal, in force or not.", required=False),
    date("confirmed_on", "Day on which it was last confirmed.", required=False),
    COLOUR.with_(name="override_colour", required=False, doc="Colour given by a person, in force."),
    date("override_until", "Last day on which that holds.", required=False),
    date("answered_on", "Day of the first decision since it was raised or worsened.", required=False),
    Column("overdue", "boolean", "Not answered by `respond_by`, or later than that."),
)  # fmt: skip
WARNING_COLUMNS = (*LIFE, *DECIDED, *SAYS)
EVENT_COLUMNS = (
    Column("event", doc="pending, lapsed, raised, reopened, held, released, escalated, eased, curing, relapsed, cleared, dropped, "
           "hidden, shown or overdue.", required=True),
    Column("state", doc="State of the warning now; null = nothing of it is left."),
    COLOUR.with_(name="colour_before", required=False, doc="Colour in the parent release."),
    COLOUR.with_(name="colour_now", required=False, doc="Colour now; null = cleared."),
    Column("held_by", doc="Partner, or all, whose storm it waits for."),
    RESPOND_BY, REMEMBERED_UNTIL,
    Column("reason", doc="Why it was cleared or hidden."),
)  # fmt: skip
