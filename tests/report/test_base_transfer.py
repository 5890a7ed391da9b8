"""What forms about sales and purchases of loans are filled from."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from frames import frame

from loanwatch.admit import feeds
from loanwatch.admit.filing_feeds import TRANSFER, TRANSFER_LOAN
from loanwatch.report.base_transfer import base_transfer
from loanwatch.report.base_transfer_loan import base_transfer_loan

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

D = date(2025, 3, 31)
SOLD = [("P01:a", "Z1", 100, 3), ("P01:b", "Z1", 50, 0), ("P01:strange", "Z9", 7, 1)]


def transferred(spark: SparkSession) -> DataFrame:
    names = ("loan_id", "transfer_id", "transferred_principal_minor", "transferred_interest_minor")
    rows = [dict(zip(names, row, strict=True)) for row in SOLD]
    loans = [{"loan_id": loan, "customer_id": "c", "currency": "CNY", "pool_id": "T"} for loan in ("P01:a", "P01:b")]
    return base_transfer_loan(
        frame(spark, TRANSFER_LOAN, rows), contracts(spark), frame(spark, feeds.LOAN, loans),
        frame(spark, feeds.BORROWER, [{"customer_id": "c", "id_type": "credit_code"}]), D,
    )  # fmt: skip


def contracts(spark: SparkSession) -> DataFrame:
    rows: list[dict[str, Any]] = [
        {"transfer_id": "Z1", "currency": "USD", "price_minor": 140, "deposit_minor": 7},
        {"transfer_id": "Z2", "currency": "CNY", "price_minor": 0, "deposit_minor": 0},
    ]
    return frame(spark, TRANSFER, rows)


def test_loans_stand_with_their_contract_in_its_currency(spark: SparkSession) -> None:
    found = {row["loan_id"]: row for row in transferred(spark).collect()}
    told = ("transfer_id", "currency", "partner_id", "pool_id", "id_type", "transferred_principal_minor")
    assert {loan: tuple(row[name] for name in told) for loan, row in found.items()} == {
        "P01:a": ("Z1", "USD", "P01", "T", "credit_code", 100), "P01:b": ("Z1", "USD", "P01", "T", "credit_code", 50),
        "P01:strange": ("Z9", None, "P01", None, None, 7),
    }  # fmt: skip


def test_contracts_stand_with_what_goes_over_also_where_that_was_not_told(spark: SparkSession) -> None:
    found = {row["transfer_id"]: row for row in base_transfer(contracts(spark), transferred(spark), D).collect()}
    told = ("loans", "transferred_principal_minor", "transferred_interest_minor", "deposit_bp", "month_end")
    assert {contract: tuple(row[name] for name in told) for contract, row in found.items()} == {
        "Z1": (2, 150, 3, 500, D), "Z2": (0, 0, 0, None, D),
    }
