"""What is missing of a partner's feed on a date: nothing, all of it, or the latest part."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


# What may be missing of a feed, worst first.
GAPS = ("absent", "late", "none")


def gaps(delivery: DataFrame, feed: str, as_of: date, fresh_days: int) -> DataFrame:
    """One row per partner that ever delivered the feed: `partner_id`, `gap`, and `since`, the first business date."""
    from pyspark.sql import functions as F

    age = F.datediff(F.lit(as_of), F.max("business_on"))
    return (
        delivery.where(F.col("feed") == feed)
        .groupBy(F.col("sender").alias("partner_id"))
        .agg(F.when(age > fresh_days, "late").otherwise("none").alias("gap"), F.min("business_on").alias("since"))
    )


def absent_where(missing: Column) -> Column:
    """The gap of a source of which a subject's part is there or not."""
    from pyspark.sql import functions as F

    return F.when(missing, "absent").otherwise("none")


def partner_of(number: Column) -> Column:
    """The partner in `<partner>:<number>`."""
    from pyspark.sql import functions as F

    return F.substring_index(number, ":", 1)
