"""Indicators per asset: what it is worth, how old and how sure its value is, and what else it secures."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from loanwatch.derive import links
from loanwatch.derive.asset_events import asset_events
from loanwatch.derive.collateral import ASSET_INDICATORS, ASSET_SOURCES
from loanwatch.derive.plan import projected
from loanwatch.gaps import absent_where, partner_of, senders


def asset_indicator(
    loan_day: DataFrame,
    asset_value: DataFrame,
    allocation: DataFrame,
    pledge: DataFrame,
    asset: DataFrame,
    valuation: DataFrame,
    asset_event: DataFrame,
    delivery: DataFrame,
    as_of: date,
) -> DataFrame:
    """`derive.asset_indicator`: one row per asset that is pledged for a loan of the day."""
    wide = (
        asset_value.join(_secured(loan_day, allocation), on="asset_id", how="inner")
        .join(_earlier(valuation), on="asset_id", how="left")
        .join(asset.select("asset_id", "built_year", "vin_wrong"), on="asset_id", how="left")
        .join(_same_place(pledge, asset, loan_day), on="asset_id", how="left")
        .join(asset_events(asset_event, as_of), on="asset_id", how="left")
        .withColumn("partner_id", partner_of(F.col("asset_id")))
        .join(F.broadcast(senders(delivery, "asset_event")), on="partner_id", how="left")
        .withColumns({
            "foreign": F.size(F.array_except("owed_in", F.array("currency"))) > 0,
            "currency": F.coalesce("currency", F.array_min("owed_in")),
            "valuation_gap": absent_where(F.col("value_minor").isNull() | F.col("foreign")),
            "appraisal_gap": absent_where(F.col("valuation_age_days").isNull()),
            "prior_gap": absent_where(F.col("prior_minor").isNull()),
            "schedule_gap": absent_where(F.col("worst_days_past_due").isNull()),
            "asset_event_gap": absent_where(F.col("asset_event_sent").isNull()),
            "insurance_gap": absent_where(F.col("insured_until").isNull()),
        })
    )  # fmt: skip
    keys = ["asset_id", "kind", "region", "partner_id", "currency", *(f"{source}_gap" for source in ASSET_SOURCES)]
    return wide.select(*keys, *projected(ASSET_INDICATORS, as_of))


def _secured(loan_day: DataFrame, allocation: DataFrame) -> DataFrame:
    """One row per asset: the loans of the day that it secures. A prior claim that is not known leaves the sum unknown."""
    owed = loan_day.select("loan_id", "days_past_due", F.col("currency").alias("owed_currency"))
    rows = allocation.join(owed, on="loan_id", how="inner")
    known = F.min(F.col("before_minor").isNotNull())
    claims = F.col("before_minor") + F.col("claim_minor") + F.col("beside_minor")
    return rows.groupBy("asset_id").agg(
        F.count(F.lit(1)).alias("loans_secured"),
        F.max("lien_rank").alias("lien_rank"),
        F.when(known, F.max(claims)).alias("claims_minor"),
        F.when(known, F.min("before_minor")).alias("prior_minor"),
        F.when(F.min(F.col("days_past_due").isNotNull()), F.max("days_past_due")).alias("worst_days_past_due"),
        F.collect_set("owed_currency").alias("owed_in"),
    )


def _earlier(valuation: DataFrame) -> DataFrame:
    """The recorded value before the latest, in the same currency."""
    newest = Window.partitionBy("asset_id").orderBy(
        F.col("valued_on").desc(), F.col("sender_id").desc(), F.col("valuation_id").desc()
    )
    before, same = F.lead("value_minor").over(newest), F.lead("currency").over(newest) == F.col("currency")
    ranked = valuation.select("asset_id", F.row_number().over(newest).alias("place"), F.when(same, before).alias("earlier_minor"))
    return ranked.where("place = 1").drop("place")


def _same_place(pledge: DataFrame, asset: DataFrame, loan_day: DataFrame) -> DataFrame:
    """How many partners and borrowers pledge the same flat or vehicle."""
    places = links.places(pledge, asset, loan_day)
    by_place = places.groupBy("key").agg(
        F.countDistinct("partner_id").alias("same_place_partners"), F.countDistinct("borrower_id").alias("same_place_borrowers")
    )
    return places.select("key", "asset_id").distinct().join(by_place, on="key", how="inner").drop("key")
