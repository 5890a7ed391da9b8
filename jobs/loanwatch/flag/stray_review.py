"""Reviews that concern nothing: a warning or storm that was not there on the day of the decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loanwatch.admit.monitoring_feeds import ON_WARNINGS
from loanwatch.flag.decisions import ON_STORMS, WHOLE_BOOK, of_warnings
from loanwatch.flag.life import COOL_DOWN_DAYS
from loanwatch.flag.rules import Rule
from loanwatch.flag.storm import REMEMBERED_DAYS
from loanwatch.flag.tables import STRAY_REVIEW

ID = ["sender_id", "review_id"]


def stray_review(
    review: DataFrame, warning: DataFrame, storm: DataFrame, rules: Sequence[Rule], as_of: date
) -> DataFrame:
    """`flag.stray_review`: one row per such review, for as long as what it concerned would be remembered."""
    age = F.datediff(F.lit(as_of), "decided_on")
    days = review.sparkSession.createDataFrame([(r.id, r.text.cool_down_days) for r in rules], "rule_id string, days int")
    on_warnings = review.where(F.col("decision").isin(*ON_WARNINGS)).join(F.broadcast(days), on="rule_id", how="left")
    on_warnings = on_warnings.where(age <= F.coalesce("days", F.lit(COOL_DOWN_DAYS))).drop("days")
    on_storms = review.where(F.col("decision").isin(*ON_STORMS) & (age < REMEMBERED_DAYS))
    found = of_warnings(review, warning).select(*ID).unionByName(_of_storms(on_storms, storm))
    return on_warnings.unionByName(on_storms).join(found, on=ID, how="left_anti").select(*STRAY_REVIEW.names)


def _of_storms(review: DataFrame, storm: DataFrame) -> DataFrame:
    """Of reviews of storms, those whose storm was there."""
    scopes = F.explode(F.array(F.col("partner_id"), F.lit(WHOLE_BOOK)))
    there = storm.select("rule_id", "opened_on", scopes.alias("scope"))
    there = there.select(F.concat_ws("@", "rule_id", "scope").alias("subject_id"), "opened_on")
    return review.join(there, on="subject_id", how="inner").where("decided_on >= opened_on").select(*ID).distinct()
