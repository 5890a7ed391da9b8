"""Which loan has how much of each asset's prudent value: by rank, and within a rank by claim, to the minor unit."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from loanwatch.codes import REGISTERED_FOR
from loanwatch.proportion import part


def allocation(loan_day: DataFrame, pledge: DataFrame, asset_value: DataFrame, as_of: date) -> DataFrame:
    """`cover.allocation`: one row per pledge for a loan of the day.

    A loan claims its balance of its assets in proportion to what each has beyond prior claims, evenly where none has any, and
    of none more than is secured by it. On each asset a rank has what the claims before it leave: prior ones as they are told, at
    least those of our own loans. What does not suffice for a rank is shared by claim; of all told of a rank's prior claims the
    most counts. A prior claim that is not known is its registered maximum: what is paid off can be drawn again. A lien that is
    registered for somebody else, or no longer, counts as none. Amounts of two currencies are neither added nor compared: behind
    or beside a claim that is not in the currency of the value, what a loan has is unknown.
    """
    rows = _pledges(loan_day, pledge, asset_value, as_of)
    beyond = F.when(~F.col("counts"), 0).when(F.col("unknown_because").isNull(), 1 + _left("prior")).otherwise(1)
    rows, by_loan = rows.withColumn("beyond", beyond), Window.partitionBy("loan_id").orderBy("asset_id")
    claimed = F.coalesce(part("balance_minor", "beyond", by_loan), F.lit(0))
    claims = rows.withColumn("claim_minor", F.least(claimed, "secured_minor"))
    return _by_rank(claims).select(
        "loan_id", "asset_id", "lien_rank", "counts", "registered_until",
        "claim_minor", "before_minor", "beside_minor", "allocated_minor", "unknown_because",
    )  # fmt: skip


def _pledges(loan_day: DataFrame, pledge: DataFrame, asset_value: DataFrame, as_of: date) -> DataFrame:
    """The pledges of loans of the day with what is known of the asset, and why that is not enough."""
    values = asset_value.select(
        "asset_id", "prudent_minor", F.col("currency").alias("value_currency"), F.col("unknown_because").alias("unvalued")
    )
    until = F.coalesce("registered_until", F.lit(as_of))
    ours = F.coalesce("registered_for", F.lit(REGISTERED_FOR.words[0])) != "other"
    prior = F.coalesce("prior_claims_minor", "prior_maximum_minor", F.when(F.col("lien_rank") == 1, 0))
    upto = Window.partitionBy("asset_id").orderBy("lien_rank").rangeBetween(Window.unboundedPreceding, Window.currentRow)
    because = F.coalesce(
        "unvalued",
        F.when(F.col("foreign"), "valued in another currency"),
        F.when(F.col("prior").isNull(), "prior claims not known"),
        F.when(F.max("foreign").over(upto), "claims on it in another currency"),
    )
    return (
        pledge.where("active")
        .select("loan_id", "asset_id", "lien_rank", "secured_minor", "registered_until", prior.alias("prior"),
                (ours & (until >= F.lit(as_of))).alias("counts"))
        .join(loan_day.select("loan_id", "balance_minor", "currency"), on="loan_id", how="inner")
        .join(values, on="asset_id", how="left")
        .withColumn("foreign", F.col("counts") & (F.col("value_currency") != F.col("currency")))
        .withColumn("unknown_because", F.when(F.col("counts"), because))
    )  # fmt: skip


def _by_rank(claims: DataFrame) -> DataFrame:
    """Each asset from rank to rank; what ranks before is unknown where what it is told from is."""
    lower = Window.partitionBy("asset_id").orderBy("lien_rank").rangeBetween(Window.unboundedPreceding, -1)
    by_rank = Window.partitionBy("asset_id", "lien_rank")
    ahead = F.coalesce(F.sum("claim_minor").over(lower), F.lit(0))
    known = F.col("counts") & F.col("unknown_because").isNull()
    ranked = claims.withColumns({
        "before": F.when(known, F.greatest(F.max("prior").over(by_rank), ahead)),
        "of_rank": F.sum("claim_minor").over(by_rank),
    }).withColumn("there", F.when(known, _left("before")))  # fmt: skip
    within = by_rank.orderBy("loan_id")
    in_part = F.coalesce(part("there", "claim_minor", within), F.lit(0))
    shared = F.when(F.col("of_rank") <= F.col("there"), F.col("claim_minor")).otherwise(in_part)
    told = {
        "before_minor": F.col("before"), "beside_minor": F.col("of_rank") - F.col("claim_minor"), "allocated_minor": shared,
    }  # fmt: skip
    return ranked.select(
        "*", *(F.when(known, of).when(~F.col("counts"), 0).alias(name) for name, of in told.items())
    )  # fmt: skip


def _left(claims: str) -> Column:
    """Of an asset's prudent value what claims leave."""
    return F.greatest(F.col("prudent_minor") - F.col(claims), F.lit(0))
