"""What `seal` writes: ledgers of a few rows a night, by delta-rs."""

from loanwatch.columns import AS_OF, RELEASE, Column, count, date, minor
from loanwatch.tables import Table

OF_DATE = AS_OF.with_(required=False, doc="Business date; null in rows of before restatements, when a release had one.")

PUBLICATION = Table(
    "seal.publication",
    "one row per attempt, of a restatement one per date: the lock, the attempt and the publication in one table",
    (RELEASE, AS_OF),
    (
        RELEASE,
        AS_OF,
        Column("parent", "int", "Release of the date before; null = the first, or not yet fixed."),
        Column(
            "through_delivery_no", "int", "K: the last delivery the release knows; null = not yet fixed.", at_least=0
        ),
        Column("conf_digest", doc="Configuration it runs with; null = not yet fixed."),
        Column("code_digest", doc="Code it runs with; null = not yet fixed."),
        Column("kind", doc="night or restatement.", required=True),
        Column("state", doc="building (beside the nights), open, published or abandoned.", required=True),
        Column("holder", doc="Who opened it: host and process.", required=True),
        Column("publication_no", "int", "Order of publication; null until published.", at_least=1),
        Column("reason", doc="Why it was abandoned."),
        Column("replaces", "int", "Of a restatement: the release of the date that it was built to replace."),
    ),
    ledger=True,
    public=True,
)
STEP_RESULT = Table(
    "seal.step_result",
    "one row per release, date and table that a step has written, read back and passed",
    (RELEASE, OF_DATE, Column("table")),
    (
        RELEASE,
        OF_DATE,
        Column("step", doc="The step.", required=True),
        Column("table", doc="The table it wrote.", required=True),
        minor("rows", "Rows read back."),
        Column("digest", doc="Digest of the content: equal content, equal digest.", required=True),
        Column("sums", doc="Totals of the amounts, JSON by column.", required=True),
        count("wall_ms", "Time of the step, for the operator; read by no step.", required=False),
    ),
    ledger=True,
)
CERTIFICATE = Table(
    "seal.certificate",
    "one row per release, date and statement: what was counted, against what, and whether it holds",
    (RELEASE, OF_DATE, Column("statement")),
    (
        RELEASE,
        OF_DATE,
        Column("statement", doc="What is stated.", required=True),
        Column("subject", doc="About what: a feed, a table, a partner.", required=True),
        Column("expected", doc="What it has to be."),
        Column("found", doc="What it is."),
        Column("holds", "boolean", "Null = stated for the record, nothing to compare with."),
    ),
    ledger=True,
    public=True,
)
SEALED = Table(
    "seal.release",
    "one row per sealed release and date",
    (RELEASE, AS_OF),
    (
        RELEASE,
        AS_OF,
        Column("parent", "int", "Release of the date before; null = the first."),
        Column("through_delivery_no", "int", "K: the last delivery it knows.", required=True, at_least=0),
        Column("conf_digest", doc="Configuration.", required=True),
        Column("code_digest", doc="Code.", required=True),
        Column("content_digest", doc="Digest of the digests of its sealed tables: see `seal.table_digest`.", required=True),
    ),
    ledger=True,
    public=True,
)
TABLE_DIGEST = Table(
    "seal.table_digest",
    "one row per sealed release, date and table: the digest of its rows, whatever their order, files and engine",
    (RELEASE, AS_OF, Column("table")),
    (
        RELEASE,
        AS_OF,
        Column("table", doc="The table.", required=True),
        minor("rows", "Rows."),
        Column("digest", doc="SHA-256 over all rows, as `seal/table_digest.py` says.", required=True),
        Column("key", "strings", "The columns of its key.", required=True),
        Column("columns", "strings", "The columns that the digest is made of.", required=True),
        Column("buckets", "strings", "Digests of the parts it is made of: three digits, rows, digest.", required=True),
    ),
    ledger=True,
    public=True,
)
APPROVAL = Table(
    "seal.approval",
    "one row per approval: of a configuration, a release, a model or a delivery of decisions, by one person",
    (Column("approval_no", "int"),),
    (
        Column("approval_no", "int", "Its place, from 1.", required=True, at_least=1),
        Column("subject", doc="What is approved, as it is signed.", required=True),
        Column("digest", doc="Its digest, as it is signed.", required=True),
        Column("person", doc="Who approved it, as the list of signers has it, or the user of Airflow.", required=True),
        Column("fingerprint", doc="The key it was signed with; empty = approved under Airflow."),
        date("signed_on", "When it was entered, UTC; by the list of signers as it holds on that day."),
        Column("signature", doc="The signature of the statement, as ssh-keygen made it; empty = approved under Airflow."),
    ),
    ledger=True,
)
RETIRED = Table(
    "seal.retired",
    "one row per published release, date and table whose rows housekeeping has taken away; noted before it does",
    (RELEASE, AS_OF, Column("table")),
    (
        RELEASE,
        AS_OF,
        Column("table", doc="The table: neither public nor state that a later release goes on from.", required=True),
        Column("nights", "int", "How many nights were published after the release.", required=True, at_least=0),
    ),
    ledger=True,
    public=True,
)
AUDIT_LOG = Table(
    "seal.audit_log",
    "one row per act: a receipt, configuration, waiver, attempt, publication, decision of people, or use of the vault by one",
    (Column("entry_no", "int"),),
    (
        Column("entry_no", "int", "Its place, from 1; null = written before entries were numbered.", at_least=1),
        Column("done_at", doc="When it was entered, UTC, ISO 8601; read by no step.", required=True),
        Column("actor", doc="User of the operating system who entered it.", required=True),
        Column(
            "action", doc="receive, configure, waive, sign, attempt, restate, abandon, publish, override, recolour, approve, "
            "promote, hand_in, retire; reveal, original, erase, rotate.", required=True,
        ),
        Column("subject", doc="A delivery, a release, a review, a token or customer's number, a key's reference …", required=True),
        Column("purpose", doc="Why, in the person's own words."),
        count("entries", "Entries of the vault that were seen, destroyed or re-keyed.", required=False),
        Column("facts", doc="What else is known of it, JSON by name."),
        Column("previous", doc="Digest of the entry before it."),
        Column("digest", doc="SHA-256 over all other columns, as `seal/audit_log.py` says."),
    ),
    ledger=True,
)  # fmt: skip

LEDGERS = (PUBLICATION, STEP_RESULT, CERTIFICATE, SEALED, TABLE_DIGEST, APPROVAL, RETIRED, AUDIT_LOG)
