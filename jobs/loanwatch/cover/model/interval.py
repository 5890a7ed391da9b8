"""How far off a value may be: a width from the traits, set right on sales that the model had not seen (split conformal).

Of values alike in width a share `LIKELY` of prices lies within one FSD, and `NEARLY_ALL` within `wide`. The score of a sale
is |price / value - 1| over its width; the quantile of scores in each third of widths makes the band of the next.
Papadopoulos et al. 2002; Lei et al. 2018, section 5.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm
import numpy as np
import numpy.typing as npt

from loanwatch.cover.model.boosting import Trees, predicted
from loanwatch.cover.model.traits import Floats

LIKELY, NEARLY_ALL = 0.683, 0.9
THIRDS = (1 / 3, 2 / 3)
FEW = 50  # sales of a third: where there are fewer, all thirds tell for it
LEAST = 0.005  # off by half a per cent is as good as not off
WIDTH = Trees(rounds=150, rate=0.05, leaves=15, fewest=100)


@dataclass(frozen=True)
class Values:
    """Of each object its value in minor units, the standard deviation of its relative error (FSD), and half of the band that
    holds nine of ten prices, as shares of the value."""

    value: Floats
    fsd: Floats
    wide: Floats

    def of(self, chosen: npt.NDArray[np.bool_]) -> Values:
        """Those of some objects."""
        return Values(self.value[chosen], self.fsd[chosen], self.wide[chosen])


@dataclass(frozen=True)
class Widths:
    """Trees that tell the width, the bounds of its thirds, and what makes a width of each third an FSD and a wide band."""

    trees: lightgbm.Booster
    bounds: Floats
    factors: Floats  # third by (FSD, wide)

    def of(self, matrix: Floats) -> tuple[Floats, Floats]:
        """FSD and half of the wide band, as shares of the value."""
        width = _width(self.trees, matrix)
        factors = self.factors[np.searchsorted(self.bounds, width)]
        return width * factors[:, 0], width * factors[:, 1]


def width_trees(matrix: Floats, off: Floats, weight: Floats) -> lightgbm.Booster:
    """Fitted on how far off (logarithms) trees were that had not seen the sale."""
    return WIDTH.fit(matrix, np.log(np.abs(off) + LEAST), weight)


def widths(trees: lightgbm.Booster, matrix: Floats, value: Floats, price: Floats) -> Widths:
    """Set right on sales that neither the values nor the widths have seen."""
    width = _width(trees, matrix)
    score = np.abs(price / value - 1) / width
    bounds = np.quantile(width, THIRDS)
    third = np.searchsorted(bounds, width)
    thirds = [score[third == one] for one in range(len(THIRDS) + 1)]
    factors = [[_quantile(of if len(of) >= FEW else score, share) for share in (LIKELY, NEARLY_ALL)] for of in thirds]
    return Widths(trees, bounds, np.array(factors))


def _width(trees: lightgbm.Booster, matrix: Floats) -> Floats:
    result: Floats = np.exp(predicted(trees, matrix))
    return result


def _quantile(scores: Floats, share: float) -> float:
    """The least score that the share of a next one does not exceed: (n + 1) * share, rounded up."""
    rank = int(np.ceil((len(scores) + 1) * share))
    return float(np.sort(scores)[min(rank, len(scores)) - 1])
