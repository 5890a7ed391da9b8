"""What the register of credit asks of loans: what was told of each, what it owes, and how it is classed."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.admit.register_feeds import INSTRUMENT
from loanwatch.gaps import partner_of
from loanwatch.report.register_tables import BASE_INSTRUMENT

OF_DAY = ("loan_id", "partner_id", "pool_id", "product", "currency", "balance_minor", "arrears_minor", "unpaid_since")


def base_instrument(
    loan_day: DataFrame, loan: DataFrame, loan_class: DataFrame, loan_event: DataFrame, repayment: DataFrame, instrument: DataFrame,
    as_of: date,
) -> DataFrame:  # fmt: skip
    """`report.base_instrument`: one row per loan on the book of partners that tell of any; nulls where nothing was told of it."""
    senders = F.broadcast(instrument.select(partner_of(F.col("loan_id")).alias("partner_id")).distinct())
    told = instrument.select("loan_id", *[column.name for column in INSTRUMENT.facts])
    rows = (
        loan_day.select(*OF_DAY)
        .join(senders, on="partner_id", how="left_semi")
        .join(loan.select("loan_id", "customer_id", "opened_on"), on="loan_id")
        .join(told, on="loan_id", how="left")
        .join(loan_class.select("loan_id", "stage", "eu_default", "eu_performance"), on="loan_id", how="left")
        .join(_written_off(loan_event), on="loan_id", how="left")
    )
    made = {
        "month_end": F.lit(as_of),
        "write_off_minor": F.coalesce("write_off_minor", F.lit(0)),
        "recovered_minor": F.when(F.col("eu_default") == "defaulted", F.coalesce("recovered_minor", F.lit(0))),
    }
    recovered = _recovered(repayment, rows)
    return rows.join(recovered, on="loan_id", how="left").withColumns(made).select(*BASE_INSTRUMENT.names)


def _written_off(loan_event: DataFrame) -> DataFrame:
    events = loan_event.where("kind = 'write_off'").groupBy("loan_id")
    return events.agg(F.sum("amount_minor").alias("write_off_minor"))


def _recovered(repayment: DataFrame, rows: DataFrame) -> DataFrame:
    """What came in since each loan is in default, that day included."""
    lost = rows.where("eu_default = 'defaulted'").select("loan_id", F.coalesce("default_since", "signed_on").alias("since"))
    since = repayment.join(lost, on="loan_id").where(F.col("paid_on") >= F.col("since"))
    return since.groupBy("loan_id").agg(F.sum("paid_minor").alias("recovered_minor"))
