"""Amounts shared out in proportion, to the minor unit: the parts of a whole add up to it."""

from __future__ import annotations

from pyspark.sql import Column, Window, WindowSpec
from pyspark.sql import functions as F

EXACT = "decimal(38,0)"  # a balance times a value does not fit 64 bits


def part(whole: str, by: str, window: WindowSpec) -> Column:
    """A row's part of a whole in proportion to a column, such that the parts of an ordered window add up to it; null where the
    column is nothing in all of them, or the whole is not known."""
    upto = F.sum(by).over(window.rowsBetween(Window.unboundedPreceding, Window.currentRow))
    total = F.sum(by).over(window.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing))

    def cut(edge: Column) -> Column:
        return F.call_function("div", F.col(whole).cast(EXACT) * edge, F.nullif(total, F.lit(0)))

    return (cut(upto) - cut(upto - F.col(by))).cast("long")
