"""Whether a borrower can be reached: its own numbers, and attempts in a row without an answer."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.derive.contact import QUARTER, UNANSWERED


def numbers(contact: DataFrame, customers: DataFrame, as_of: date) -> DataFrame:
    """One row per borrower who states numbers of its own: how many, how many dead, how many told in the last 90 days.

    A number told at several partners is one: dead as soon as it is known to be so at one of them.
    """
    own = contact.where((F.col("relation") == "self") & F.col("may_contact")).join(customers, on="customer_id", how="inner")
    dead = F.coalesce(F.col("number_status").isin("suspended", "out_of_service"), F.lit(False))
    new = F.col("source").isin("update", "repair") & (F.datediff(F.lit(as_of), "valid_from") < QUARTER.days)
    each = own.groupBy("borrower_id", "phone").agg(F.max(dead).alias("dead"), F.max(new).alias("new"))
    return each.groupBy("borrower_id").agg(
        F.count(F.lit(1)).alias("own_numbers"),
        F.sum(F.col("dead").cast("int")).alias("dead_numbers"),
        F.sum(F.col("new").cast("int")).alias("number_changes_90d"),
    )


def unanswered(contact_attempt: DataFrame, customers: DataFrame, as_of: date) -> DataFrame:
    """One row per borrower who was called or visited in 90 days: how many of the last attempts in a row had no answer."""
    first, _ = QUARTER.span(as_of)
    place = F.struct("attempted_on", "hour", "attempt_id")
    missed = F.col("outcome").isin(*UNANSWERED)
    tried = contact_attempt.where((F.col("attempted_on") >= F.lit(first)) & F.col("channel").isin("call", "visit"))
    of_borrower = tried.join(customers, on="customer_id", how="inner").groupBy("borrower_id")
    seen = of_borrower.agg(F.max(F.when(~missed, place)).alias("answered"), F.collect_list(F.when(missed, place)).alias("missed"))
    since = F.filter("missed", lambda attempt: F.col("answered").isNull() | (attempt > F.col("answered")))
    return seen.select("borrower_id", F.size(since).alias("unanswered_streak"))
