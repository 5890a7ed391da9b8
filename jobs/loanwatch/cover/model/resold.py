"""What was sold before: its own last price, moved by the market; and how such prices rose that were as low for what was sold.

A price far below what its traits were worth is mostly that of a home in disrepair, or sold in haste: it rises soon. How much of
the distance is made up, by the time held, is told by pairs of sales known before. Case and Shiller 1987 weigh pairs by that time.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.linear_model import QuantileRegressor

from loanwatch.cover.model.traits import Floats, days
from loanwatch.cover.model.valuer import Market

HELD_DAYS = (91, 183, 274, 365, 548, 730, 1095)  # edges of the times held
FEWEST = 30  # pairs of a time held: fewer tell nothing, the price is only moved
UNMOVED, MOVED, DRAWN = "last price", "moved", "drawn"


def resold(before: pd.DataFrame, sales: pd.DataFrame, market: Market) -> dict[str, Floats]:
    """Of sales, what the last price of the same house or vehicle `before` comes to; NaN where there is none. By name: as it was;
    moved by the level of the market; and drawn towards what its traits were worth. Empty where no sender numbers properties."""
    if "property_id" not in sales or sales["property_id"].isna().all():
        return {}
    known, asked = _Pairs(before, before, market), _Pairs(before, sales, market)
    drawn = asked.moved.copy()
    for held in range(len(HELD_DAYS) + 1):
        of, among = asked.held == held, known.held == held
        if of.any() and among.sum() >= FEWEST:
            rise = QuantileRegressor(alpha=0).fit(known.cheap[among, None], known.price[among] - known.moved[among])
            drawn[of] += rise.predict(asked.cheap[of, None])
    told = {UNMOVED: asked.last, MOVED: asked.moved, DRAWN: drawn}
    return {name: _in_order(asked.place, np.exp(logs), len(sales)) for name, logs in told.items()}


class _Pairs:
    """Sales with the last sale before of the same object, prices as logarithms."""

    def __init__(self, before: pd.DataFrame, sales: pd.DataFrame, market: Market) -> None:
        rows = sales.assign(place=np.arange(len(sales)))[["property_id", "sold_on", "price_minor", "place"]]
        known = before[before["property_id"].notna()]
        found = pd.merge_asof(
            rows[rows["property_id"].notna()].sort_values("sold_on"), known.sort_values("sold_on").assign(last_on=known["sold_on"]),
            on="sold_on", by="property_id", allow_exact_matches=False, suffixes=("", "_last"),
        ).dropna(subset=["last_on"]).reset_index(drop=True)  # fmt: skip
        on, then = days(found["sold_on"]), days(found["last_on"])
        self.place = found["place"].to_numpy()
        self.price, self.last = (np.log(found[name].to_numpy(np.float64)) for name in ("price_minor", "price_minor_last"))
        self.held = np.searchsorted(HELD_DAYS, on - then, side="right")
        self.moved: Floats = self.last + market.level.at(on, found["region"]) - market.level.at(then, found["region"])
        was = found.drop(columns="sold_on").rename(columns={"last_on": "sold_on"})
        self.cheap: Floats = np.log(market.value(market.seen(was, then), was, then)) - self.last if len(found) else np.empty(0)


def _in_order(place: Floats, values: Floats, many: int) -> Floats:
    result = np.full(many, np.nan)
    result[place] = values
    return result
