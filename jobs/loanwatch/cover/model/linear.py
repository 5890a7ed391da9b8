"""A plain regression (ridge) on numbers and words: coarser than trees, and off elsewhere, so that a mean of both is nearer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.linear_model import Ridge

from loanwatch.cover.model.traits import Floats

SHRINK = 1.0
FOLDS = 8
EXACT = 1e-8


@dataclass(frozen=True)
class Linear:
    """`base` + numbers, standardised, with their squares, times `slopes` + the effect of each word; not known = the mean."""

    base: float
    middle: Floats
    spread: Floats
    slopes: Floats
    effects: tuple[Floats, ...]

    def of(self, matrix: Floats) -> Floats:
        """What it says of rows of numbers and places of words, as `Traits.matrix` has them."""
        numbers = _numbers(matrix[:, : len(self.middle)], self.middle, self.spread)
        result = self.base + numbers @ self.slopes
        for place, effect in enumerate(self.effects, len(self.middle)):
            told = np.where(matrix[:, place] < len(effect), matrix[:, place], np.nan)  # a later word has no effect
            known = np.isfinite(told)
            result[known] += effect[told[known].astype(int)]
        return np.asarray(result, np.float64)


def linear(matrix: Floats, target: Floats, weight: Floats, words: list[int]) -> Linear:
    """Fitted; `words` are the columns that hold places of words, behind those of numbers."""
    first = words[0] if words else matrix.shape[1]
    raw = matrix[:, :first]
    told = np.isfinite(raw)
    count = np.maximum(told.sum(0), 1)
    middle = np.where(told, raw, 0).sum(0) / count
    spread = np.sqrt(np.where(told, (raw - middle) ** 2, 0).sum(0) / count)
    spread[spread == 0] = 1
    numbers = _numbers(raw, middle, spread)
    blocks = [sparse.csr_matrix(numbers), *(_places(matrix[:, place]) for place in words)]
    plain = Ridge(SHRINK, solver="sparse_cg", tol=EXACT).fit(sparse.hstack(blocks).tocsr(), target, sample_weight=weight)
    edges = np.cumsum([block.shape[1] for block in blocks])
    slopes, *effects = np.split(plain.coef_, edges[:-1])
    return Linear(float(plain.intercept_), middle, spread, slopes, tuple(effects))


def linear_apart(matrix: Floats, target: Floats, weight: Floats, words: list[int]) -> Floats:
    """What regressions say of each row that have not seen it: every eighth row by one of the others."""
    fold = np.random.default_rng(FOLDS).permutation(len(target)) % FOLDS
    result = np.zeros(len(target))
    for one in range(FOLDS):
        rest = fold != one
        result[~rest] = linear(matrix[rest], target[rest], weight[rest], words).of(matrix[~rest])
    return result


def _numbers(raw: Floats, middle: Floats, spread: Floats) -> Floats:
    standard = np.nan_to_num((raw - middle) / spread)
    return np.hstack([standard, standard**2])


def _places(column: Floats) -> sparse.csr_matrix:
    """A column a word; a row whose word is not known has none."""
    rows = np.flatnonzero(np.isfinite(column))
    places = column[rows].astype(int)
    many = int(places.max()) + 1 if len(places) else 0
    return sparse.csr_matrix((np.ones(len(rows)), (rows, places)), shape=(len(column), many))
