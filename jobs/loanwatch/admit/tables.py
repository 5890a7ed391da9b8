"""What `admit` writes beside the feed tables: ledgers, append-only, never partitioned."""

from dataclasses import replace

from loanwatch.columns import DELIVERY_NO, KEY_HASH, LINE_NO, Column, count, date, minor
from loanwatch.tables import Table

FEED = Column("feed", doc="Name of the feed.", required=True)
SENDER = Column("sender", doc="Who sent the delivery.", required=True)
BUSINESS_ON = date("business_on", "The sender's business date.")
SEQUENCE = Column("sequence", "int", "The sender's number within the day.", required=True, at_least=1)
SHA256 = Column("sha256", doc="Hash of the content.", required=True)

DELIVERY = Table(
    "admit.delivery",
    "one row per receipt of a delivery; a refused or repeated one has no admitted row",
    (DELIVERY_NO, Column("stamp")),
    (
        replace(DELIVERY_NO, required=False, doc="Number of the delivery; a repeat has none."),
        count("batch_no", "The batch that admitted it."),
        FEED, SENDER, BUSINESS_ON, SEQUENCE, SHA256,
        Column("version", "int", "The feed's version that it follows; empty = told by nobody, or not found out.", at_least=1),
        date("sent_on", "When the sender says it was sent; decides between versions.", required=False),
        Column("stamp", doc="Size and time of the files: a change means judge again.", required=True),
        Column("outcome", doc="admitted, refused or repeated.", required=True),
        Column("reason", doc="Why it was refused; empty otherwise."),
        minor("rows_in", "Rows delivered."),
        minor("rows_admitted", "Rows admitted."),
        minor("rows_rejected", "Rows turned away; see admit.rejected."),
        minor("rows_repeated", "Rows of a delivery that was already admitted."),
        Column("sums", doc="Totals in minor units, JSON by column: stated = admitted + rejected + repeated; "
                           "`unread` counts the rows whose amount cannot be read."),
        date("known_on", "Business date of the attempt that admitted it: a label, read by no step."),
    ),
    ledger=True,
)  # fmt: skip
REJECTED = Table(
    "admit.rejected",
    "one row per rejected row of a delivery",
    (DELIVERY_NO, LINE_NO),
    (
        DELIVERY_NO, LINE_NO, FEED,
        Column("file", doc="Data file within the delivery.", required=True),
        Column("reasons", "strings", "Every fault: `column: what is wrong`.", required=True),
        Column("record", doc="The row as delivered, JSON, restricted values masked.", required=True),
        replace(KEY_HASH, required=False, doc="Hash of the business key, of a state without its date; null = not readable."),
    ),
    ledger=True,
)  # fmt: skip
SUPERSEDED = Table(
    "admit.superseded",
    "one row per version of a row that lost to a higher version",
    (FEED, DELIVERY_NO, LINE_NO),
    (FEED, DELIVERY_NO, LINE_NO,
     Column("by", "int", "Lowest delivery number that holds a higher version.", required=True, at_least=1)),
    ledger=True,
)  # fmt: skip
CLEARED = Table(
    "admit.cleared",
    "one row per rejected row that a later row of its sender has put right; `loanwatch read admit.rejected` shows it",
    (FEED, DELIVERY_NO, LINE_NO),
    (FEED, DELIVERY_NO, LINE_NO,
     Column("by", "int", "Lowest delivery number that holds a higher version of the row.", required=True, at_least=1)),
    ledger=True,
)  # fmt: skip
BATCH = Table(
    "admit.batch",
    "one row per batch of deliveries: the list, committed before a row of it is",
    (Column("batch_no", "int"),),
    (
        Column("batch_no", "int", "Number of the batch.", required=True, at_least=1),
        replace(DELIVERY_NO, name="through_delivery_no", doc="Highest delivery number of the batch."),
        Column("listing", doc="The deliveries and the staged files of the batch, JSON.", required=True),
    ),
    ledger=True,
)  # fmt: skip
CONF = Table(
    "admit.conf",
    "one row per configuration file and digest: what an attempt ran with",
    (Column("conf_digest"), Column("path")),
    (
        Column("conf_digest", doc="Digest of the whole configuration.", required=True),
        Column("path", doc="File below conf/.", required=True),
        Column("text", doc="The file's text.", required=True),
    ),
    ledger=True,
)
GATE_RESULT = Table(
    "admit.gate_result",
    "one row per expectation and gated table of an attempt; of deliveries, also one per delivery that failed it",
    (Column("release"), Column("as_of"), Column("table"), Column("expectation"), DELIVERY_NO),
    (
        Column("release", "int", "The attempt.", required=True),
        date("as_of", "Its business date; null in rows of before restatements, when an attempt had one.", required=False),
        Column("table", doc="The table that was gated; admit.delivery: deliveries before they were numbered.", required=True),
        replace(DELIVERY_NO, required=False, doc="The delivery that failed; empty = all rows of the table together."),
        Column("expectation", doc="What was expected, with its arguments.", required=True),
        Column("severity", doc="critical stops the night, or refuses the delivery; warning is recorded.", required=True),
        Column("success", "boolean", "Whether it held.", required=True),
        Column("observed", doc="What was found."),
    ),
    ledger=True,
)

LEDGERS = (DELIVERY, REJECTED, SUPERSEDED, CLEARED, BATCH, CONF, GATE_RESULT)
