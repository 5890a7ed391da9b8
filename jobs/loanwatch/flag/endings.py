"""Why loans left the book: what the end of their warnings is put down to."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.flag.tables import LEFT

GONE = {
    "buy_back": "bought back by the partner",
    "transfer": "transferred to another lender",
    "settled": "settled early",
}
PAID_BY = {
    "borrower": "the borrower",
    "partner": "the partner",
    "guarantor": "the guarantor",
    "insurer": "the insurer",
    "collateral": "the sale of collateral",
}
TYPES = {"asked_minor": "bigint", "paid_minor": "bigint", "on": "date", "number": "string", "payer": "string",
         "kind": "string", "new_loan_id": "string"}  # fmt: skip


def endings(
    gone: DataFrame, loan: DataFrame, loan_event: DataFrame, repayment: DataFrame, roll_over: DataFrame, as_of: date
) -> DataFrame:
    """One row per loan that is not on the book any more (`gone`: loan_id): `left_because`, in words.

    A new loan that repaid it comes first, then what was reported, then the money: who made the last payment.
    """
    named = loan.where(F.col("refinances_loan_id").isNotNull() & (F.col("opened_on") <= F.lit(as_of)))
    parts = (
        _told(loan, "loan_id", asked_minor="principal_minor"),
        _told(named, "refinances_loan_id", new_loan_id="loan_id"),
        _told(roll_over, "replaced_loan_id", new_loan_id="loan_id"),
        _told(loan_event.where(F.col("kind").isin(*GONE)), "loan_id", kind="kind", on="happened_on", number="event_id"),
        _told(repayment, "loan_id", paid_minor="paid_minor", payer="payer", on="paid_on", number="repayment_id"),
    )
    together, *rest = parts
    for part in rest:
        together = together.unionByName(part)
    last = F.struct("on", "number")
    money = F.col("paid_minor").isNotNull()
    known = together.join(F.broadcast(gone), on="loan_id", how="left_semi").groupBy("loan_id")
    return known.agg(
        F.max("asked_minor").alias("asked_minor"),
        F.sum("paid_minor").alias("paid_minor"),
        F.min("new_loan_id").alias("new_loan_id"),
        F.max_by("kind", F.when(F.col("kind").isNotNull(), last)).alias("kind"),
        F.max_by("payer", F.when(money, last)).alias("payer"),
    ).select("loan_id", F.concat(F.lit(f"{LEFT}: "), _because()).alias("left_because"))


def _told(rows: DataFrame, loan_id: str, **columns: str) -> DataFrame:
    cells = [(F.col(columns[name]) if name in columns else F.lit(None)).cast(kind).alias(name) for name, kind in TYPES.items()]
    return rows.select(F.col(loan_id).alias("loan_id"), *cells)


def _because() -> Column:
    kind, by = F.col("kind"), _said("payer", PAID_BY, F.lit("a payer that is not stated"))
    is_paid = F.coalesce(F.col("paid_minor") >= F.col("asked_minor"), F.lit(False))
    return (
        F.when(F.col("new_loan_id").isNotNull(), F.concat(F.lit("repaid by the new loan "), F.col("new_loan_id")))
        .when(kind.isin("buy_back", "transfer"), _said("kind", GONE, F.lit(None)))
        .when(is_paid, F.concat(F.when(kind.isNotNull(), "settled early by ").otherwise("repaid by "), by))
        .when(kind.isNotNull(), GONE["settled"])
        .otherwise("unaccounted for")
    )


def _said(name: str, words: dict[str, str], otherwise: Column) -> Column:
    said = [F.when(F.col(name) == word, F.lit(text)) for word, text in words.items()]
    return F.coalesce(*said, otherwise)
