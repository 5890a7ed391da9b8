"""What the yearly financial statements of a borrower say: the latest, the one before, losses in a row."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

FIGURES = (
    "total_assets_minor", "current_assets_minor", "total_liabilities_minor", "current_liabilities_minor", "debt_minor",
    "turnover_minor", "ebit_minor", "interest_minor", "pre_tax_profit_minor",
)  # fmt: skip


def statements(statement: DataFrame, customers: DataFrame) -> DataFrame:
    """One row per borrower with a statement of a year: its figures, `statement_on`, `turnover_before`, `loss_years`.

    Told at several partners, that of the customer with the highest number counts for a year.
    """
    year = F.struct("period_ends_on", "customer_id", "currency", *FIGURES)
    yearly = statement.where(F.col("months") == 12).join(customers, on="customer_id", how="inner")
    one = yearly.groupBy("borrower_id", "period_ends_on").agg(F.max(year).alias("year"))
    years = one.groupBy("borrower_id").agg(F.sort_array(F.collect_list("year"), asc=False).alias("years"))
    latest, before = F.col("years")[0], F.get("years", F.lit(1))
    comparable = _follows(before, latest, 1) & (before["currency"] == latest["currency"])
    return years.select(
        "borrower_id", *[latest[name].alias(name) for name in FIGURES], latest["period_ends_on"].alias("statement_on"),
        F.when(comparable, before["turnover_minor"]).alias("turnover_before"), _losses(latest).alias("loss_years"),
    )  # fmt: skip


def _losses(latest: Column) -> Column:
    """Years with a loss in a row; a year of which nothing is told ends the row."""
    def longer(so_far: Column, one: Column) -> Column:
        return so_far + (_follows(one, latest, so_far) & (one["pre_tax_profit_minor"] < 0)).cast("int")

    return F.aggregate("years", F.lit(0), longer)


def _follows(one: Column, latest: Column, years: Column | int) -> Column:
    """Whether one statement is so many years older than the latest."""
    return F.months_between(latest["period_ends_on"], one["period_ends_on"]) == 12 * F.lit(years)
