"""Sums of behaviour over closed months: what is farther away than the last 31 days is read from here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import reduce
from itertools import accumulate, islice
from operator import or_

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch import calendars
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
    # Which months are meant is asked first: then rows of no other month are read, and on most nights none at all.
    closed, done = _closed_months(as_of), _months(behaviour_month_line.where("whole"))
    changed = _of_months(behaviour_changes, closed).select(*KEY).distinct()
    touched = _months(changed) & done
    changed = changed.where(F.col(MONTH).isin(touched))
    rows = _of_months(behaviour, touched).join(F.broadcast(changed), on=KEY, how="left_semi")
    again = month_sums(rows, "customer_id", BEHAVIOUR_SERIES)
    sums = [s.name for s in BEHAVIOUR_SERIES if s.how == "sum"]
    corrected = changed.join(again, on=KEY, how="left").fillna(0, sums)  # nothing may be left of a month
    first = month_sums(_of_months(behaviour, closed - done), "customer_id", BEHAVIOUR_SERIES)
    return first.withColumn("whole", F.lit(True)).unionByName(corrected.withColumn("whole", F.lit(False)))


def newest(behaviour_month: DataFrame, behaviour_month_line: DataFrame, as_of: date) -> DataFrame:
    """One row per customer and closed month: the sums as known to the release."""
    known = behaviour_month_line.unionByName(behaviour_month.withColumn("as_of", F.lit(as_of)))
    names = [s.name for s in BEHAVIOUR_SERIES]
    corrections = known.where("not whole").groupBy(*KEY).agg(F.max_by(F.struct(*names), "as_of").alias("sums"))
    corrected = corrections.select(*KEY, "sums.*")
    first = known.where("whole").select(*KEY, *names)
    return first.join(F.broadcast(corrected.select(*KEY)), on=KEY, how="left_anti").unionByName(corrected)


def _closed_months(as_of: date) -> set[date]:
    """The first days of the closed months that windows reach back to."""
    ends = accumulate(range(SUMMED_MONTHS), lambda day, _: day.replace(day=1) - calendars.ONE_DAY, initial=as_of)
    return {end.replace(day=1) for end in islice(ends, 1, None)}


def _of_months(rows: DataFrame, months: Iterable[date]) -> DataFrame:
    """Rows of some months, with the month; by literal days, so that those of others are left out where files are read."""
    spans = list[tuple[date, date]]()
    for first in sorted(months):
        follows = bool(spans) and spans[-1][1] + calendars.ONE_DAY == first
        spans.append((spans.pop()[0] if follows else first, calendars.month_end(first)))
    within = [F.col("happened_on").between(F.lit(first), F.lit(last)) for first, last in spans]
    return rows.where(reduce(or_, within, F.lit(False))).withColumn(MONTH, F.trunc("happened_on", "month"))


def _months(rows: DataFrame) -> set[date]:
    """The months that rows are of."""
    return {row[MONTH] for row in rows.select(MONTH).distinct().collect()}
