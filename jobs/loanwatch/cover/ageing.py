"""What age and distance since its valuation leave of a vehicle's value (domain.md 5.1, 5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from pyspark.sql import Column
from pyspark.sql import functions as F

from loanwatch.depreciation import DAYS_A_YEAR, DEFAULT, MID_YEAR, Curve, kept_share

if TYPE_CHECKING:
    from loanwatch.settings import Prudence

KM_STEP = 10_000
MOST_KM = 200_000  # beyond that a reading says nothing more


def left(curves: Mapping[str, Curve], as_of: date) -> Column:
    """V(day) / V(valued_on) by age, along the curve of the fuel; null for homes, and where the year or a valuation is not told.

    A vehicle is new in the middle of its year, or on the day of a valuation before that.
    """
    then, now = age_days(F.col("valued_on")), age_days(F.lit(as_of))
    year = F.lit(DAYS_A_YEAR)
    young = F.least(now, year) - F.least(then, year)
    old = F.greatest(now - year, F.lit(0)) - F.greatest(then - year, F.lit(0))
    first, later = (_kept(curves, name) for name in ("first_year_bp", "later_bp"))
    return F.when((F.col("kind") == "vehicle") & now.isNotNull(), F.pow(first, young / year) * F.pow(later, old / year))


def age_days(day: Column) -> Column:
    """Days since a vehicle of `built_year` was new; null where its year or a valuation is not told."""
    middle = F.make_date(F.col("built_year"), *map(F.lit, MID_YEAR))
    told = F.col("built_year").isNotNull() & F.col("valued_on").isNotNull()  # the least of a null and a day is the day
    return F.when(told, F.datediff(day, F.least(middle, F.col("valued_on"))))


def worn(prudence: Prudence) -> Column:
    """What more kilometres than usual leave; null where no distance is told after the valuation.

    Of a vehicle that was valued in the year it was built, or before: what an older one had run when valued is not kept, and is
    in its value. Fewer kilometres than usual add nothing: a reading may be old.
    """
    usual = age_days(F.col("valid_from")) * prudence.usual_km / DAYS_A_YEAR
    more = F.least(F.greatest(F.col("size") - usual, F.lit(0.0)), F.lit(float(MOST_KM)))
    new = F.col("built_year") >= F.year("valued_on")
    known = (F.col("kind") == "vehicle") & new & (F.col("valid_from") > F.col("valued_on")) & F.col("size").isNotNull()
    return F.when(known, F.pow(F.lit(kept_share(prudence.mileage_bp)), more / KM_STEP))


def _kept(curves: Mapping[str, Curve], name: str) -> Column:
    """What a year leaves by the fuel; of a fuel that is not told or has no curve, by the default."""
    own = (F.when(F.col("fuel") == fuel, kept_share(getattr(curve, name))) for fuel, curve in curves.items())
    return F.coalesce(*own, F.lit(kept_share(getattr(curves[DEFAULT], name))))
