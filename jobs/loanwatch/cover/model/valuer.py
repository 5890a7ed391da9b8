"""The model of comparable sales: traits, market level, neighbours and intervals, fitted for a kind of asset and a market."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import lightgbm
import numpy as np
import pandas as pd

from loanwatch.cover.model.boosting import Trees, predicted
from loanwatch.cover.model.comparables import Comparables
from loanwatch.cover.model.interval import Values, Widths, width_trees, widths
from loanwatch.cover.model.level import Levels, flat, levels
from loanwatch.cover.model.linear import Linear, linear, linear_apart
from loanwatch.cover.model.traits import KINDS, SIGNS, Floats, Text, Traits, Words, days, place_of
from loanwatch.errors import DataError

FEWEST = 300  # sales: fewer tell nothing
HALVES_DAYS = 624.0  # a sale so much older weighs half
APART_DAYS, LONG_DAYS = 91, 540  # the last quarter sets intervals right where sales span so many days
FIFTH = 5
FARTHEST = np.log(10)  # a price ten times what all the others explain is a slip, and counts for nothing
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipe:
    """How a kind of asset is valued: first trees without neighbours; then the mean of trees that tell the price, and of those
    that tell what a plain regression leaves; and so much of that regression alone."""

    first: Trees
    last: tuple[Trees, ...]
    beyond: tuple[Trees, ...] = ()
    plain: float = 0.0


HOME = Recipe(
    Trees(250, 0.08, 31),
    (Trees(900, 0.03, 31, seed=1), Trees(900, 0.03, 31, "fair", seed=2)),
)
VEHICLE = Recipe(
    Trees(300, 0.08, 63, columns=0.7, rows=0.8, l2=1.0, fewest=10),
    (Trees(1000, 0.05, 255, "regression_l1", columns=0.5, rows=0.8, l2=1.0, fewest=10, seed=1),),
    beyond=tuple(
        Trees(700, 0.05, 127, "regression_l1", columns=0.5, rows=0.8, l2=1.0, fewest=10, seed=seed) for seed in (1, 2)
    ),
    plain=0.1,
)
RECIPES = {"house": HOME, "flat": HOME, "vehicle": VEHICLE}


@dataclass(frozen=True)
class Market:
    """What has been learnt of a market, but how sure it is."""

    kind: str
    vocabulary: Words
    level: Levels
    nearby: Comparables
    trees: tuple[lightgbm.Booster, ...]
    beyond: tuple[lightgbm.Booster, ...]
    plain: Linear

    def seen(self, rows: pd.DataFrame, on: Floats) -> Floats:
        """What the trees look at."""
        matrix = KINDS[self.kind](rows, on).matrix(self.vocabulary)
        return np.column_stack([matrix, self.nearby.of(place_of(rows), on)])

    def value(self, matrix: Floats, rows: pd.DataFrame, on: Floats) -> Floats:
        """In minor units, of rows and what the trees look at of them."""
        share, plain = RECIPES[self.kind].plain, self.plain.of(matrix)
        told = [predicted(trees, matrix) for trees in self.trees] + [plain + predicted(trees, matrix) for trees in self.beyond]
        result: Floats = np.exp((1 - share) * np.mean(told, axis=0) + share * plain + self.level.at(on, rows["region"]))
        return result


@dataclass(frozen=True)
class Valuer:
    """A fitted model: values rows of the feed `sale` or `asset` on days after the last sale it has seen."""

    market: Market
    widths: Widths

    def value(self, rows: pd.DataFrame, on: Floats) -> Values:
        matrix = self.market.seen(rows, on)
        return Values(self.market.value(matrix, rows, on), *self.widths.of(matrix))


def comparable(sales: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Sales of a kind that measure its market, in order of their days; DataError where they are too few, or of two currencies."""
    related = sales["related"].eq(True) if "related" in sales else False
    rows = sales[(sales["kind"] == kind) & ~pd.Series(related, sales.index)]
    if len(currencies := sorted(rows["currency"].unique())) > 1:
        raise DataError(f"sales of a {kind} in {' and '.join(currencies)}: a model is of one currency")
    return rows.sort_values(["sold_on", "sale_id"], kind="stable").reset_index(drop=True)


