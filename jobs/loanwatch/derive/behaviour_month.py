"""Sums of behaviour over closed months: what is farther away than the last 31 days is read from here."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.derive.plan import MONTH, month_sums
from loanwatch.derive.tables import BEHAVIOUR_SERIES, SUMMED_MONTHS

KEY = ["customer_id", MONTH]


def behaviour_month(
    behaviour: DataFrame, behaviour_changes: DataFrame, behaviour_month_line: DataFrame, as_of: date
) -> DataFrame:
    """`derive.behaviour_month`: months that nobody has summed up, and, of those summed up, what is not so any more.

    A cache of admitted rows (runs.md 12): each release adds the customers and months with rows that are new or superseded
    since its parent; summed up again from nothing it comes out the same.
    """
    done = F.broadcast(behaviour_month_line.where("whole").select(MONTH).distinct())
    rows = _closed(behaviour, as_of)
    whole = rows.join(done, on=MONTH, how="left_anti")
    changed = _closed(behaviour_changes, as_of).join(done, on=MONTH, how="left_semi").select(*KEY).distinct()
    again = month_sums(rows.join(F.broadcast(changed), on=KEY, how="left_semi"), "customer_id", BEHAVIOUR_SERIES)
    sums = [s.name for s in BEHAVIOUR_SERIES if s.how == "sum"]
    corrected = changed.join(again, on=KEY, how="left").fillna(0, sums)  # nothing may be left of a month
    first = month_sums(whole, "customer_id", BEHAVIOUR_SERIES)
    return first.withColumn("whole", F.lit(True)).unionByName(corrected.withColumn("whole", F.lit(False)))


def newest(behaviour_month: DataFrame, behaviour_month_line: DataFrame, as_of: date) -> DataFrame:
    """One row per customer and closed month: the sums as known to the release."""
    known = behaviour_month_line.unionByName(behaviour_month.withColumn("as_of", F.lit(as_of)))
    names = [s.name for s in BEHAVIOUR_SERIES]
    corrections = known.where("not whole").groupBy(*KEY).agg(F.max_by(F.struct(*names), "as_of").alias("sums"))
    corrected = corrections.select(*KEY, "sums.*")
    first = known.where("whole").select(*KEY, *names)
    return first.join(F.broadcast(corrected.select(*KEY)), on=KEY, how="left_anti").unionByName(corrected)


def _closed(rows: DataFrame, as_of: date) -> DataFrame:
    """Rows of the closed months that windows reach back to."""
    month = as_of.replace(day=1)
    first = F.add_months(F.lit(month), -SUMMED_MONTHS)
    dated = rows.withColumn(MONTH, F.trunc("happened_on", "month"))
    return dated.where((F.col("happened_on") < F.lit(month)) & (F.col("happened_on") >= first))
