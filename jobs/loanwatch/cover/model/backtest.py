"""What a model would have said of sales that it had not seen: period by period, or of every fifth sale of one time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from loanwatch.cover.model.accuracy import Accuracy, accuracy
from loanwatch.cover.model.baselines import BASELINES
from loanwatch.cover.model.interval import Values
from loanwatch.cover.model.resold import resold
from loanwatch.cover.model.traits import Floats, days
from loanwatch.cover.model.valuer import fit
from loanwatch.errors import DataError

FIFTH = 5


@dataclass(frozen=True)
class Tested:
    """Sales of one period with what was said of them before: by the model, by each baseline, and by their own last price."""

    sales: pd.DataFrame
    values: Values
    baselines: dict[str, Floats]


def by_period(sales: pd.DataFrame, kind: str, first: date, end: date, months: int) -> Iterator[Tested]:
    """Of sales from a month's first day to before another's: every so many months a new model of all earlier sales."""
    starts = pd.date_range(first, end, freq=f"{months}MS", inclusive="left")
    if not len(starts):
        raise DataError(f"no month from {first:%Y-%m} to before {end:%Y-%m}")
    for start, until in zip(starts, [*starts[1:], pd.Timestamp(end)], strict=True):
        before = sales[sales["sold_on"] < start].reset_index(drop=True)
        asked = sales[(sales["sold_on"] >= start) & (sales["sold_on"] < until)].reset_index(drop=True)
        if len(asked):
            yield _tested(before, asked, kind, (start - pd.Timestamp(0)).days)


def held_out(sales: pd.DataFrame, kind: str) -> Tested:
    """Of a fifth of the sales, chosen by a hash of their numbers, by a model of the others."""
    chosen = np.array([int(hashlib.sha256(number.encode()).hexdigest()[:8], 16) % FIFTH == 0 for number in sales["sale_id"]])
    before, asked = (sales[of].reset_index(drop=True) for of in (~chosen, chosen))
    return _tested(before, asked, kind, float(days(sales["sold_on"]).max()) + 1)


def _tested(before: pd.DataFrame, asked: pd.DataFrame, kind: str, until: float) -> Tested:
    valuer = fit(before, kind, until).valuer
    simple = {name: of(before, asked, kind) for name, of in BASELINES[kind].items()}
    return Tested(asked, valuer.value(asked, days(asked["sold_on"])), simple | resold(before, asked, valuer.market))


def summed_up(tested: list[Tested]) -> dict[str, Accuracy]:
    """The model by calendar quarter and in total, then what else was said, in total over the sales of which it was."""
    sales = pd.concat([one.sales for one in tested], ignore_index=True)
    value, fsd, wide = (np.concatenate([getattr(one.values, name) for one in tested]) for name in ("value", "fsd", "wide"))
    sure = Values(value, fsd, wide)
    price = sales["price_minor"].to_numpy(np.float64)
    quarter = sales["sold_on"].dt.to_period("Q").astype(str).to_numpy()
    told = {}
    for name in sorted(set(quarter)):
        of = quarter == name
        told[name] = accuracy(value[of], price[of], sure.of(of))
    told["in total"] = accuracy(value, price, sure)
    for name in tested[0].baselines:
        said = np.concatenate([one.baselines[name] for one in tested])
        known = np.isfinite(said)
        if known.any():
            told[name] = accuracy(said[known], price[known])
    return told
