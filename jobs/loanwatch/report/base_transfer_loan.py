"""What forms about loans that were sold or bought are filled from: each with the contract by which it goes over."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.gaps import partner_of
from loanwatch.report.base_tables import BASE_TRANSFER_LOAN


def base_transfer_loan(
    transfer_loan: DataFrame, transfer: DataFrame, loan: DataFrame, borrower: DataFrame, as_of: date
) -> DataFrame:
    """`report.base_transfer_loan`: one row per loan and contract, in the currency of the contract."""
    contracts = transfer.select("transfer_id", F.col("currency").alias("paid_in"))
    loans = loan.select("loan_id", "customer_id", "pool_id", "product", F.col("currency").alias("lent_in"))
    made = {
        "month_end": F.lit(as_of),
        "partner_id": partner_of(F.col("loan_id")),
        "currency": F.coalesce("paid_in", "lent_in"),
    }
    return (
        transfer_loan.join(F.broadcast(contracts), on="transfer_id", how="left")
        .join(loans, on="loan_id", how="left")
        .join(borrower.select("customer_id", "id_type"), on="customer_id", how="left")
        .withColumns(made)
        .select(*BASE_TRANSFER_LOAN.names)
    )
