"""Warnings that people are to see, and whom they concern.

Those on a loan concern its borrower, those on an asset all loans that it secures, those on a borrower all its loans.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from loanwatch.flag.rules import Rule
from loanwatch.flag.tables import SHOWN, SHOWN_COLOUR


def shown(warning: DataFrame, rules: Sequence[Rule]) -> DataFrame:
    """The warnings that people are to see, in the colour that people gave them, with theme, points and owner of their rules."""
    rows = [(rule.id, rule.theme, rule.text.weight.amber, rule.text.weight.red, rule.text.do.owner) for rule in rules]
    spark: SparkSession = warning.sparkSession
    terms = spark.createDataFrame(rows, "rule_id string, theme string, if_amber int, if_red int, owner string")
    seen = warning.where(SHOWN).withColumn("colour", F.expr(SHOWN_COLOUR)).join(F.broadcast(terms), on="rule_id", how="inner")
    return seen.withColumn("points", F.when(F.col("colour") == "red", F.col("if_red")).otherwise(F.col("if_amber")))


def of_borrowers(warning: DataFrame, loan_day: DataFrame, pledge: DataFrame) -> DataFrame:
    """Warnings with the borrower they concern, each once a borrower; those on pools and partners concern none."""
    loans = _on_loans(warning, loan_day, pledge).join(loan_day.select("loan_id", "borrower_id"), on="loan_id", how="inner")
    on_borrowers = warning.where("subject = 'borrower'").withColumn("borrower_id", F.col("subject_id"))
    return loans.drop("loan_id").unionByName(on_borrowers).dropDuplicates(["borrower_id", "rule_id", "subject", "subject_id"])


def of_loans(warning: DataFrame, loan_day: DataFrame, pledge: DataFrame) -> DataFrame:
    """Warnings with the loans they concern."""
    loans = loan_day.select("loan_id", F.col("borrower_id").alias("subject_id"))
    on_borrowers = warning.where("subject = 'borrower'").join(loans, on="subject_id", how="inner")
    return _on_loans(warning, loan_day, pledge).unionByName(on_borrowers)


def _on_loans(warning: DataFrame, loan_day: DataFrame, pledge: DataFrame) -> DataFrame:
    """Warnings on loans, and those on assets for each loan of the day that the asset secures."""
    secures = pledge.where("active").select(F.col("asset_id").alias("subject_id"), "loan_id")
    secures = secures.join(loan_day.select("loan_id"), on="loan_id", how="left_semi")
    on_assets = warning.where("subject = 'asset'").join(secures, on="subject_id", how="inner")
    return warning.where("subject = 'loan'").withColumn("loan_id", F.col("subject_id")).unionByName(on_assets)
