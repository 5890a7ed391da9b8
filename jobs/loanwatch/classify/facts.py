"""What is known of few loans and few debtors beside their days past due: two small frames that are joined to the book."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.classify.class_columns import FURTHER, SCHEMES
from loanwatch.classify.inputs import MERGING_MONTHS, SIGNALS
from loanwatch.codes import CLASSES

WHOLE = 10**15  # minor units: more than any claim


def of_loans(
    roll_over: DataFrame,
    observation: DataFrame,
    past: DataFrame,
    loan_event: DataFrame,
    impairment: DataFrame,
    default_probability: DataFrame,
    guarantee: DataFrame,
    judgement: DataFrame,
    as_of: date,
) -> DataFrame:
    """One row per loan that rolled over, is remembered, was misused, is impaired, riskier, guaranteed or judged, with what this
    gives."""
    followed = F.coalesce(F.col("regulatory_days_past_due"), F.when(F.col("replaced_loan_id").isNull(), 0))
    rolled = roll_over.select("loan_id", F.struct(followed.alias("days"), F.col("inferred")).alias("rolled"))
    months = F.floor(F.months_between(F.lit(as_of), "clear_since")).cast("int")
    in_year = F.coalesce(F.col("restructured_on") > F.add_months(F.lit(as_of), -12), F.lit(False)).alias("measured_in_year")
    remembered = F.struct(
        "was_non_performing", F.coalesce(months, F.lit(0)).alias("clear_months"), "clear_periods", "observed", "restructurings",
        F.col("changed").alias("measured"), in_year,
    )  # fmt: skip
    misused = loan_event.where("kind = 'misuse'").select("loan_id", F.lit(True).alias("misused"))
    allowance = F.expr("allowance_minor * 10000 div gross_minor").alias("allowance_bp")
    impaired = impairment.where("credit_impaired").select("loan_id", allowance)
    rise = F.struct(
        F.expr("pd_bp - opening_pd_bp").alias("pd_rise_bp"), F.expr("pd_bp * 10000 div opening_pd_bp").alias("pd_ratio_bp")
    )
    riskier = default_probability.where("pd_bp > opening_pd_bp").select("loan_id", rise.alias("riskier"))
    memories = observation.select("loan_id", remembered.alias("remembered"))
    parts = [rolled, memories, past, misused, impaired, riskier, _guaranteed(guarantee, as_of), _judged(judgement, "loan")]
    given = ("rolled", "remembered", "past", "misused", "allowance_bp", "riskier", "guaranteed", "judged_loan")
    return _together(parts, "loan_id", given)


def _guaranteed(guarantee: DataFrame, as_of: date) -> DataFrame:
    """One row per loan with guarantees that hold on the day: what those that are recognised pay at most, and perhaps are."""
    holds = F.col("active") & F.coalesce(F.col("until_on") >= F.lit(as_of), F.lit(True))
    most = F.coalesce("guaranteed_minor", F.lit(WHOLE))
    recognised, perhaps = F.coalesce("recognised", F.lit(False)), F.coalesce("recognised", F.lit(True))
    sums = {"recognised_minor": F.when(recognised, most).otherwise(0), "perhaps_minor": F.when(perhaps, most).otherwise(0)}
    paid = F.struct(*[F.least(F.sum(F.least(minor, F.lit(WHOLE))), F.lit(WHOLE)).alias(name) for name, minor in sums.items()])
    return guarantee.where(holds).groupBy("loan_id").agg(paid.alias("guaranteed"))


def past(loan_class_before: DataFrame, as_of: date) -> DataFrame:
    """One row per loan that had not the best class of every scheme, with the inputs that its past gives (`past`)."""
    was = [F.coalesce(F.col(of.column), F.lit(of.codes.words[0])).alias(of.was) for of in SCHEMES.values()]
    days = [
        F.coalesce(F.date_diff(F.lit(as_of), of.better_since), F.lit(0)).alias(of.better_days) for of in FURTHER.values()
    ]
    worse_ = [F.coalesce(F.col(of.column) != of.codes.words[0], F.lit(False)) for of in SCHEMES.values()]
    return loan_class_before.where(reduce(Column.__or__, worse_)).select("loan_id", F.struct(*was, *days).alias("past"))


def of_debtors(
    loan_day: DataFrame, signal: DataFrame, debt_elsewhere: DataFrame, judgement: DataFrame, as_of: date
) -> DataFrame:
    """One row per debtor against whom a signal stands, whose debts elsewhere are known, or all of whose claims were judged."""
    stands = signal.where(F.col("kind").isin(*SIGNALS.values()) & F.coalesce(F.col("ended_on") > F.lit(as_of), F.lit(True)))
    over = (F.col("kind") == SIGNALS["merging"]) & (F.add_months("published_on", MERGING_MONTHS) <= F.lit(as_of))
    stands = stands.where(~over)
    told = [F.max(F.when(F.col("kind") == kind, F.lit(True))).alias(name) for name, kind in SIGNALS.items()]
    signals = stands.groupBy("customer_id").agg(*told)
    # Of a debtor with several customers' numbers, what was told last.
    owes = F.struct("valid_from", "debt_minor", "overdue_90d_minor", "currency").alias("elsewhere")
    of_customers = _together([signals, debt_elsewhere.select("customer_id", owes)], "customer_id", (*SIGNALS, "elsewhere"))
    customers = loan_day.select("customer_id", "borrower_id").join(F.broadcast(of_customers), on="customer_id")
    parts = [customers.drop("customer_id"), _judged(judgement, "borrower")]
    return _together(parts, "borrower_id", (*SIGNALS, "elsewhere", "judged_borrower"))


def sent(delivery: DataFrame, feeds: Collection[str]) -> DataFrame:
    """One row: whether each of these feeds ever came, by `<feed>_sent`."""
    came = [F.coalesce(F.max(F.col("feed") == feed), F.lit(False)).alias(f"{feed}_sent") for feed in sorted(feeds)]
    return delivery.agg(*came)


def worse(*judged: str) -> Column:
    """The worst of some classes that people judged; the best class of all where they judged none."""
    best_first = F.array(*[F.lit(word) for word in CLASSES.words])
    ranks = [F.coalesce(F.array_position(best_first, F.col(name)), F.lit(1)) for name in judged]
    none = F.coalesce(*judged).isNull()  # of almost all, and cheaper told
    return F.when(none, CLASSES.words[0]).otherwise(F.element_at(best_first, F.greatest(*ranks).cast("int")))


def _judged(judgement: DataFrame, subject: str) -> DataFrame:
    of = judgement.where(F.col("subject") == subject)
    return of.select(F.col("subject_id").alias(f"{subject}_id"), F.col("judged").alias(f"judged_{subject}"))


def _together(parts: Sequence[DataFrame], key: str, columns: Sequence[str]) -> DataFrame:
    """Frames that are few rows each as one, by one shuffle; of a key each has one value of its columns, or equal ones."""
    rows = reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), parts)
    return rows.groupBy(key).agg(*[F.max(name).alias(name) for name in columns])
