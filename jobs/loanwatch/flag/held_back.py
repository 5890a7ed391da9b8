"""Which new warnings of a night are a storm: of a rule that raises on far too many of a partner's subjects, or of all."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from loanwatch.flag.decisions import KEY, WHOLE_BOOK
from loanwatch.flag.usual_share import median_ppm
from loanwatch.settings import Storms

TIMES_USUAL = 5
# Five times next to nothing is little: below a thousandth of the subjects the rule's own past decides nothing.
LEAST_SHARE_BP = 10


def held_back(new: DataFrame, places: DataFrame, usual_share_before: DataFrame, storms: Storms) -> DataFrame:
    """New warnings that can be held: `storm`, the partner or all for whose storm each has to wait; null = for none.

    A partner's storm comes first; the whole book's is told by what is left, so that one partner's broken feed does not hold
    the warnings of the others. Subjects are those of the parent release; `places` as in `flag.places`.
    """
    here = new.select(*KEY, "raise_after_days").join(places, on=["subject", "subject_id"], how="inner").distinct()
    scopes = _scopes(usual_share_before)
    at_partner = here.withColumn("raised", F.count(F.lit(1)).over(Window.partitionBy("rule_id", "partner_id")))
    storm = F.when(_is_storm(storms), F.col("partner_id"))
    first = (
        at_partner.join(F.broadcast(scopes), on=["subject", "partner_id"], how="left")
        .groupBy(*KEY, "raise_after_days")
        .agg(F.min(storm).alias("storm"))
    )
    is_left = F.when(F.col("storm").isNull(), 1).otherwise(0)
    left = first.withColumn("raised", F.sum(is_left).over(Window.partitionBy("rule_id")))
    whole = scopes.where(F.col("partner_id") == WHOLE_BOOK).drop("partner_id")
    return left.join(F.broadcast(whole), on="subject", how="left").select(
        *KEY, F.coalesce("storm", F.when(_is_storm(storms), WHOLE_BOOK)).alias("storm")
    )


def _scopes(usual_share_before: DataFrame) -> DataFrame:
    """One row per kind of subject and partner, or all: its subjects, its nights so far, and the shares of each rule in them."""
    shares = F.map_from_entries(F.collect_list(F.struct("rule_id", "shares_ppm")))
    return usual_share_before.groupBy("subject", "partner_id").agg(
        F.max("subjects").alias("subjects"), F.max(F.size("shares_ppm")).alias("nights"), shares.alias("shares")
    )


def _is_storm(storms: Storms) -> Column:
    """Never where the partner, or the book, is new: it brings in what had long been going on."""
    raised, subjects, shares = F.col("raised"), F.col("subjects"), F.try_element_at("shares", F.col("rule_id"))
    # A rule that opens after some days does so for all of a book that began together.
    settled = F.col("nights") >= F.greatest(F.lit(storms.quiet_nights), F.col("raise_after_days") + 1)
    large = raised * 10_000 > subjects * storms.share_bp
    unusual = (
        (F.size(shares) >= storms.quiet_nights)
        & (raised * 1_000_000 > median_ppm(shares) * TIMES_USUAL * subjects)
        & (raised * 10_000 > subjects * LEAST_SHARE_BP)
    )
    return (raised >= storms.at_least) & settled & (large | F.coalesce(unusual, F.lit(False)))
