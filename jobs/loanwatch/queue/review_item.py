"""Whom to review, worst first."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from loanwatch.flag.rules import Rule
from loanwatch.flag.tables import OVERDUE, SHOWN, SHOWN_COLOUR


def review_item(warning: DataFrame, loan_day: DataFrame, rules: Sequence[Rule]) -> DataFrame:
    """`queue.review_item`: one row per borrower with an open warning on it or on one of its loans.

    Order: red before amber, overdue first, more red warnings, longer past due, larger exposure; ties by borrower.
    The item's owner and date are those of the warning that has to be answered first. What waits or is hidden is left out.
    """
    is_red = F.col("colour") == "red"
    book = loan_day.groupBy("borrower_id").agg(
        F.sum("balance_minor").alias("exposure_minor"),
        F.when(~F.max(F.col("days_past_due").isNull()), F.max("days_past_due")).alias("days_past_due"),
    )
    worst = Window.orderBy(
        (F.col("red_warnings") > 0).desc(), (F.col("overdue") > 0).desc(), F.col("red_warnings").desc(),
        F.col("days_past_due").desc_nulls_last(), F.col("exposure_minor").desc(), "borrower_id",
    )  # fmt: skip
    answered = F.col("answered_on").isNotNull().alias("answered")
    shown = warning.where(SHOWN).withColumn("colour", F.expr(SHOWN_COLOUR))
    return (
        of_borrowers(shown, loan_day)
        .join(F.broadcast(_owners(warning.sparkSession, rules)), on="rule_id", how="inner")
        .groupBy("borrower_id")
        .agg(
            F.count(F.lit(1)).alias("warnings"),
            F.sum(is_red.cast("int")).alias("red_warnings"),
            F.sum(F.expr(OVERDUE).cast("int")).alias("overdue"),
            F.min(F.struct(answered, "respond_by", "owner")).alias("first"),
        )
        .join(book, on="borrower_id", how="inner")
        .select(
            F.row_number().over(worst).alias("place"), "borrower_id",
            F.when(F.col("red_warnings") > 0, "red").otherwise("amber").alias("colour"),
            "warnings", "red_warnings", "overdue", "exposure_minor", "days_past_due", "first.respond_by", "first.owner",
        )
    )  # fmt: skip


def of_borrowers(warning: DataFrame, loan_day: DataFrame) -> DataFrame:
    """Warnings with the borrower they concern, whether raised on it or on a loan of its."""
    loans = loan_day.select(F.col("loan_id").alias("subject_id"), "borrower_id")
    on_loans = warning.where("subject = 'loan'").join(loans, on="subject_id", how="inner")
    on_borrowers = warning.where("subject = 'borrower'").withColumn("borrower_id", F.col("subject_id"))
    return on_loans.unionByName(on_borrowers)


def _owners(spark: SparkSession, rules: Sequence[Rule]) -> DataFrame:
    rows = [(rule.id, rule.text.do.owner) for rule in rules]
    return spark.createDataFrame(rows, "rule_id string, owner string")
