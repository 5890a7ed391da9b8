"""Exchange rates: what a unit of each foreign currency costs in yuan, day by day."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loanwatch.synth.columns import amounts, constant, dates
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.plan import Plan

PRICES_MICRO = {"USD": 7_150_000, "EUR": 7_780_000, "GBP": 9_060_000, "TWD": 226_000}
SHAKE = 0.003  # a day
HISTORY_DAYS = 60


def exchange_rate(plan: Plan) -> pa.Table:
    """`exchange_rate` rows from some weeks before the first day up to the last, in order of day."""
    days, start = plan.days + HISTORY_DAYS, np.array(list(PRICES_MICRO.values()))
    walk = np.cumsum(SHAKE * plan.stream("rates").standard_normal((days, len(start))), axis=0)
    day, pair = (axis.ravel() for axis in np.indices(walk.shape))
    return pa.table({
        "currency": chosen(tuple(PRICES_MICRO), pair),
        "quote_currency": constant("CNY", len(pair)),
        "quoted_on": dates(plan.first - HISTORY_DAYS + day),
        "rate_micro": amounts(np.rint(start * np.exp(walk)).astype(np.int64).ravel()),
    })  # fmt: skip
