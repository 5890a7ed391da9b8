"""What the register of credit asks of what protects loans."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from loanwatch.report.register_tables import BASE_PROTECTION


def base_protection(base_instrument: DataFrame, protection: DataFrame) -> DataFrame:
    """`report.base_protection`: one row per loan and what protects it now."""
    loans = base_instrument.select("loan_id", "partner_id", "pool_id", "currency", "month_end", "contract_id")
    place = F.row_number().over(Window.partitionBy("protection_id").orderBy("loan_id"))
    rows = protection.where("in_force").drop("in_force").join(loans, on="loan_id")
    return rows.withColumn("first_of_protection", place == 1).select(*BASE_PROTECTION.names)
