"""What people decided, computed anew from all reviews of the day; nothing of it is carried from release to release."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.admit.monitoring_feeds import ON_WARNINGS

KEY = ["rule_id", "subject", "subject_id"]
ON_STORMS = ("release", "drop")
WHOLE_BOOK = "all"
LATER = ("decided_on", "review_id", "sender_id")  # the later decision of two, ties by number


def of_warnings(review: DataFrame, warning: DataFrame) -> DataFrame:
    """The reviews of warnings that were there on their day, beside the warning's own columns."""
    on_warnings = review.where(F.col("decision").isin(*ON_WARNINGS))
    there = warning.where("state <> 'pending'").withColumnsRenamed({"colour": "computed_colour"})
    columns = ["computed_colour", "opened_on", "coloured_on", "worsened_on"]
    return on_warnings.join(there.select(*KEY, *columns), on=KEY, how="inner").where("decided_on >= opened_on")


def decisions(review: DataFrame, warning: DataFrame) -> DataFrame:
    """One row per warning that was decided on: the last word on showing it, on its colour, and when it was answered.

    Whether it is to be shown is one question: who confirms a warning ends its snooze.
    """
    decision = F.col("decision")
    return (
        of_warnings(review, warning)
        .groupBy(*KEY)
        .agg(
            F.max(F.when(decision != "recolour", F.struct(*LATER, "decision", "expires_on"))).alias("visible"),
            F.max(F.when(decision == "recolour", F.struct(*LATER, "colour", "expires_on"))).alias("recoloured"),
            F.max_by("expires_on", F.when(decision == "snooze", F.struct(*LATER))).alias("snoozed_until"),
            F.max(F.when(decision == "dismiss", F.col("decided_on"))).alias("dismissed_on"),
            F.max(F.when(decision == "confirm", F.col("decided_on"))).alias("confirmed_on"),
            F.min(F.when(F.col("decided_on") >= F.col("worsened_on"), F.col("decided_on"))).alias("answered_on"),
        )
    )


def decided(warning: DataFrame, review: DataFrame, as_of: date) -> DataFrame:
    """Warnings with what people decided about them.

    A snooze or dismissal ends when the colour rises after it, and so does a milder colour: what they judged was less.
    """
    found = warning.join(decisions(review, warning), on=KEY, how="left")
    found = found.withColumns({"hidden": _hidden(as_of), "override": _override(as_of)})
    return found.withColumns({
        "override_colour": F.col("override.colour"),
        "override_until": F.col("override.expires_on"),
        "shown_colour": F.coalesce(F.col("override.colour"), F.col("colour")),
        "overdue": F.coalesce(F.coalesce("answered_on", F.lit(as_of)) > F.col("respond_by"), F.lit(False)),
    })  # fmt: skip


def _holds(given: str, as_of: date) -> Column:
    expires_on = F.col(f"{given}.expires_on")
    return (F.col("state") != "cleared") & (expires_on.isNull() | (F.lit(as_of) <= expires_on))


def _not_worse_since(given: str) -> Column:
    return F.col(f"{given}.decided_on") >= F.col("worsened_on")


def _hidden(as_of: date) -> Column:
    words = F.when(F.col("visible.decision") == "snooze", "snoozed").when(F.col("visible.decision") == "dismiss", "dismissed")
    return F.when(_holds("visible", as_of) & _not_worse_since("visible"), words)


def _override(as_of: date) -> Column:
    is_red = F.col("recoloured.colour") == "red"
    return F.when(_holds("recoloured", as_of) & (is_red | _not_worse_since("recoloured")), F.col("recoloured"))


def of_storms(storm: DataFrame, review: DataFrame) -> DataFrame:
    """Storms (`rule_id`, `partner_id`) that were ever decided on: the last `decision` and its `decided_on`.

    A decision on the whole book's storm of a rule is one on all storms of the rule.
    """
    at = F.split("subject_id", "@")
    told = review.where(F.col("decision").isin(*ON_STORMS) & (F.col("subject") == "rule"))
    told = told.select(F.element_at(at, 1).alias("rule_id"), F.element_at(at, 2).alias("scope"), *LATER, "decision")
    last = F.max(F.struct(*LATER, "decision"))
    return (
        storm.select("rule_id", "partner_id")
        .distinct()
        .join(told, on="rule_id", how="inner")
        .where((F.col("scope") == F.col("partner_id")) | (F.col("scope") == WHOLE_BOOK))
        .groupBy("rule_id", "partner_id")
        .agg(last.alias("last"))
        .select("rule_id", "partner_id", "last.decision", "last.decided_on")
    )
