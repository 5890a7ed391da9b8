"""Where subjects are that storms can befall: loans, borrowers and assets. Pools and partners are few, and never held."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.flag.decisions import WHOLE_BOOK


def places(loan_day: DataFrame, asset_indicator: DataFrame) -> DataFrame:
    """Subjects with the partners they are at: a borrower is at each that has a loan of its, once a loan."""
    return placed(loan_day, "loan").unionByName(placed(loan_day, "borrower")).unionByName(placed(asset_indicator, "asset"))


def placed(rows: DataFrame, subject: str) -> DataFrame:
    """One kind of subject of some rows, beside the partner of each row."""
    return rows.select(F.lit(subject).alias("subject"), F.col(f"{subject}_id").alias("subject_id"), "partner_id")


def on_book(loan_day: DataFrame, asset_indicator: DataFrame) -> DataFrame:
    """How many subjects of each kind are on the book of each partner, and on the whole book."""
    scopes = F.explode(F.array(F.col("partner_id"), F.lit(WHOLE_BOOK))).alias("partner_id")
    kinds = F.array(
        F.struct(F.lit("loan").alias("subject"), F.col("loans").alias("subjects")),
        F.struct(F.lit("borrower").alias("subject"), F.col("people").alias("subjects")),
    )
    sums = [F.count(F.lit(1)).alias("loans"), F.countDistinct("borrower_id").alias("people")]
    of_loans = loan_day.select(scopes, "borrower_id").groupBy("partner_id").agg(*sums)
    of_loans = of_loans.select("partner_id", F.explode(kinds).alias("kind")).select("partner_id", "kind.subject", "kind.subjects")
    assets = asset_indicator.select(scopes, F.lit("asset").alias("subject")).groupBy("partner_id", "subject")
    return of_loans.unionByName(assets.agg(F.count(F.lit(1)).alias("subjects")))
