"""Columns, feeds and tables, declared once; every schema, check and dictionary is derived from them.

Also the words of the project: columns that more than one table uses, said here and nowhere else.
Imports neither Spark, Airflow nor Great Expectations.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import pyarrow as pa

from loanwatch import codes
from loanwatch.codes import CodeList

Type = Literal["string", "int", "long", "date", "boolean", "longs", "strings"]

ARROW: dict[Type, pa.DataType] = {
    "string": pa.string(),
    "int": pa.int32(),
    "long": pa.int64(),
    "date": pa.date32(),
    "boolean": pa.bool_(),
    "longs": pa.list_(pa.int64()),
    "strings": pa.list_(pa.string()),
}
SPARK: dict[Type, str] = {
    "string": "string",
    "int": "int",
    "long": "bigint",
    "date": "date",
    "boolean": "boolean",
    "longs": "array<bigint>",
    "strings": "array<string>",
}


@dataclass(frozen=True)
class Column:
    """A word of the project: its name (unit at the end), type, the facts of one value, and what it means.

    `restricted` names the kind of personal value: the vault keeps it, everybody else sees a token.
    `of` are the file columns that a restricted column is made of, by default the column itself.
    `whose` and `basis` are given where they differ from the feed's. `required_where` is another column and the
    words of it with which a value has to stand here. `standards` are fields of public standards that mean the same,
    whatever their unit and words: `FIRE loan.balance` (Suade), `EBA-NPL 3,09 Principal amount` (Regulation (EU) 2023/2083).
    """

    name: str
    type: Type = "string"
    doc: str = ""
    required: bool = False
    required_where: tuple[str, tuple[str, ...]] | None = None
    at_least: int | None = None
    at_most: int | None = None
    codes: CodeList | None = None
    pattern: str | None = None
    restricted: str | None = None
    of: tuple[str, ...] = ()
    whose: str | None = None
    basis: str | None = None
    standards: tuple[str, ...] = ()

    @property
    def check(self) -> str | None:
        """The facts of one value as an SQL condition; None where there is none."""
        facts = []
        if self.at_least is not None:
            facts.append(f"{self.name} >= {self.at_least}")
        if self.at_most is not None:
            facts.append(f"{self.name} <= {self.at_most}")
        if self.codes is not None:
            words = ", ".join(f"'{word}'" for word in self.codes.words)
            facts.append(f"{self.name} IN ({words})")
        if not facts:
            return None
        # Delta takes a null for a violation.
        return " AND ".join(facts) if self.required else f"{self.name} IS NULL OR ({' AND '.join(facts)})"

    def with_(self, **changes: object) -> Column:
        """This word with some facts changed, for one table: `CURRENCY.with_(required=False)`."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Table:
    """A table of the lake: `<stage>.<name>`, its grain, key and columns.

    A table that a night's step writes is partitioned by `as_of` and `release`; a ledger is append-only
    and carries its own columns only.
    """

    name: str
    grain: str
    key: tuple[Column, ...]
    columns: tuple[Column, ...]
    ledger: bool = False
    public: bool = False

    @property
    def stage(self) -> str:
        return self.name.split(".")[0]

    @property
    def short(self) -> str:
        """The table's name without its stage: how a step's argument is named."""
        return self.name.split(".")[1]

    @cached_property
    def all_columns(self) -> tuple[Column, ...]:
        return self.columns if self.ledger else (AS_OF, RELEASE, *self.columns)

    @property
    def partition_by(self) -> tuple[str, ...]:
        return () if self.ledger else (AS_OF.name, RELEASE.name)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def arrow(self) -> pa.Schema:
        return pa.schema(
            [pa.field(c.name, ARROW[c.type], not c.required, {"comment": c.doc}) for c in self.all_columns]
        )

    @property
    def spark(self) -> str:
        """The step's part of the schema as Spark DDL."""
        return ", ".join(f"{column.name} {SPARK[column.type]}" for column in self.columns)

    @property
    def checks(self) -> dict[str, str]:
        """CHECK constraints by name."""
        return {column.name: column.check for column in self.columns if column.check}

    @property
    def parent(self) -> Parent:
        """The rows of this table in the attempt's parent release; for true state only."""
        return Parent(self)

    def month_ends(self, months: int) -> MonthEnds:
        """The rows of this table on the last month-ends before the date, along the line of parents."""
        return MonthEnds(self, months)


