"""What the floors of schemes read, of every loan: its own facts, and what its debtor's claims come to. An auditor classes by it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.classify.class_columns import FURTHER, SCHEMES
from loanwatch.classify.debtors import MONEY, debtors, defaults
from loanwatch.classify.facts import of_debtors, of_loans, past, sent, worse
from loanwatch.classify.inputs import MEASURED, OF_DAY, RISES, SIGNALS, SOURCES
from loanwatch.classify.judgement import judgement
from loanwatch.classify.scheme import Scheme
from loanwatch.classify.tables import CLASS_INPUT


def class_input(
    loan_day: DataFrame,
    roll_over: DataFrame,
    observation: DataFrame,
    loan_class_before: DataFrame,
    loan_event: DataFrame,
    impairment: DataFrame,
    default_probability: DataFrame,
    guarantee: DataFrame,
    signal: DataFrame,
    debt_elsewhere: DataFrame,
    review: DataFrame,
    delivery: DataFrame,
    schemes: Mapping[str, Scheme],
    class_sources: Collection[str],
    as_of: date,
) -> DataFrame:
    """`classify.class_input`: one row per loan of the day."""
    scheme, judged = schemes["cn_five_class"], judgement(review, as_of)
    before = past(loan_class_before, as_of)
    own = (roll_over, observation, before, loan_event, impairment, default_probability, guarantee, judged)
    of_loan = F.broadcast(of_loans(*own, as_of))
    of_debtor = F.broadcast(of_debtors(loan_day, signal, debt_elsewhere, judged, as_of))
    came = F.broadcast(sent(delivery, set(SOURCES.values())))
    book = loan_day.join(of_loan, on="loan_id", how="left").join(of_debtor, on="borrower_id", how="left").join(came, how="cross")
    on_book = F.when(F.col("status") == "written_off", 0).otherwise(F.col("balance_minor")).alias("book_minor")
    known = book.select("loan_id", *MONEY, on_book, *inputs(class_sources))
    claims = debtors(known, scheme, every="debt_elsewhere" in class_sources)
    known = _joined(known, claims).select("*", *_of_debtor(class_sources))
    if "eu_default" in schemes:
        known = _joined(known, defaults(known, schemes["eu_default"]))
        share = F.when(F.col("defaulted"), F.col("default_bp")).otherwise(F.lit(0).cast("bigint"))
    else:
        share = F.lit(0).cast("bigint")
    return known.withColumn("debtor_default_bp", share).select(*CLASS_INPUT.names)


def _joined(known: DataFrame, of_debtors: DataFrame) -> DataFrame:
    return known.join(F.broadcast(of_debtors), on="borrower_id", how="left")


def inputs(class_sources: Collection[str]) -> list[Column]:
    """The inputs of a loan but what its debtor's claims come to."""
    rolled, memory = F.col("rolled"), F.col("remembered")
    named = {
        **{name: F.col(name) for name in OF_DAY},
        "regulatory_days_past_due": F.when(rolled.isNull(), 0).otherwise(rolled["days"]),
        "rolled_over": F.when(rolled.isNull(), F.lit(False)).when(~rolled["inferred"], F.lit(True)),
        "misused": F.coalesce("misused", F.lit(False)),
        "enhanced": _enhanced(F.col("guaranteed")),
        "judged": worse("judged_loan", "judged_borrower"),
        **{name: F.coalesce(memory[name], F.lit(False)) for name in ("was_non_performing", "observed", *MEASURED)},
        **{name: F.coalesce(memory[name], F.lit(0)) for name in ("clear_months", "clear_periods", "restructurings")},
        **{name: F.coalesce(name, _silent(name, class_sources)) for name in SIGNALS},
        **{name: F.coalesce(F.col("past")[name], best) for name, best in _best().items()},
        "credit_impaired": F.when(F.col("allowance_bp").isNotNull(), F.lit(True)).otherwise(_silent("allowance_bp", class_sources)),
        **{name: F.coalesce(F.col("riskier")[name], _silent(name, class_sources).cast("int")) for name in RISES},
        "allowance_bp": F.coalesce("allowance_bp", _silent("allowance_bp", class_sources).cast("int")),
    }
    return [column.alias(name) for name, column in named.items()]


def _enhanced(guaranteed: Column) -> Column:
    """Not known where only a guarantee of which nobody told whether it is recognised would make it so."""
    covers = {name: guaranteed[name] >= F.col("balance_minor") for name in ("recognised_minor", "perhaps_minor")}
    known = F.when(covers["recognised_minor"], F.lit(True)).when(~covers["perhaps_minor"], F.lit(False))
    return F.when(guaranteed.isNull(), F.lit(False)).otherwise(known)


def _best() -> dict[str, Column]:
    """What a loan was of which nothing is remembered."""
    was = {of.was: F.lit(of.codes.words[0]) for of in SCHEMES.values()}
    return was | {of.better_days: F.lit(0) for of in FURTHER.values()}


def _silent(name: str, class_sources: Collection[str]) -> Column:
    """What an input is where its source does not tell: false; not known if it never came and the tenant's classes rest on it."""
    feed = SOURCES[name]
    return F.when(F.col(f"{feed}_sent"), F.lit(False)) if feed in class_sources else F.lit(False)


def _of_debtor(class_sources: Collection[str]) -> list[Column]:
    """What its claims come to; of people, and of firms without a bad one, nothing."""
    none, nothing = F.col("npl").isNull(), F.lit(0).cast("bigint")
    untold = ~F.col("asked") if "debt_elsewhere" not in class_sources else F.lit(False)
    return [
        F.coalesce("npl", F.lit(False)).alias("debtor_npl"),
        F.when(none, nothing).otherwise(F.col("npl_bp")).alias("debtor_npl_bp"),
        F.when(none | untold, nothing).otherwise(F.col("overdue_bp")).alias("debtor_overdue_bp"),
    ]
