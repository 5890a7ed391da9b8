"""What changed since the parent release: who is new, worse, better, cleared; who left the book is not cleared."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.flag.tables import LEFT, SHOWN, SHOWN_COLOUR

KEY = ["subject", "subject_id"]


def change(warning: DataFrame, warning_before: DataFrame, warning_event: DataFrame) -> DataFrame:
    """`report.change`: one row per loan or borrower whose worst colour, as people see it, differs from the parent release's."""
    rules = warning_event.groupBy(*KEY).agg(F.sort_array(F.collect_set("rule_id")).alias("rules"))
    ended = F.coalesce(F.col("ended_because").startswith(LEFT), F.lit(False))
    left = warning.groupBy(*KEY).agg(F.max(ended).alias("left"))
    return (
        _worst(warning, "now")
        .join(_worst(warning_before, "before"), on=KEY, how="full")
        .where(~F.col("colour_now").eqNullSafe(F.col("colour_before")))
        .join(rules, on=KEY, how="left")
        .join(left, on=KEY, how="left")
        .select(*KEY, _what().alias("change"), "colour_before", "colour_now",
                F.coalesce("rules", F.array().cast("array<string>")).alias("rules"))
    )  # fmt: skip


def _worst(warning: DataFrame, when: str) -> DataFrame:
    """The worst colour of each subject's warnings: as people see them, and of all that are open."""
    is_open = warning.where("state in ('open', 'curing')")
    shown = F.max(F.when(F.expr(SHOWN), F.expr(SHOWN_COLOUR)))  # amber < red
    return is_open.groupBy(*KEY).agg(shown.alias(f"colour_{when}"), F.max("colour").alias(f"computed_{when}"))


def _what() -> Column:
    now, before = F.col("colour_now"), F.col("colour_before")
    open_now, open_before = F.col("computed_now"), F.col("computed_before")
    down = now.isNull() | (now == "amber")
    gone = F.when(F.col("left"), "left").otherwise("cleared")
    risen = F.when(now > open_before, "worse").otherwise("shown")
    return (
        F.when(open_now.eqNullSafe(open_before), F.when(before.isNotNull() & down, "hidden").otherwise("shown"))
        .when(now.isNull(), F.when(open_now.isNull(), gone).otherwise("hidden"))
        .when(before.isNull(), F.when(open_before.isNull(), "new").otherwise(risen))
        .when(now == "red", "worse")
        .otherwise("better")
    )
