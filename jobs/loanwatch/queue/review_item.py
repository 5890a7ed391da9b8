"""Whom to review, worst first."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from loanwatch.flag.rules import Rule
from loanwatch.flag.tables import OVERDUE
from loanwatch.shown import of_borrowers, shown


def review_item(
    warning: DataFrame, loan_day: DataFrame, pledge: DataFrame, rules: Sequence[Rule], review_min_minor: int
) -> DataFrame:
    """`queue.review_item`: one row per borrower with an open warning on it, on one of its loans, or on what secures them.

    Order: points, overdue first, larger exposure; ties by borrower. Points are the weights of the rules, of each theme the
    heaviest only: ten signals of one cause do not outweigh three independent ones. The item's owner and date are those of
    the warning that has to be answered first. What waits or is hidden is left out, and so are borrowers with unsecured loans
    below `review_min_minor` in all: these are portfolio items.
    """
    worst = Window.orderBy(
        F.col("points").desc(), (F.col("overdue") > 0).desc(), F.col("exposure_minor").desc(), "borrower_id"
    )
    is_red, answered = F.col("colour") == "red", F.col("answered_on").isNotNull().alias("answered")
    themes = (
        of_borrowers(shown(warning, rules), loan_day, pledge)
        .groupBy("borrower_id", "theme")
        .agg(
            F.max("points").alias("points"),
            F.count(F.lit(1)).alias("warnings"),
            F.sum(is_red.cast("int")).alias("red_warnings"),
            F.sum(F.expr(OVERDUE).cast("int")).alias("overdue"),
            F.min(F.struct(answered, "respond_by", "owner")).alias("first"),
        )
    )
    sums = [F.sum(name).alias(name) for name in ("points", "warnings", "red_warnings", "overdue")]
    return (
        themes.groupBy("borrower_id").agg(*sums, F.min("first").alias("first"))
        .join(_book(loan_day), on="borrower_id", how="inner")
        .join(small(loan_day, pledge, review_min_minor).select("borrower_id").distinct(), on="borrower_id", how="left_anti")
        .select(
            F.row_number().over(worst).alias("place"), "borrower_id",
            F.when(F.col("red_warnings") > 0, "red").otherwise("amber").alias("colour"), "points",
            "warnings", "red_warnings", "overdue", "exposure_minor", "days_past_due", "first.respond_by", "first.owner",
        )
    )  # fmt: skip


def small(loan_day: DataFrame, pledge: DataFrame, review_min_minor: int) -> DataFrame:
    """The loans of borrowers who have none that is secured, and owe less than the least that a person looks at."""
    secured = pledge.where("active").select("loan_id").distinct().withColumn("is_secured", F.lit(True))
    loans = loan_day.join(secured, on="loan_id", how="left")
    owes = loans.groupBy("borrower_id").agg(F.sum("balance_minor").alias("owed"), F.max("is_secured").alias("is_secured"))
    few = owes.where((F.col("owed") < review_min_minor) & F.col("is_secured").isNull()).select("borrower_id")
    return loan_day.join(few, on="borrower_id", how="left_semi")


def _book(loan_day: DataFrame) -> DataFrame:
    return loan_day.groupBy("borrower_id").agg(
        F.sum("balance_minor").alias("exposure_minor"),
        F.when(~F.max(F.col("days_past_due").isNull()), F.max("days_past_due")).alias("days_past_due"),
    )