@dataclass(frozen=True)
class Parent:
    """A read of the parent release's rows of a table; the step's argument is `<table>_before`."""

    table: Table

    @property
    def short(self) -> str:
        return f"{self.table.short}_before"


@dataclass(frozen=True)
class MonthEnds:
    """A read of a table's rows of the last month-ends before the date; the step's argument is `<table>_month_ends`.

    The month-ends are those of the line of parents, `as_of` beside each row; there may be fewer.
    """

    table: Table
    months: int

    @property
    def short(self) -> str:
        return f"{self.table.short}_month_ends"


@dataclass(frozen=True)
class Older:
    """An older version of a feed: what it lacked beside the next one, and the last business date of which it is taken.

    Whole columns, words of code lists as (column, word), and whole numbers that were `int`. Only facts can be added
    or widened: another key or date is another feed.
    """

    until: datetime.date
    lacks: tuple[str, ...] = ()
    lacks_words: tuple[tuple[str, str], ...] = ()
    narrower: tuple[str, ...] = ()

    def of(self, newer: Feed) -> Feed:
        """The feed as it was, from the one that came after; ValueError where it lacks what that does not have."""
        facts = {column.name: column for column in newer.facts}
        named = {*self.lacks, *self.narrower, *(name for name, _ in self.lacks_words)}
        wrong = [f"no fact {name}" for name in sorted(named - set(facts))]
        wrong += [f"{name} has no word {word}" for name, word in self.lacks_words if word not in (facts[name].codes or ())]
        wrong += [f"{name} is no long" for name in self.narrower if facts[name].type != "long"]
        if wrong:
            raise ValueError(f"feed {newer.name}, before {self.until}: {'; '.join(wrong)}")
        was = {name: self._column(column) for name, column in facts.items() if name not in self.lacks}
        sums = tuple(was.get(column.name, column) for column in newer.sums if column.name not in self.lacks)
        adds_up = newer.adds_up if newer.adds_up and set(newer.adds_up[1]) <= set(was) else None
        return replace(newer, facts=tuple(was.values()), sums=sums, adds_up=adds_up, older=newer.older[:-1])

    def _column(self, newer: Column) -> Column:
        without = tuple(word for name, word in self.lacks_words if name == newer.name)
        codes = newer.codes.without(without) if newer.codes and without else newer.codes
        return replace(newer, codes=codes, type="int" if newer.name in self.narrower else newer.type)


