"""The class of each loan by each scheme: the first floor that holds, and what was missing to be sure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from loanwatch.classify.scheme import Scheme
from loanwatch.classify.scheme_sql import decision, held, rank

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def loan_class(loan_day: DataFrame, roll_over: DataFrame, schemes: Mapping[str, Scheme]) -> DataFrame:
    """`classify.loan_class`: one row per loan of the day."""
    return decided(inputs(loan_day, roll_over), schemes["cn_five_class"])


def inputs(loan_day: DataFrame, roll_over: DataFrame) -> DataFrame:
    """One row per loan of the day, with what the floors read."""
    from pyspark.sql import functions as F

    carried = roll_over.select("loan_id", "replaced_loan_id", "regulatory_days_past_due")
    days = F.when(F.col("replaced_loan_id").isNull(), 0).alias("regulatory_days_past_due")
    return loan_day.join(F.broadcast(carried), on="loan_id", how="left").select(
        "loan_id", "days_past_due", "own_days_past_due", "technical", "repayment_gap",
        F.coalesce("regulatory_days_past_due", days).alias("regulatory_days_past_due"),
    )  # fmt: skip


def decided(known: DataFrame, scheme: Scheme) -> DataFrame:
    """The decisions of a scheme on some inputs."""
    for projection in (held(scheme), rank(scheme)):
        known = known.selectExpr("*", *[f"{sql} as {name}" for name, sql in projection.items()])
    named = {"class": "five_class"}
    columns = [f"{sql} as {named.get(name, name)}" for name, sql in decision(scheme).items()]
    return known.selectExpr("loan_id", *columns)
