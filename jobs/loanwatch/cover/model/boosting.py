"""Boosted trees (LightGBM): fitted on numbers and words, the same for the same data and seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np

from loanwatch.cover.model.traits import Floats

FOLDS = 4
NEAR = 0.1  # errors of a logarithm beyond which the objective `fair` grows as they do, not as their squares
THREADS = 1  # OpenMP waits by spinning: beside other work two threads take longer than one


@dataclass(frozen=True)
class Trees:
    """How many trees of what kind; `seed` draws the rows and columns that each sees."""

    rounds: int
    rate: float
    leaves: int
    objective: str = "regression"
    fewest: int = 20  # rows of a leaf
    columns: float = 0.5  # share that a tree sees
    rows: float = 0.7
    l2: float = 5.0
    seed: int = 1

    def fit(
        self, matrix: Floats, target: Floats, weight: Floats, words: Sequence[int] = (), signs: Sequence[int] = ()
    ) -> lightgbm.Booster:
        """`words` are the columns that hold numbers of words; what the trees say never falls in those of sign 1, never rises
        in those of -1. LightGBM refuses signs to the objective `regression_l1`: `fair` is near it."""
        settings = {
            "objective": self.objective, "learning_rate": self.rate, "num_leaves": self.leaves, "min_data_in_leaf": self.fewest,
            "feature_fraction": self.columns, "bagging_fraction": self.rows, "bagging_freq": 1, "lambda_l2": self.l2,
            "fair_c": NEAR, "seed": self.seed, "deterministic": True, "force_row_wise": True, "num_threads": THREADS, "verbose": -1,
            "min_data_per_group": 10, "max_cat_threshold": 64,
        }  # fmt: skip
        if any(signs):
            settings |= {"monotone_constraints": list(signs), "monotone_constraints_method": "intermediate"}
        data = lightgbm.Dataset(matrix, target, weight=weight, categorical_feature=list(words), params={"verbose": -1})
        return lightgbm.train(settings, data, self.rounds)

    def apart(self, matrix: Floats, target: Floats, weight: Floats, words: Sequence[int] = ()) -> Floats:
        """What trees say of each row that have not seen it: every fourth row by those fitted on the others."""
        fold = np.random.default_rng(self.seed).permutation(len(target)) % FOLDS
        result = np.zeros(len(target))
        for one in range(FOLDS):
            rest = fold != one
            result[~rest] = predicted(self.fit(matrix[rest], target[rest], weight[rest], words), matrix[~rest])
        return result


def predicted(trees: lightgbm.Booster, matrix: Floats) -> Floats:
    """What the trees say of each row."""
    result: Floats = np.asarray(trees.predict(matrix, num_threads=THREADS), np.float64)
    return result
