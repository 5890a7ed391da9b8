"""What happened to assets: what of it stands on the day (domain.md 4 F)."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

SIGHTED_DAYS = 30


def asset_events(asset_event: DataFrame, as_of: date) -> DataFrame:
    """One row per asset that anything was told of: how many of each kind stand, when its insurance ends, what it is insured for.

    What was lifted or cancelled stands no more; a seizure or an insurance that was not extended has lapsed.
    """
    today = F.lit(as_of)
    rows = asset_event.withColumns({
        "stands": F.coalesce(F.col("ended_on") > today, F.lit(True)) & F.coalesce(F.col("until_on") >= today, F.lit(True)),
        "last_on": F.least("until_on", F.date_sub("ended_on", 1)),  # the earlier of both, or the one that is told
    })  # fmt: skip
    standing, sighted = F.col("stands"), F.col("happened_on") > F.date_sub(today, SIGHTED_DAYS)
    return rows.groupBy("asset_id").agg(
        _count(_is("seizure") & standing).alias("seizures"),
        _count(_is("seizure") & standing & (F.col("rank") == 1)).alias("first_seizures"),
        F.max(F.when(_is("insurance"), F.col("last_on"))).alias("insured_until"),
        F.sum(F.when(_is("insurance") & standing, F.col("insured_minor"))).alias("insured_minor"),
        _count(_is("title_claim") & standing).alias("title_claims"),
        _count(_is("title_suit") & standing).alias("title_suits"),
        _count(_is("transfer") & standing).alias("transfers"),
        _count(_is("transfer_untold") & standing).alias("untold_transfers"),
        F.min(F.when(_is("tracker_silent") & standing, F.col("happened_on"))).alias("silent_since"),
        _count(_is("hotspot") & sighted).alias("hotspots"),
    )


def _is(kind: str) -> Column:
    return F.col("kind") == kind


def _count(where: Column) -> Column:
    return F.sum(where.cast("int"))
