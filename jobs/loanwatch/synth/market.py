"""The markets of homes and vehicles: monthly price levels by kind and city."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from loanwatch import codes
from loanwatch.synth import words
from loanwatch.synth.columns import amounts, dates
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.plan import Ints, Plan, first_of, month_of

Floats = npt.NDArray[np.float64]

KINDS = codes.ASSET_KINDS.words
FLAT, HOUSE, VEHICLE = (KINDS.index(word) for word in ("flat", "house", "vehicle"))
MONTHS_BEFORE = 36
BASE_BP = 10_000
DRIFT = np.array([-0.003, -0.002, -0.004])  # a month; of vehicles, like for like: their ageing comes besides
SHAKE = np.array([0.008, 0.010, 0.006])
MOST_SALES = 2_000  # a city, kind and month
PUBLISHED_AFTER_DAYS = 14  # on the 15th of the month after
NEW_VEHICLE_MINOR = 16_000_000
FIRST_YEAR, A_YEAR_OLDER = np.array([0.99, 0.985, 0.66]), np.array([0.99, 0.985, 0.87])


@dataclass(frozen=True)
class Market:
    """`level_bp[kind, city, month]` and the sales behind it; the months count from `from_month`, which counts from 1970-01."""

    from_month: int
    level_bp: Ints
    sales: Ints

    def at(self, kind: Ints, city: Ints, day: Ints) -> Ints:
        """The level of each cell in the month of its day; the oldest known for earlier days."""
        month = np.clip(month_of(day) - self.from_month, 0, self.level_bp.shape[2] - 1)
        return np.asarray(self.level_bp[kind, city, month])


def market(plan: Plan) -> Market:
    """Levels that wander from the base for three years up to the last day."""
    draw = plan.stream("market")
    begin, end = month_of(np.array([plan.first, plan.last]))
    shape = (len(KINDS), len(words.CITIES), int(end - begin) + MONTHS_BEFORE)
    step = DRIFT[:, None, None] + SHAKE[:, None, None] * draw.standard_normal(shape)
    level = BASE_BP * np.exp(np.concatenate([np.zeros((*shape[:2], 1)), np.cumsum(step, axis=2)], axis=2))
    sales = plan.stream("market sales").integers(MOST_SALES // 10, MOST_SALES, level.shape)
    return Market(int(begin) - MONTHS_BEFORE, np.round(level).astype(np.int64), sales)


def price_index(market: Market, published: range) -> pa.Table:
    """`price_index` rows published on these days."""
    kind, city, month = (axis.ravel() for axis in np.indices(market.level_bp.shape))
    published_on = first_of(market.from_month + month + 1) + PUBLISHED_AFTER_DAYS
    row = np.flatnonzero((published_on >= published.start) & (published_on < published.stop))
    now, before = market.level_bp[kind[row], city[row], month[row]], np.maximum(month[row] - 1, 0)
    return pa.table({
        "kind": chosen(KINDS, kind[row]),
        "region": chosen(words.REGIONS, city[row]),
        "period_on": dates(first_of(market.from_month + month[row])),
        "published_on": dates(published_on[row]),
        "level_bp": amounts(now),
        "change_bp": amounts(BASE_BP * now // market.level_bp[kind[row], city[row], before], month[row] == 0),
        "base": chosen(["base"], np.zeros(len(row), int)),
        "sales": pa.array(market.sales[kind[row], city[row], month[row]], pa.int32()),
    })  # fmt: skip


def square_metre_minor(city: Ints) -> Ints:
    """What a square metre costs in each city when the index is at its base."""
    return np.array([place.square_metre_minor for place in words.CITIES])[city]


def age_left(kind: Ints, age: Ints | Floats) -> Floats:
    """What its years have left of the value of each; vehicles lose most in the first."""
    left: Floats = FIRST_YEAR[kind] ** np.minimum(age, 1) * A_YEAR_OLDER[kind] ** np.maximum(age - 1, 0)
    return left