@dataclass(frozen=True)
class Fit:
    """A model, and what a model of the sales before said of those that set its intervals right."""

    valuer: Valuer
    unseen: pd.DataFrame
    values: Values


def fit(sales: pd.DataFrame, kind: str, until: float) -> Fit:
    """From comparable sales before a day (in days since 1970): `comparable` has chosen them.

    Intervals are set right on sales that a model of the others had not seen: of the last quarter where sales span a year and
    a half, else on every fifth; the values are those of a model of all.
    """
    if len(sales) < FEWEST:
        raise DataError(f"{len(sales)} sales of a {kind}; a model takes {FEWEST}")
    sold = days(sales["sold_on"])
    long_enough = until - sold[0] >= LONG_DAYS and (sold >= until - APART_DAYS).sum() >= FEWEST / FIFTH
    apart = sold >= until - APART_DAYS if long_enough else np.arange(len(sales)) % FIFTH == 0
    before, trees = learnt(sales[~apart].reset_index(drop=True), kind, until - APART_DAYS if long_enough else until)
    unseen, on = sales[apart].reset_index(drop=True), sold[apart]
    matrix = before.seen(unseen, on)
    price = unseen["price_minor"].to_numpy(np.float64)
    value = before.value(matrix, unseen, on)
    sure = widths(trees, matrix, value, price)
    return Fit(Valuer(learnt(sales, kind, until)[0], sure), unseen, Values(value, *sure.of(matrix)))


def learnt(sales: pd.DataFrame, kind: str, until: float) -> tuple[Market, lightgbm.Booster]:
    """The market from sales before a day, and trees that tell how wide values are off."""
    recipe, on = RECIPES[kind], days(sales["sold_on"])
    traits = KINDS[kind](sales, on)
    vocabulary = traits.vocabulary()
    matrix, words = traits.matrix(vocabulary), _words(traits)
    weight = np.exp2((on - until) / HALVES_DAYS)
    price = np.log(sales["price_minor"].to_numpy(np.float64))
    moved, off = _unexplained(recipe.first, matrix, words, price, sales["region"], on, weight, until)
    near = np.abs(off - np.median(off)) <= FARTHEST
    if not near.all():
        log.warning("left out of the model kind=%s sales=%d of=%d", kind, (~near).sum(), len(near))
    weight = np.where(near, weight, 0)
    still = price - moved.at(on, sales["region"])
    plain = linear(matrix, still, weight, words)
    left = still - linear_apart(matrix, still, weight, words) if recipe.beyond else still
    place = place_of(sales)
    placed = np.isfinite(place).all(1) & near
    nearby = Comparables(place[placed], on[placed], off[placed])
    matrix = np.column_stack([matrix, nearby.of(place, on)])
    signs = [SIGNS[kind].get(name, 0) for name in traits.names] + [0] * (matrix.shape[1] - len(traits.names))
    trees, beyond = (
        tuple(one.fit(matrix, target, weight, words, signs) for one in of)
        for of, target in ((recipe.last, still), (recipe.beyond, left))
    )
    return Market(kind, vocabulary, moved, nearby, trees, beyond, plain), width_trees(matrix, off, weight)


def _unexplained(
    trees: Trees, matrix: Floats, words: list[int], price: Floats, region: Text, on: Floats, weight: Floats, until: float
) -> tuple[Levels, Floats]:
    """The level of the market, and the logarithm of each price that neither it nor trees which had not seen it explain."""
    moved = Levels(flat(until))
    for _ in range(2):  # traits are told from time better once the level is known
        said = trees.apart(matrix, price - moved.at(on, region), weight, words)
        moved = levels(on, price - said, region, until)
    return moved, price - said - moved.at(on, region)


def _words(traits: Traits) -> list[int]:
    return list(range(len(traits.numbers), len(traits.names)))
