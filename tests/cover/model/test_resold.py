"""What was sold before, on a drawn market where homes in disrepair are sold cheap and, soon mended, dear."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from cover.model.markets import homes

from loanwatch.cover.model.resold import DRAWN, MOVED, UNMOVED, resold
from loanwatch.cover.model.traits import days
from loanwatch.cover.model.valuer import Market, comparable, learnt

START = pd.Timestamp("2014-07-01")


def sold_twice() -> pd.DataFrame:
    """A third of the homes is sold again within 5 to 8 months; of these half had been sold for 30 % less than worth."""
    first = homes(3000).assign(property_id=[f"P{n}" for n in range(3000)])
    again, cheap = first.index % 3 == 0, first.index % 6 == 0
    draw = np.random.default_rng(7)
    held = draw.integers(150, 240, 3000)
    second = first.assign(sold_on=first["sold_on"] + pd.to_timedelta(held, unit="D"), sale_id=first["sale_id"] + "-2")
    second["price_minor"] = (second["price_minor"] * np.exp(0.1 * held / 365)).astype(np.int64)
    first.loc[cheap, "price_minor"] = (first.loc[cheap, "price_minor"] * 0.7).astype(np.int64)
    return comparable(pd.concat([first, second[again]], ignore_index=True), "house")


@pytest.fixture(scope="module")
def market() -> tuple[pd.DataFrame, pd.DataFrame, Market]:
    sales = sold_twice()
    before, asked = (sales[of].reset_index(drop=True) for of in (sales["sold_on"] < START, sales["sold_on"] >= START))
    return before, asked, learnt(before, "house", float(days(pd.Series([START]))[0]))[0]


def test_each_sale_has_the_last_price_before_of_the_same_home(market: tuple[pd.DataFrame, pd.DataFrame, Market]) -> None:
    before, asked, model = market
    told = resold(before, asked, model)
    last = [before.loc[before["property_id"] == of, "price_minor"].tolist()[-1:] for of in asked["property_id"]]
    expected = np.array([price[0] if price else np.nan for price in last], np.float64)
    assert np.allclose(told[UNMOVED], expected, equal_nan=True)
    for said in told.values():
        assert (np.isfinite(said) == np.isfinite(expected)).all()
    assert 100 < np.isfinite(expected).sum() < len(asked)


def test_a_price_is_moved_with_the_market_and_drawn_to_what_traits_are_worth(
    market: tuple[pd.DataFrame, pd.DataFrame, Market],
) -> None:
    before, asked, model = market
    told = resold(before, asked, model)
    known = np.isfinite(told[MOVED])
    sold = before.drop_duplicates("property_id", keep="last").set_index("property_id")["sold_on"]
    then, on = days(asked["property_id"].map(sold)[known]), days(asked["sold_on"])[known]
    assert np.allclose(told[MOVED][known], told[UNMOVED][known] * np.exp(model.level.whole.at(on) - model.level.whole.at(then)))
    error = {name: np.abs(np.log(said[known] / asked["price_minor"].to_numpy()[known])) for name, said in told.items()}
    assert np.median(error[DRAWN]) < 0.6 * np.median(error[MOVED])


def test_a_sale_of_the_same_day_is_no_earlier_one_and_without_numbers_nothing_is_told(
    market: tuple[pd.DataFrame, pd.DataFrame, Market],
) -> None:
    before, _asked, model = market
    once = before.drop_duplicates("property_id")
    assert all(np.isnan(said).all() for said in resold(once, once, model).values())
    assert resold(before, before.drop(columns="property_id"), model) == {}
    assert resold(before, before.assign(property_id=None), model) == {}
