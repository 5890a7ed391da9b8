"""Cross-debt tests: what the claims on one debtor come to here, by the class each has for itself, and its debts to all lenders."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.classify.scheme import Scheme
from loanwatch.classify.scheme_sql import held, rank
from loanwatch.codes import NON_PERFORMING

OVERDUE_DAYS = 90
MONEY = ("borrower_id", "balance_minor", "currency", "elsewhere")


def debtors(known: DataFrame, scheme: Scheme, *, every: bool) -> DataFrame:
    """One row per debtor that is no person and has a bad claim here or debts that were told of: whether any of its claims here
    is non-performing (`npl`), their share of its claims (`npl_bp`), and of its debts to all lenders the share that is past due
    for more than 90 days (`overdue_bp`). With `every`, one row per debtor that is no person.

    `known` are the inputs of loans with the columns of MONEY. Debts in several currencies are not added up, and of debts
    elsewhere that nobody told of nothing is known: the share is null.
    """
    alone = scheme.alone
    days = F.greatest("days_past_due", "own_days_past_due").alias("days")
    firms = known.where("debtor is distinct from 'person'")
    firms = firms.select(*MONEY, days, *[F.expr(sql).alias(name) for name, sql in held(alone).items()])
    ((ranked, place),) = rank(alone).items()
    npl = F.expr(place) >= scheme.classes.words.index(NON_PERFORMING[0])
    balance, overdue = F.col("balance_minor"), F.coalesce(F.col("days") > OVERDUE_DAYS, F.lit(False))
    sums = firms.select(*MONEY, npl.alias(ranked), overdue.alias("overdue")).groupBy("borrower_id").agg(
        F.max(ranked).alias("npl"),
        F.sum(F.when(F.col(ranked), balance).otherwise(0)).alias("npl_minor"),
        F.sum(F.when(F.col("overdue"), balance).otherwise(0)).alias("overdue_minor"),
        F.sum(balance).alias("claims_minor"),
        F.max("elsewhere").alias("elsewhere"),
        F.max("currency").alias("currency"),
        (F.min("currency") == F.max("currency")).alias("one_currency"),
    )  # fmt: skip
    there, one = F.col("elsewhere"), F.col("one_currency")
    all_overdue, all_debt = F.col("overdue_minor") + there["overdue_90d_minor"], F.col("claims_minor") + there["debt_minor"]
    comparable = one & (there["currency"] == F.col("currency"))
    return sums.where(F.lit(every) | F.col("npl") | there.isNotNull()).select(
        "borrower_id", "npl",
        F.when(~F.col("npl"), F.lit(0)).when(one, _bp(F.col("npl_minor"), F.col("claims_minor"))).alias("npl_bp"),
        there.isNotNull().alias("asked"), F.when(comparable, _bp(all_overdue, all_debt)).alias("overdue_bp"),
    )  # fmt: skip


def defaults(known: DataFrame, scheme: Scheme) -> DataFrame:
    """One row per debtor, person or not, with a claim here that is in default for itself: its share of the debtor's claims
    (`default_bp`; null where they are in several currencies), and `defaulted`, which is true.

    EBA/GL/2016/07 par. 95 (a share of a person's debts pulls the others), CRR art. 178(1) (a firm is in default as a whole).
    """
    alone = scheme.alone
    ranked = known.select(*MONEY, *[F.expr(sql).alias(name) for name, sql in held(alone).items()])
    ((name, place),) = rank(alone).items()
    claims = ranked.select(*MONEY, (F.expr(place) > 0).alias(name))
    bad = claims.where(name).select("borrower_id").distinct()
    of_bad = claims.join(F.broadcast(bad), on="borrower_id", how="left_semi")
    one = F.min("currency") == F.max("currency")
    share = _bp(F.sum(F.when(F.col(name), F.col("balance_minor")).otherwise(0)), F.sum("balance_minor"))
    return of_bad.groupBy("borrower_id").agg(F.when(one, share).alias("default_bp"), F.lit(True).alias("defaulted"))


def _bp(part: Column, whole: Column) -> Column:
    """A share, rounded down; of nothing, nothing."""
    share = F.call_function("div", F.lit(10_000).cast("bigint") * part, F.nullif(whole, F.lit(0)))
    return F.coalesce(share, F.lit(0).cast("bigint"))
