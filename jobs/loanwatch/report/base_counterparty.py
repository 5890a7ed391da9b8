"""What the register of credit asks of counterparties whose default is told of themselves."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.report.register_tables import BASE_COUNTERPARTY


def base_counterparty(base_instrument: DataFrame, base_protection: DataFrame, counterparty: DataFrame, as_of: date) -> DataFrame:
    """`report.base_counterparty`: one row per debtor and provider. A debtor of whom nothing was told is in default as any of its
    loans is; of a provider that is not known then."""
    loans = base_instrument.where("default_of_debtor").select(
        "loan_id", F.col("debtor_id").alias("counterparty_id"), F.lit(True).alias("owes"),
        (F.col("eu_default") == "defaulted").alias("defaulted"),
    )  # fmt: skip
    providers = base_protection.join(loans.select("loan_id"), on="loan_id", how="left_semi").select(
        F.col("provider_id").alias("counterparty_id"), F.lit(False).alias("owes"), F.lit(None).cast("boolean").alias("defaulted")
    )
    of_loans = loans.drop("loan_id").unionByName(providers).where("counterparty_id is not null")
    # One loan in default is enough; that none is can be said only where it is known of all.
    some, known = F.max("defaulted"), F.min(F.when(F.col("owes"), F.col("defaulted").isNotNull()))
    whole = of_loans.groupBy("counterparty_id").agg(F.when(some | known, some).alias("derived"))
    told = counterparty.select("counterparty_id", "in_default", "in_default_since")
    made = {"month_end": F.lit(as_of), "in_default": F.coalesce("in_default", "derived")}
    return whole.join(told, on="counterparty_id", how="left").withColumns(made).select(*BASE_COUNTERPARTY.names)
