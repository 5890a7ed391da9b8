"""Sales of comparable homes and vehicles on the market."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loanwatch.synth import traits, words
from loanwatch.synth.columns import amounts, constant, dates, numbered
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.market import BASE_BP, KINDS, VEHICLE, Market, age_left
from loanwatch.synth.plan import Plan, as_date

KIND_SHARES = (0.6, 0.1, 0.3)
A_DAY, HISTORY_DAYS = 0.0002, 730
HAGGLED, RELATED, CHEAPER = 0.12, 0.02, 0.6  # between relatives things go for less


def sale(plan: Plan, market: Market, sold: range, number: int) -> pa.Table:
    """`sale` rows of these days, numbered on from `number`."""
    draw = plan.stream("sale", sold.start, sold.stop)
    rows = int(draw.poisson(max(2.0, A_DAY * plan.loans) * len(sold)))
    sold_on = np.sort(draw.integers(sold.start, sold.stop, rows))
    kind, city = draw.choice(len(KINDS), rows, p=KIND_SHARES), draw.integers(0, len(words.CITIES), rows)
    age = draw.integers(0, np.where(kind == VEHICLE, 10, 30), rows)
    things = traits.drawn(draw, kind, city, age)
    related = draw.random(rows) < RELATED
    haggled = np.exp(HAGGLED * draw.standard_normal(rows)) * np.where(related, CHEAPER, 1)
    minor = things.new_minor() * age_left(kind, age) * market.at(kind, city, sold_on) / BASE_BP * haggled
    return pa.table({
        "sale_id": numbered("S", number + np.arange(rows), 9),
        "sold_on": dates(sold_on),
        "kind": chosen(KINDS, kind),
        "region": chosen(words.REGIONS, city),
        "price_minor": amounts(minor.astype(np.int64)),
        "currency": constant("CNY", rows),
        **things.columns(as_date(plan.first).year - age, decimals=4),
        "property_id": numbered("H", number + np.arange(rows), 9),
        "related": pa.array(related),
    })  # fmt: skip
