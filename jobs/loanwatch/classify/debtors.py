"""Cross-debt tests: what the claims on one debtor at this lender come to, by the class each has for itself."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.classify.scheme import Scheme
from loanwatch.classify.scheme_sql import held, rank
from loanwatch.codes import NON_PERFORMING


def debtors(known: DataFrame, scheme: Scheme) -> DataFrame:
    """One row per debtor that is no person and has a non-performing claim here: `npl` and, of all its claims, `npl_bp`.

    `known` are the inputs of loans with `borrower_id`, `balance_minor` and `currency`. Claims in several currencies are not
    added up: their share is not known.
    """
    alone = scheme.alone
    firms = known.where("debtor is distinct from 'person'")
    firms = firms.selectExpr("borrower_id", "balance_minor", "currency", *[f"{sql} as {name}" for name, sql in held(alone).items()])
    ((ranked, place),) = rank(alone).items()
    npl = F.col(ranked) >= scheme.classes.words.index(NON_PERFORMING[0])
    sums = firms.selectExpr("borrower_id", "balance_minor", "currency", f"{place} as {ranked}").groupBy("borrower_id").agg(
        F.max(npl).alias("npl"),
        F.sum(F.when(npl, F.col("balance_minor")).otherwise(0)).alias("npl_minor"),
        F.sum("balance_minor").alias("claims_minor"),
        (F.min("currency") == F.max("currency")).alias("one_currency"),
    )  # fmt: skip
    share = F.when(F.col("one_currency"), F.expr("coalesce(npl_minor * 10000 div nullif(claims_minor, 0), 0)"))
    return sums.where("npl").select("borrower_id", "npl", share.alias("npl_bp"))
