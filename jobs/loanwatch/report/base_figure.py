"""What other systems of the institution told of forms for a month-end."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.report.base_tables import BASE_FIGURE


def base_figure(form_figure: DataFrame, as_of: date) -> DataFrame:
    """`report.base_figure`: one row per form and cell."""
    return form_figure.where(F.col("month_end") == F.lit(as_of)).select(*BASE_FIGURE.names)