@dataclass(frozen=True)
class Feed:
    """What one kind of delivery contains.

    An event is true on its `on` date. A state (`state=True`) is true from `on` until a later row of the
    same key; `on` is then part of the key and defaults to the delivery's business date.
    `sums` are the columns whose totals the sender states in the manifest.
    `whose` data it is and on what lawful `basis` they are processed: codes.DATA_SUBJECTS, codes.LAWFUL_BASES
    (PIPL art. 13 and 29). Only consent ends by withdrawal.
    `adds_up`: an amount, and the shares it is split into; where any is told, they add up to it.
    A feed is declared as its newest version; `older` are those before it, from version 1 on.
    """

    name: str
    key: tuple[Column, ...]
    on: Column
    facts: tuple[Column, ...]
    sums: tuple[Column, ...] = ()
    state: bool = False
    sent_by: Literal["partner", "ledger", "bank", "valuer", "bureau", "market", "risk"] = "partner"
    doc: str = ""
    whose: str = "nobody"
    basis: str | None = None
    adds_up: tuple[str, tuple[str, ...]] | None = None
    older: tuple[Older, ...] = ()

    def __post_init__(self) -> None:
        if self.older:
            self.older[-1].of(self)  # says what is wrong, there and before

    @property
    def short(self) -> str:
        return self.name

    @property
    def version(self) -> int:
        return len(self.older) + 1

    def at(self, version: int) -> Feed:
        """The feed as of a version; KeyError where there is none."""
        if not 1 <= version <= self.version:
            raise KeyError(version)
        return self if version == self.version else self.older[-1].of(self).at(version)

    def until(self, version: int) -> datetime.date | None:
        """The last business date of which a version is taken; None = the newest, without end."""
        return self.older[version - 1].until if version < self.version else None

    def basis_of(self, column: Column) -> tuple[str, str | None]:
        """Whose data a column holds, and on what basis."""
        return column.whose or self.whose, column.basis or self.basis

    @cached_property
    def row(self) -> tuple[Column, ...]:
        """The columns of an admitted row, without its place."""
        columns = (*self.key, self.on, *self.facts)
        return tuple({column.name: column for column in columns}.values())

    @cached_property
    def file_columns(self) -> tuple[Column, ...]:
        """The columns of a delivered file, in order; `withdrawn` may follow, and no other."""
        columns: list[Column] = []
        declared = {column.name: column for column in self.row}
        for column in self.row:
            if column.name == SENDER_ID.name:
                continue
            parts = column.of or (column.name,)
            for name in parts:
                if all(name != seen.name for seen in columns):
                    part = Column(name, doc=f"Part of {column.name}.", whose=column.whose, basis=column.basis)
                    columns.append(declared.get(name, part))
        return tuple(columns)

    @property
    def identity(self) -> tuple[str, ...]:
        """The names of the business key: two rows that agree on them are versions of one another."""
        names = tuple(column.name for column in self.key)
        return (*names, self.on.name) if self.state else names

    @cached_property
    def table(self) -> Table:
        """`admit.<feed>`: every admitted version of every row, with the place it came from; what came later may be null."""
        grain = "one row per version of a row that a sender delivered"
        later = {name for older in self.older for name in older.lacks}
        row = tuple(replace(c, required=False) if c.name in later else c for c in self.row)
        columns = (*row, *ADMITTED)
        return Table(f"admit.{self.name}", grain, (DELIVERY_NO, LINE_NO), columns, ledger=True)


_ID = r"[A-Za-z0-9][A-Za-z0-9_-]*:[A-Za-z0-9][A-Za-z0-9_.-]*"
_OWN_NUMBER = r"[A-Za-z0-9][A-Za-z0-9_.:-]*"

# -- when and which release -------------------------------------------------------------------------
AS_OF = Column("as_of", "date", "Business date.", required=True)
RELEASE = Column("release", "int", "Number of the release.", required=True, at_least=1)

# -- who and what -----------------------------------------------------------------------------------
SENDER_ID = Column("sender_id", doc="Who delivered the row: a partner, the bank, the ledger …", required=True)
PARTNER_ID = Column("partner_id", doc="Partner institution.", required=True, pattern="[A-Za-z0-9][A-Za-z0-9_-]*")
POOL_ID = Column("pool_id", doc="Trust project or securitised pool.", required=True, pattern=_OWN_NUMBER)
LOAN_ID = Column(
    "loan_id", doc="Loan: `<partner>:<the partner's number>`.", required=True, pattern=_ID,
    standards=("FIRE loan.id", "EBA-NPL 3,01 Loan Identifier"),
)  # fmt: skip
CUSTOMER_ID = Column(
    "customer_id", doc="A partner's customer: `<partner>:<number>`.", required=True, pattern=_ID,
    standards=("FIRE loan.customer_id", "EBA-NPL 1,02 Counterparty Identifier"),
)  # fmt: skip
ASSET_ID = Column(
    "asset_id", doc="Collateral: `<partner>:<number>`.", required=True, pattern=_ID,
    standards=("FIRE collateral.id", "EBA-NPL 4,00 Protection Identifier"),
)  # fmt: skip
BORROWER_ID = Column(
    "borrower_id", doc="A person or firm, one across partners: token of id type and number.", required=True
)
OWN_NUMBER = Column("", doc="", required=True, pattern=_OWN_NUMBER)
CURRENCY = Column("currency", doc="ISO 4217.", required=True, codes=codes.CURRENCIES, standards=("FIRE loan.currency_code",))
PRODUCT = Column("product", doc="Kind of loan.", required=True, codes=codes.PRODUCTS, standards=("FIRE loan.type",))
REGION = Column("region", doc="City or state, as the price index names it.", pattern=_OWN_NUMBER)
SUBJECT = Column("subject", doc="Kind of subject.", required=True, codes=codes.SUBJECTS)
SUBJECT_ID = Column("subject_id", doc="Loan or borrower.", required=True)
RULE_ID = Column("rule_id", doc="Rule.", required=True)
COLOUR = Column("colour", doc="Outcome.", required=True, codes=codes.COLOURS)

