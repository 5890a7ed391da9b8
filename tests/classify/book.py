"""Classes of loans from the few columns that matter: nothing else is known of them, and nothing is missing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from conftest import ROOT
from frames import frame

from loanwatch.admit.collateral_feeds import GUARANTEE
from loanwatch.admit.feeds import LOAN_EVENT
from loanwatch.admit.monitoring_feeds import DEBT_ELSEWHERE, DEFAULT_PROBABILITY, IMPAIRMENT, REVIEW, SIGNAL
from loanwatch.admit.tables import DELIVERY
from loanwatch.balance.tables import LOAN_DAY, ROLL_OVER
from loanwatch.classify.class_input import class_input
from loanwatch.classify.inputs import INPUTS
from loanwatch.classify.loan_class import loan_class
from loanwatch.classify.scheme import load
from loanwatch.classify.tables import LOAN_CLASS, OBSERVATION

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TEXTS = {f"classes/{path.name}": path.read_text("utf-8") for path in (ROOT / "conf" / "classes").iterdir()}
SHIPPED = load(TEXTS)


D = date(2025, 3, 1)
CLEAN = {"days_past_due": 0, "own_days_past_due": 0, "technical": False, "debtor": "person"}
# Inputs of which there is nothing to say.
QUIET: dict[str, Any] = {
    name: False if of.type == "boolean" else of.codes.words[0] if of.codes else 0 for name, of in INPUTS.items()
} | {"repayment_gap": "none", "debtor": "person"}
Rows = list[dict[str, Any]]


def classed(spark: SparkSession, loans: Rows, over: Rows | None = None, sources: tuple[str, ...] = (), **feed: Rows) -> DataFrame:
    """The classes of loans whose debtors are people of their own, unless told; and of nothing that other feeds did not tell."""
    rows = [{"borrower_id": loan["loan_id"], "customer_id": loan["loan_id"], "debtor": "person", **loan} for loan in loans]
    tables = {
        "observation": OBSERVATION, "loan_class_before": LOAN_CLASS, "loan_event": LOAN_EVENT, "impairment": IMPAIRMENT,
        "default_probability": DEFAULT_PROBABILITY, "guarantee": GUARANTEE, "signal": SIGNAL, "debt_elsewhere": DEBT_ELSEWHERE,
        "review": REVIEW, "delivery": DELIVERY,
    }  # fmt: skip
    frames = {name: frame(spark, table, feed.get(name, [])) for name, table in tables.items()}
    over = [{"inferred": False, **row} for row in over or []]
    known = class_input(frame(spark, LOAN_DAY, rows), frame(spark, ROLL_OVER, over), **frames, schemes=SHIPPED,
                        class_sources=sources, as_of=D)  # fmt: skip
    return loan_class(known, SHIPPED, D)


def told(spark: SparkSession, loans: Rows, **given: Any) -> dict[str, tuple[str, str, list[str]]]:
    """Class, floor and what is missing of each loan, by the end of its number."""
    rows = [{**CLEAN, **loan, "loan_id": f"P01:{loan['loan_id']}"} for loan in loans]
    found = classed(spark, rows, **given).collect()
    return {row["loan_id"].removeprefix("P01:"): (row["five_class"], row["floor"], row["missing"]) for row in found}


def sql_of(row: dict[str, Any]) -> list[str]:
    """Its values as columns of SQL."""
    values = {name: f"'{value}'" if isinstance(value, str) else str(value).lower() for name, value in row.items()}
    return [f"{value} as {name}" for name, value in values.items()]
