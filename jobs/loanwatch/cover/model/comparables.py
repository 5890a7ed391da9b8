"""What earlier sales nearby were sold for, beyond what their traits explain."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sklearn.neighbors import KDTree

from loanwatch.cover.model.traits import Floats

MOST = 120  # sales looked at
WIDTHS_KM = (0.1, 0.3, 0.8)
FADES_DAYS = 500.0
FEW = 0.5  # sales in whose stead nothing is assumed: the mean of few is drawn to zero
NEAREST = 5
NAMES = (*(f"near_{round(1000 * width)}m" for width in WIDTHS_KM), "sales_near", "nearest_km", "nearest_few", "nearest")


@dataclass(frozen=True)
class Comparables:
    """Sales by place: day, and the logarithm that is unexplained."""

    place: Floats
    day: Floats
    unexplained: Floats

    @cached_property
    def _tree(self) -> KDTree:
        return KDTree(self.place)

    def of(self, place: Floats, on: Floats) -> Floats:
        """NAMES, a row an object; only sales before its day count, so that a sale does not speak for itself."""
        found = np.full((len(on), len(NAMES)), np.nan)
        placed = np.isfinite(place).all(1)
        if placed.any() and len(self.day):
            found[placed] = self._placed(place[placed], on[placed])
        return found

    def _placed(self, place: Floats, on: Floats) -> Floats:
        distance, which = self._tree.query(place, k=min(MOST, len(self.day)))
        earlier = self.day[which] < on[:, None]
        fresh = np.exp((self.day[which] - on[:, None]) / FADES_DAYS) * earlier
        beyond = self.unexplained[which]
        columns = []
        for width in WIDTHS_KM:
            weight = np.exp(-0.5 * (distance / width) ** 2) * fresh
            columns.append((weight * beyond).sum(1) / (weight.sum(1) + FEW))
        columns.append(weight.sum(1))
        columns.append(np.where(earlier, distance, np.nan))
        order = np.argsort(np.where(earlier, distance, np.inf), axis=1)[:, :NEAREST]
        few = np.take_along_axis(np.where(earlier, beyond, np.nan), order, axis=1)
        known = np.isfinite(few)
        columns[-1] = np.take_along_axis(columns[-1], order[:, :1], axis=1)[:, 0]
        columns.append(np.where(known.any(1), np.where(known, few, 0).sum(1) / np.maximum(known.sum(1), 1), np.nan))
        columns.append(few[:, 0])
        return np.column_stack(columns)
