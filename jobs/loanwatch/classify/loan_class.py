"""The class of each loan by each scheme: the first floor that holds, and what was missing to be sure."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame

from loanwatch.classify.scheme import Scheme
from loanwatch.classify.scheme_sql import decision, held, rank

KEPT = ("loan_id", "book_minor", "currency")


def loan_class(class_input: DataFrame, schemes: Mapping[str, Scheme]) -> DataFrame:
    """`classify.loan_class`: one row per loan of the day; one claim is never split over classes."""
    return decided(class_input, schemes["cn_five_class"])


def decided(known: DataFrame, scheme: Scheme) -> DataFrame:
    """The decisions of a scheme on some inputs."""
    for projection in (held(scheme), rank(scheme)):
        known = known.selectExpr("*", *[f"{sql} as {name}" for name, sql in projection.items()])
    named = {"class": "five_class"}
    columns = [f"{sql} as {named.get(name, name)}" for name, sql in decision(scheme).items()]
    return known.selectExpr(*KEPT, *columns)
