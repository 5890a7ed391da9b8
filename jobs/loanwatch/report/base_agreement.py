"""What forms about cooperation on internet loans are filled from: the agreements, and who is on the other side."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.report.base_tables import BASE_AGREEMENT


def base_agreement(agreement: DataFrame, as_of: date) -> DataFrame:
    """`report.base_agreement`: one row per agreement and who is on the other side, also of those that have ended."""
    return agreement.withColumn("month_end", F.lit(as_of)).select(*BASE_AGREEMENT.names)
