"""What forms about sales and purchases of loans are filled from: the contracts, and what goes over by each."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.report.base_tables import BASE_TRANSFER


def base_transfer(transfer: DataFrame, base_transfer_loan: DataFrame, as_of: date) -> DataFrame:
    """`report.base_transfer`: one row per contract, also where its loans were not told."""
    whole = base_transfer_loan.groupBy("transfer_id").agg(
        F.count(F.lit(1)).cast("int").alias("loans"),
        F.sum("transferred_principal_minor").alias("transferred_principal_minor"),
        F.sum("transferred_interest_minor").alias("transferred_interest_minor"),
    )
    made = {
        "month_end": F.lit(as_of),
        "deposit_bp": F.expr("10000 * deposit_minor div nullif(price_minor, 0)"),
        **{name: F.coalesce(name, F.lit(0)) for name in ("loans", "transferred_principal_minor", "transferred_interest_minor")},
    }
    return transfer.join(whole, on="transfer_id", how="left").withColumns(made).select(*BASE_TRANSFER.names)
