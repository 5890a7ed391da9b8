"""The class of each loan by each scheme: the first floor that holds, and what was missing to be sure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.classify.debtors import debtors
from loanwatch.classify.facts import of_debtors, of_loans, sent, worse
from loanwatch.classify.inputs import SIGNALS, SOURCES
from loanwatch.classify.judgement import judgement
from loanwatch.classify.scheme import Scheme
from loanwatch.classify.scheme_sql import decision, held, rank

KEPT = ("loan_id", "borrower_id", "balance_minor", "currency")
OF_DAY = ("days_past_due", "own_days_past_due", "technical", "repayment_gap", "debtor")  # as `balance.loan_day` has them


def loan_class(
    loan_day: DataFrame,
    roll_over: DataFrame,
    observation: DataFrame,
    loan_event: DataFrame,
    signal: DataFrame,
    review: DataFrame,
    delivery: DataFrame,
    schemes: Mapping[str, Scheme],
    class_sources: Collection[str],
    as_of: date,
) -> DataFrame:
    """`classify.loan_class`: one row per loan of the day; one claim is never split over classes."""
    scheme, judged = schemes["cn_five_class"], judgement(review, as_of)
    of_loan = F.broadcast(of_loans(roll_over, observation, loan_event, judged, as_of))
    of_debtor = F.broadcast(of_debtors(loan_day, signal, judged, as_of))
    came = F.broadcast(sent(delivery, set(SOURCES.values())))
    book = loan_day.join(of_loan, on="loan_id", how="left").join(of_debtor, on="borrower_id", how="left").join(came, how="cross")
    known = book.select(*KEPT, *inputs(class_sources))
    claims = F.broadcast(debtors(known, scheme))
    of_claims = [F.coalesce("npl", F.lit(False)).alias("debtor_npl"), _share().alias("debtor_npl_bp")]
    return decided(known.join(claims, on="borrower_id", how="left").select("*", *of_claims), scheme)


def inputs(class_sources: Collection[str]) -> list[Column]:
    """The inputs of a loan but what its debtor's claims come to."""
    rolled, memory = F.col("rolled"), F.col("remembered")
    named = {
        **{name: F.col(name) for name in OF_DAY},
        "regulatory_days_past_due": F.when(rolled.isNull(), 0).otherwise(rolled["days"]),
        "rolled_over": F.when(rolled.isNull(), F.lit(False)).when(~rolled["inferred"], F.lit(True)),
        "misused": F.coalesce("misused", F.lit(False)),
        "judged": worse("judged_loan", "judged_borrower"),
        **{name: F.coalesce(memory[name], F.lit(False)) for name in ("was_non_performing", "observed")},
        **{name: F.coalesce(memory[name], F.lit(0)) for name in ("clear_months", "clear_periods", "restructurings")},
        **{name: _told(name, class_sources) for name in SIGNALS},
    }
    return [column.alias(name) for name, column in named.items()]


def _told(name: str, class_sources: Collection[str]) -> Column:
    """Whether a source says so; where it never came, and the tenant's classes rest on it, that is not known."""
    feed = SOURCES[name]
    silent = F.when(F.col(f"{feed}_sent"), F.lit(False)) if feed in class_sources else F.lit(False)
    return F.coalesce(F.col(name), silent)


def _share() -> Column:
    """Of a debtor with a non-performing claim; null where its claims are in several currencies."""
    return F.when(F.col("npl").isNull(), F.lit(0).cast("bigint")).otherwise(F.col("npl_bp"))


def decided(known: DataFrame, scheme: Scheme) -> DataFrame:
    """The decisions of a scheme on some inputs."""
    for projection in (held(scheme), rank(scheme)):
        known = known.selectExpr("*", *[f"{sql} as {name}" for name, sql in projection.items()])
    named = {"class": "five_class"}
    columns = [f"{sql} as {named.get(name, name)}" for name, sql in decision(scheme).items()]
    return known.selectExpr("loan_id", *columns)
