"""How good values are, told by later prices (EAA, European AVM Alliance; Independent AVM testing: domain.md 5.3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loanwatch.cover.model.interval import Values
from loanwatch.cover.model.traits import Floats


@dataclass(frozen=True)
class Accuracy:
    """Of `sales`, in per cent: median absolute error, shares within 5, 10 and 20 %, median error (bias), and the shares of
    prices within one FSD and within the band for nine of ten; NaN where values have no interval."""

    sales: int
    median_error: float
    within_5: float
    within_10: float
    within_20: float
    bias: float
    likely: float = np.nan
    nearly_all: float = np.nan


def accuracy(value: Floats, price: Floats, sure: Values | None = None) -> Accuracy:
    """An error is value over price less one; a band is around the value."""
    error, off = value / price - 1, np.abs(price / value - 1)
    near = {f"within_{limit}": 100 * float(np.mean(np.abs(error) <= limit / 100)) for limit in (5, 10, 20)}
    bands = {"likely": sure.fsd, "nearly_all": sure.wide} if sure else {}
    covered = {name: 100 * float(np.mean(off <= half)) for name, half in bands.items()}
    middle, bias = (100 * float(np.median(of)) for of in (np.abs(error), error))
    return Accuracy(len(price), middle, **near, bias=bias, **covered)
