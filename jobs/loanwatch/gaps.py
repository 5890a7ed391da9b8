"""What is missing of a partner's feed on a date: nothing, some of its business dates, or all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import yaml
from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

from loanwatch import calendars
from loanwatch.configuration import Configuration
from loanwatch.errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


# What may be missing of a feed, worst first.
GAPS = ("absent", "late", "none")


class _Told(BaseModel):
    """`conf/feeds.yaml`."""

    model_config = ConfigDict(extra="forbid")

    every_business_date: dict[Literal["repayment", "behaviour"], NonNegativeInt]
    first_dates: dict[str, date] = {}
    limits: object = None  # read by admit/limits.py


@dataclass(frozen=True)
class Expected:
    """The feeds that a partner sends for every business date, by how many days each may be behind, and from when on.

    Where a partner has no first date, it is that of its first delivery.
    """

    calendar: str
    behind_days: Mapping[str, int]
    first_dates: Mapping[str, date]

    @classmethod
    def of(cls, configuration: Configuration) -> Expected:
        """As `conf/feeds.yaml` and the tenant's calendar say."""
        try:
            told = _Told.model_validate(yaml.safe_load(configuration.texts["feeds.yaml"]))
        except (ValidationError, yaml.YAMLError) as error:
            raise UsageError(f"conf/feeds.yaml: {' '.join(str(error).split())}") from None
        behind = {str(feed): days for feed, days in told.every_business_date.items()}
        return cls(configuration.business.calendar, behind, told.first_dates)

    def missing(self, feed: str, sender: str, delivered: Iterable[date], as_of: date) -> list[date]:
        """The business dates since the first that have not come, though they should have by now."""
        came, last = set(delivered), as_of - timedelta(self.behind_days[feed])
        first = self.first_dates.get(sender) or min(came)
        return [day for day in calendars.dates(self.calendar, first, last) if day not in came]


def gaps(delivery: DataFrame, feed: str, as_of: date, expected: Expected) -> DataFrame:
    """One row per partner that ever delivered the feed: `partner_id`, `gap`, and `since`, the first business date."""
    from pyspark.sql import functions as F

    last = F.date_sub(F.lit(as_of), expected.behind_days[feed])
    came, given = F.collect_set("business_on"), F.lit(None).cast("date")
    for partner, day in expected.first_dates.items():
        given = F.when(F.col("sender") == partner, F.lit(day)).otherwise(given)
    first = F.coalesce(F.min(given), F.min("business_on"))
    missing = F.size(F.array_except(_dates(expected.calendar, first, last), came))
    return (
        delivery.where(F.col("feed") == feed)
        .groupBy(F.col("sender").alias("partner_id"))
        .agg(F.when(missing > 0, "late").otherwise("none").alias("gap"), F.min("business_on").alias("since"))
    )


def _dates(calendar: str, first: Column, last: Column) -> Column:
    """The business dates from one day to another."""
    from pyspark.sql import functions as F

    none = F.array().cast("array<date>")
    if calendar == "daily":
        return F.when(first <= last, F.sequence(first, last)).otherwise(none)
    months = F.sequence(F.trunc(first, "month"), F.trunc(last, "month"), F.expr("interval 1 month"))
    ends = F.filter(F.transform(months, F.last_day), lambda day: (day >= first) & (day <= last))
    return F.when(first <= last, ends).otherwise(none)


def absent_where(missing: Column) -> Column:
    """The gap of a source of which a subject's part is there or not."""
    from pyspark.sql import functions as F

    return F.when(missing, "absent").otherwise("none")


def partner_of(number: Column) -> Column:
    """The partner in `<partner>:<number>`."""
    from pyspark.sql import functions as F

    return F.substring_index(number, ":", 1)


def senders(delivery: DataFrame, feed: str) -> DataFrame:
    """One row per partner that ever sent a feed which is sent when there is something to say: `partner_id`, `<feed>_sent`."""
    from pyspark.sql import functions as F

    sent = delivery.where(F.col("feed") == feed).select(F.col("sender").alias("partner_id")).distinct()
    return sent.withColumn(f"{feed}_sent", F.lit(True))