# -- how much ---------------------------------------------------------------------------------------
PRINCIPAL_MINOR = Column("principal_minor", "long", "Principal, minor units.", required=True, at_least=0)
BALANCE_MINOR = Column(
    "balance_minor", "long", "Principal outstanding, minor units.", required=True, at_least=0,
    standards=("FIRE loan.balance", "EBA-NPL 3,09 Principal amount"),
)  # fmt: skip
VALUE_MINOR = Column(
    "value_minor", "long", "Value, minor units.", required=True, at_least=1,
    standards=("FIRE collateral.value",),
)  # fmt: skip
ARREARS_MINOR = Column(
    "arrears_minor", "long", "Past due and unpaid, minor units; null = no schedule.", at_least=0,
    standards=("FIRE loan.arrears_balance",),
)  # fmt: skip
DAYS_PAST_DUE = Column(
    "days_past_due", "int",
    "Days since the oldest past due date that nobody has paid in full; 0 = nothing past due, null = no schedule.", at_least=0,
    standards=("EBA-NPL 3,13 Days in Past-Due",),
)  # fmt: skip
OWN_DAYS_PAST_DUE = Column(
    "own_days_past_due", "int",
    "The same, ignoring what others paid for the borrower; null where a payer is not stated.", at_least=0,
)  # fmt: skip
SECURED = Column(
    "secured", "boolean", "Whether an asset is pledged for the loan.", required=True,
    standards=("FIRE loan.secured",),
)  # fmt: skip
LTV_BP = Column("ltv_bp", "long", "Balance and prior claims over value, basis points.", at_least=0)

# -- where a row came from --------------------------------------------------------------------------
DELIVERY_NO = Column(
    "delivery_no", "int", "Number of the delivery: the clock of what was known.", required=True, at_least=1
)
LINE_NO = Column("line_no", "int", "Row within the delivery, through all its files, from 1.", required=True, at_least=1)
WITHDRAWN = Column("withdrawn", "boolean", "The sender takes the row back.", required=True)
KEY_HASH = Column(
    "key_hash", "long", "Hash of the business key: finds versions fast, confirmed on the key.", required=True
)
ADMITTED = (WITHDRAWN, DELIVERY_NO, LINE_NO, KEY_HASH)


def number(name: str, doc: str) -> Column:
    """A sender's own number for a row, such as a repayment's."""
    return replace(OWN_NUMBER, name=name, doc=doc)


def date(name: str, doc: str, *, required: bool = True) -> Column:
    return Column(name, "date", doc, required=required)


def minor(name: str, doc: str, *, required: bool = True, at_least: int | None = 0) -> Column:
    """An amount of money in minor units."""
    return Column(name, "long", doc, required=required, at_least=at_least)


def count(name: str, doc: str, *, required: bool = True) -> Column:
    return Column(name, "int", doc, required=required, at_least=0)


def basis_points(name: str, doc: str, *, required: bool = False, at_least: int | None = None) -> Column:
    return Column(name, "long", doc, required=required, at_least=at_least)


def coded(name: str, codes: CodeList, doc: str, *, required: bool = True) -> Column:
    return Column(name, doc=doc, required=required, codes=codes)


def restricted(name: str, kind: str, doc: str, *, required: bool = False) -> Column:
    """A personal value: kept in the vault under `kind`, a token everywhere else."""
    return Column(name, doc=doc, required=required, restricted=kind)


VALID_FROM = date("valid_from", "The row is true from this date; empty = the delivery's business date.")
AMOUNT_MINOR = minor("amount_minor", "Amount, minor units.")
