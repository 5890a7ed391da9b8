"""What has become of every loan that was ever delivered: none may be lost."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.balance.dues import paid
from loanwatch.balance.loan_feeds import fates
from loanwatch.gaps import partner_of


def population(
    loan: DataFrame, loan_event: DataFrame, repayment: DataFrame, loan_day: DataFrame, as_of: date
) -> DataFrame:
    """`balance.population`: one row per partner and fate, with the number of loans.

    A loan that is neither on the book nor explained by an event is repaid only if the money says so.
    """
    others = loan.select("loan_id", "opened_on", "principal_minor").join(loan_day, on="loan_id", how="left_anti")
    money = paid(repayment.join(F.broadcast(others.select("loan_id")), on="loan_id", how="left_semi"))
    settled = F.max(F.col("kind") == "settled").alias("settled")
    events = fates(loan_event).join(loan_event.groupBy("loan_id").agg(settled), on="loan_id", how="left")
    fate = (
        F.when(F.col("opened_on") > F.lit(as_of), "to_come")
        .when(F.col("settled"), "settled")
        .when(F.col("gone"), "left")
        .when(F.col("paid_minor") >= F.col("principal_minor"), "repaid")
        .otherwise("lost")
    )
    rest = (
        others.join(events, on="loan_id", how="left")
        .join(money, on="loan_id", how="left")
        .select(partner_of(F.col("loan_id")).alias("partner_id"), fate.alias("fate"))
    )
    on_book = loan_day.select("partner_id", F.lit("on_book").alias("fate"))
    return on_book.unionByName(rest).groupBy("partner_id", "fate").agg(F.count(F.lit(1)).alias("loans"))
