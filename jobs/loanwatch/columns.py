"""Columns, and the words of the project: columns that more than one table uses, said here and nowhere else.

Imports neither Spark, Airflow nor Great Expectations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
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
    `of` are the file columns that a restricted column is made of, by default the column itself. `found` says what is found of
    them before they become tokens; such a column is not delivered.
    `whose` and `basis` are given where they differ from the feed's. `required_where` is another column and the
    words of it with which a value has to stand here. `between_where` is another column, and for words of it the least and the
    most that a value here may be. `years_ahead`: a year, at most so many after that of the row's own date.
    `standards` are fields of public standards that mean the same, whatever their unit and words: `FIRE loan.balance` (Suade),
    `EBA-NPL 3,09 Principal amount` (Regulation (EU) 2023/2083).
    """

    name: str
    type: Type = "string"
    doc: str = ""
    required: bool = False
    required_where: tuple[str, tuple[str, ...]] | None = None
    at_least: int | None = None
    at_most: int | None = None
    between_where: tuple[str, tuple[tuple[str, int, int], ...]] | None = None
    years_ahead: int | None = None
    codes: CodeList | None = None
    pattern: str | None = None
    restricted: str | None = None
    of: tuple[str, ...] = ()
    found: Callable[..., pa.Array] | None = None
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
SUBJECT_ID = Column("subject_id", doc="Loan, borrower, asset, pool or partner.", required=True)
RULE_ID = Column("rule_id", doc="Rule.", required=True)
COLOUR = Column("colour", doc="Outcome.", required=True, codes=codes.COLOURS)

# -- how much ---------------------------------------------------------------------------------------
PRINCIPAL_MINOR = Column("principal_minor", "long", "Principal, minor units.", required=True, at_least=0)
BALANCE_MINOR = Column(
    "balance_minor", "long", "Principal outstanding, minor units.", required=True, at_least=0,
    standards=("FIRE loan.balance", "EBA-NPL 3,09 Principal amount"),
)  # fmt: skip
EXPOSURE_MINOR = Column("exposure_minor", "long", "Principal outstanding, minor units.", required=True, at_least=0)
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
