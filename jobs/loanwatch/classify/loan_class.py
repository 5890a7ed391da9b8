"""The class of each loan by each scheme: the first floor that holds, and what was missing to be sure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from pyspark.sql import DataFrame

from loanwatch.classify.class_columns import FURTHER, SCHEMES
from loanwatch.classify.scheme import Scheme
from loanwatch.classify.scheme_sql import decision, held, rank
from loanwatch.columns import SPARK

KEPT = ("loan_id", "book_minor", "currency")


def loan_class(class_input: DataFrame, schemes: Mapping[str, Scheme], as_of: date) -> DataFrame:
    """`classify.loan_class`: one row per loan of the day; one claim is never split over classes."""
    absent = [column for name in FURTHER if name not in schemes for column in SCHEMES[name].given]
    nothing = [f"cast(null as {SPARK[column.type]}) as {column.name}" for column in absent]
    return decided(class_input, schemes.values(), as_of).selectExpr("*", *nothing)


def decided(known: DataFrame, schemes: Collection[Scheme], as_of: date) -> DataFrame:
    """The decisions of schemes on some inputs."""
    for projection in (held, rank):
        named = [f"{sql} as {name}" for scheme in schemes for name, sql in projection(scheme).items()]
        known = known.selectExpr("*", *named)
    columns = [f"{sql} as {name}" for scheme in schemes for name, sql in decision(scheme, as_of).items()]
    return known.selectExpr(*KEPT, *columns)
