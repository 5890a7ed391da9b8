"""What a borrower's peers have in common: same partner, product and age on the book (season and holidays are no signal)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from loanwatch.derive.behaviour import FEWEST_PEERS, peers_of
from loanwatch.derive.indicator import Indicator, ratio

# Where the group is too small, those of the product at all partners; where these are, nobody.
GROUP, WIDER = ("peer_partner_id", "peer_product", "peer_age_band"), ("peer_product",)


def with_peers(wide: DataFrame, kept: Sequence[Indicator], as_of: date) -> DataFrame:
    """The borrowers with what their peers kept of each measure: ratios of sums, over those for whom it is known."""
    sums = [column for indicator in kept for column in _sums(indicator)]
    groups = wide.groupBy(*GROUP).agg(*sums)
    names = [name for name in groups.columns if name not in GROUP]
    wider = Window.partitionBy(*WIDER)
    both = groups.select(*GROUP, *names, *[F.sum(name).over(wider).alias(f"wider_{name}") for name in names])
    found = both.select(*GROUP, *[_ratio(indicator, as_of).alias(peers_of(indicator)) for indicator in kept])
    return wide.join(F.broadcast(found), on=list(GROUP), how="left")


def _sums(kept: Indicator) -> list[Column]:
    now, before = kept.of
    known = (F.col(kept.gap_columns[0]) == "none") & (F.col(before.name) > 0)
    return [
        F.sum(known.cast("int")).alias(f"{kept.name}_persons"),
        F.sum(F.when(known, F.col(now.name)).otherwise(0)).alias(f"{kept.name}_now"),
        F.sum(F.when(known, F.col(before.name)).otherwise(0)).alias(f"{kept.name}_before"),
    ]


def _ratio(kept: Indicator, as_of: date) -> Column:
    """Both lengths beside the sums: a day for a day."""
    now, before = kept.of
    days_now, days_before = now.window.length(as_of), before.window.length(as_of)

    def of(prefix: str) -> Column:
        return F.expr(ratio(f"{days_before} * {prefix}{kept.name}_now", f"{days_now} * {prefix}{kept.name}_before"))

    def enough(prefix: str) -> Column:
        return F.col(f"{prefix}{kept.name}_persons") >= FEWEST_PEERS

    return F.when(enough(""), of("")).when(enough("wider_"), of("wider_"))
