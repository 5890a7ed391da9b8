"""What forms about the contracts of internet loans are filled from: each such loan with the agreements it was granted under."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from loanwatch.report.base_tables import BASE_AGREEMENT_LOAN


def base_agreement_loan(base_loan: DataFrame, loan_agreement: DataFrame, borrower: DataFrame) -> DataFrame:
    """`report.base_agreement_loan`: one row per internet loan of the month and agreement, or none."""
    granted = loan_agreement.select("loan_id", "agreement_id", "liability_minor")
    rows = (
        base_loan.where("of_month and online")
        .withColumn("contract_id", F.coalesce("contract_id", "loan_id"))
        .join(granted, on="loan_id", how="left")
        .join(borrower.select("customer_id", "phone"), on="customer_id", how="left")
    )
    contract = Window.partitionBy("contract_id")
    of_agreement = Window.partitionBy("contract_id", "agreement_id").orderBy("loan_id")
    number = F.row_number().over(Window.partitionBy("loan_id").orderBy("agreement_id"))
    made = {
        "agreement_no": F.when(F.col("agreement_id").isNull(), 0).otherwise(number),
        "first_of_contract": F.row_number().over(of_agreement) == 1,
        "contract_ended": F.min(F.col("left_on").isNotNull()).over(contract),
    }
    return rows.withColumns(made).select(*BASE_AGREEMENT_LOAN.names)
