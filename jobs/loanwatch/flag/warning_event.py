"""What changed about warnings in this release; folded along the line of parents the events give their life."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.flag.decisions import KEY
from loanwatch.flag.life import kept
from loanwatch.flag.tables import WARNING_EVENT
from loanwatch.flag.warning_columns import DROPPED

CARRIED = ("state", "colour", "hidden", "overdue", "held_by", "respond_by", "remembered_until", "ended_because")


def warning_event(warning: DataFrame, warning_before: DataFrame, as_of: date) -> DataFrame:
    """`flag.warning_event`: one row per warning and kind of change."""
    forgotten = F.coalesce(F.col("remembered_until") < F.lit(as_of), F.lit(False))
    before = kept(warning_before, as_of).where(~forgotten)
    both = _prefixed(warning, "now_").join(_prefixed(before, "before_"), on=KEY, how="full")
    return (
        both.withColumn("event", F.explode(F.array_compact(F.array(*_events()))))
        .withColumns({"state": F.col("now_state"), "colour_before": F.col("before_colour")})
        .withColumns({name: F.col(f"now_{name}") for name in ("held_by", "respond_by", "remembered_until")})
        .withColumns({"colour_now": F.when(F.col("state") != "cleared", F.col("now_colour")), "reason": _reason()})
        .select(*WARNING_EVENT.names)
    )


def _prefixed(frame: DataFrame, prefix: str) -> DataFrame:
    return frame.select(*KEY, *[F.col(name).alias(f"{prefix}{name}") for name in CARRIED])


def _events() -> list[Column]:
    """Each kind of change where it happened, else null."""
    before, now = F.coalesce("before_state", F.lit("")), F.coalesce("now_state", F.lit(""))
    was_open, is_open = before.isin("open", "curing", "held"), now.isin("open", "curing", "held")
    is_new, lives = ~was_open & is_open, (before != "") & (before != "cleared") & (now != "cleared") & (now != "")
    differs = lives & ~is_new & (F.col("before_colour") != F.col("now_colour"))
    is_dropped = F.coalesce(F.col("now_ended_because") == DROPPED, F.lit(False))
    ends = was_open & (now == "cleared")
    over = (before == "cleared") & (now == "cleared") & ~F.col("before_remembered_until").eqNullSafe(F.col("now_remembered_until"))
    overdue = F.col("now_overdue") & ~(
        F.coalesce("before_overdue", F.lit(False)) & F.col("before_respond_by").eqNullSafe(F.col("now_respond_by"))
    )
    hidden_before, hidden_now = F.coalesce("before_hidden", F.lit("")), F.coalesce("now_hidden", F.lit(""))
    found = {
        "pending": (before == "") & (now == "pending"),
        "lapsed": over | ((before == "pending") & (now == "")),
        "raised": is_new & (before != "cleared"),
        "reopened": is_new & (before == "cleared"),
        "held": is_new & (now == "held"),
        "released": (before == "held") & now.isin("open", "curing"),
        "escalated": differs & (F.col("now_colour") == "red"),
        "eased": differs & (F.col("now_colour") == "amber"),
        "curing": (before == "open") & (now == "curing"),
        "relapsed": (before == "curing") & (now == "open"),
        "cleared": ends & ~is_dropped,
        "dropped": ends & is_dropped,
        "hidden": is_open & (hidden_now != "") & (hidden_now != hidden_before),
        "shown": is_open & (hidden_now == "") & (hidden_before != ""),
        "overdue": overdue,
    }  # fmt: skip
    return [F.when(holds, name) for name, holds in found.items()]


def _reason() -> Column:
    ended = F.col("event").isin("cleared", "dropped")
    return F.when(ended, F.col("now_ended_because")).when(F.col("event") == "hidden", F.col("now_hidden"))
