"""Storms: rules whose new warnings of a night wait until a person has released or dropped them."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loanwatch.flag.decisions import WHOLE_BOOK, of_storms
from loanwatch.flag.tables import STORM
from loanwatch.flag.usual_share import median_ppm

REMEMBERED_DAYS = 30
SCOPE = ["rule_id", "subject", "partner_id"]


def storm(
    warning: DataFrame, usual_share: DataFrame, storm_before: DataFrame, review: DataFrame, as_of: date
) -> DataFrame:
    """`flag.storm`: one row per storm that has warnings waiting, or had in the last 30 days."""
    recent = (F.col("state") == "held") | (F.datediff(F.lit(as_of), "ended_on") < REMEMBERED_DAYS)
    before = storm_before.where(recent)
    before = before.select(*SCOPE, *[F.col(name).alias(f"before_{name}") for name in before.columns if name not in SCOPE])
    found = (
        _waiting(warning, as_of)
        .join(before, on=SCOPE, how="full")
        .join(_usual(usual_share), on=SCOPE, how="left")
    )
    found = found.join(of_storms(found, review), on=["rule_id", "partner_id"], how="left")
    for columns in (_state(as_of), _measures(as_of), _words()):
        found = found.withColumns(columns)
    return found.select(*STORM.names)


def _waiting(warning: DataFrame, as_of: date) -> DataFrame:
    held = warning.where("state = 'held'").withColumnsRenamed({"held_by": "partner_id"}).groupBy(*SCOPE)
    caught = F.sum(F.when(F.col("held_since") == F.lit(as_of), 1).otherwise(0))
    return held.agg(F.count(F.lit(1)).alias("waiting"), caught.alias("now_caught"), F.min("held_since").alias("first_held"))


def _usual(usual_share: DataFrame) -> DataFrame:
    """What the storm of this night is measured against: the nights before it."""
    earlier = F.slice("shares_ppm", F.lit(1), F.size("shares_ppm") - 1)
    usual = F.floor(median_ppm(earlier) / 100).cast("int")
    return usual_share.select(*SCOPE, F.col("subjects").alias("now_subjects"), usual.alias("now_usual_share_bp"))


def _state(as_of: date) -> dict[str, Column]:
    waits, before = F.coalesce("waiting", F.lit(0)) > 0, F.col("before_state")
    decided = F.when(F.col("decided_on") >= F.col("before_opened_on"), F.col("decision"))
    ended = F.when(decided == "release", "released").when(decided == "drop", "dropped").otherwise("lapsed")
    goes_on = F.coalesce(before == "held", F.lit(False))
    ended_on = F.when(goes_on, F.lit(as_of)).otherwise(F.col("before_ended_on"))
    return {
        "state": F.when(waits, "held").when(goes_on, ended).otherwise(before),
        "held": F.coalesce("waiting", F.lit(0)),
        "ended_on": F.when(~waits, ended_on),
        "opened_on": F.when(goes_on | ~waits, F.col("before_opened_on")).otherwise(F.col("first_held")),
        "is_caught": F.coalesce("now_caught", F.lit(0)) > 0,
    }


def _measures(as_of: date) -> dict[str, Column]:
    def of_this_night(now: Column, name: str) -> Column:
        return F.when(F.col("is_caught"), now).otherwise(F.col(f"before_{name}"))

    share = F.expr("10000 * now_caught div now_subjects")
    measured = {
        "caught_on": F.lit(as_of), "caught": F.col("now_caught"), "subjects": F.col("now_subjects"), "share_bp": share,
        "usual_share_bp": F.col("now_usual_share_bp"),
    }  # fmt: skip
    return {name: of_this_night(now, name) for name, now in measured.items()}


def _words() -> dict[str, Column]:
    everywhere, loans = F.col("partner_id") == WHOLE_BOOK, F.col("subject") == "loan"
    share = F.concat(F.format_number(F.col("share_bp") / 100, 1), F.lit("%"))
    usual = F.concat(F.format_number(F.col("usual_share_bp") / 100, 1), F.lit("%"))
    at, name = F.concat(F.lit("@"), F.col("partner_id")), F.col("rule_id")
    en = F.concat(
        name, F.lit(" newly raised on "), F.col("caught"), F.lit(" of "), F.col("subjects"),
        F.when(loans, " loans of ").otherwise(" borrowers of "), F.when(everywhere, "all partners").otherwise(F.col("partner_id")),
        F.lit(" in one night ("), share, F.coalesce(F.concat(F.lit(", usually "), usual), F.lit("")),
        F.lit("): to be released or dropped as "), name, at,
    )  # fmt: skip
    zh = F.concat(
        name, F.lit("一夜之间在"), F.when(everywhere, "全部机构").otherwise(F.col("partner_id")), F.lit("的"), F.col("subjects"),
        F.when(loans, "笔贷款").otherwise("名借款人"), F.lit("中新增预警"), F.col("caught"), F.lit("条（"), share,
        F.coalesce(F.concat(F.lit("，平时"), usual), F.lit("")), F.lit("），放行或作废："), name, at,
    )  # fmt: skip
    return {
        "says_en": F.when(F.col("is_caught"), en).otherwise(F.col("before_says_en")),
        "says_zh": F.when(F.col("is_caught"), zh).otherwise(F.col("before_says_zh")),
    }
