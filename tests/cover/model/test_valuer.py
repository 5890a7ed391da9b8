"""The model on drawn markets: near the truth, honest about how near, blind to what came later."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cover.model.markets import NOISE, homes, vehicles

from loanwatch.cover.model.artefact import Artefact, load, save
from loanwatch.cover.model.backtest import by_period, held_out, summed_up
from loanwatch.cover.model.traits import days
from loanwatch.cover.model.valuer import comparable, fit, learnt
from loanwatch.errors import DataError

START = date(2014, 7, 1)


def test_homes_are_valued_near_the_truth_period_by_period() -> None:
    """Noise alone makes a median error of 5.4 %; the level of the market goes on rising while a model is in use."""
    sales = comparable(homes(4000), "house")
    told = summed_up(list(by_period(sales, "house", START, date(2015, 1, 1), 3)))
    assert list(told) == ["2014Q3", "2014Q4", "in total", "median m²", "hedonic"]
    whole = told["in total"]
    assert whole.median_error < 100 * 0.6745 * NOISE * 1.25
    assert abs(whole.bias) < 2
    assert 60 < whole.likely < 76
    assert 84 < whole.nearly_all < 96
    assert whole.median_error < told["hedonic"].median_error < told["median m²"].median_error


def test_values_of_a_period_do_not_know_what_came_after_its_beginning() -> None:
    sales = comparable(homes(1500), "house")
    late = sales["sold_on"] >= pd.Timestamp(START)
    other = sales.assign(price_minor=np.where(late, 3 * sales["price_minor"], sales["price_minor"]))
    one, two = (next(by_period(of, "house", START, date(2015, 1, 1), 6)) for of in (sales, other))
    assert (one.values.value == two.values.value).all()
    assert (one.values.fsd == two.values.fsd).all()
    assert (two.sales["price_minor"] == 3 * one.sales["price_minor"]).all()


def test_the_same_sales_give_the_same_values_in_whatever_order_they_come() -> None:
    sales = homes(800)
    asked = homes(50, seed=2)
    shuffled = sales.sample(frac=1, random_state=3)
    until = float(days(sales["sold_on"]).max()) + 1
    fits = (fit(comparable(of, "house"), "house", until) for of in (sales, shuffled))
    one, two = (found.valuer.value(asked, days(asked["sold_on"])) for found in fits)
    assert (one.value == two.value).all()
    assert (one.wide == two.wide).all()


def test_more_of_what_is_good_never_makes_a_home_worth_less() -> None:
    """Size and grade, each alone, of every fifth home; a larger home on the same plot, with the same basement."""
    sales = comparable(homes(1500).assign(plot_m2=600, basement_m2=20), "house")
    market, _ = learnt(sales, "house", float(days(sales["sold_on"]).max()) + 1)
    for name, steps in (("size", range(30, 400, 10)), ("grade", range(1, 12))):
        asked = sales[::5].reset_index(drop=True)
        on, before = days(asked["sold_on"]), np.zeros(len(asked))
        for step in steps:
            rows = asked.assign(**{name: step})
            now = market.value(market.seen(rows, on), rows, on)
            assert (now >= before * (1 - 1e-9)).all(), (name, step)
            before = now
        assert (now > 1.2 * market.value(market.seen(low := asked.assign(**{name: steps[0]}), on), low, on)).all(), name


def falling(sales: pd.DataFrame) -> pd.DataFrame:
    """The same city with prices that fall by 8 % a year where the other's rise by a tenth."""
    year = days(sales["sold_on"]) / 365
    price = sales["price_minor"] * np.exp(-0.18 * (year - year.min()))
    return sales.assign(region="other", sale_id=sales["sale_id"] + "-other", price_minor=price.astype(np.int64))


def test_regions_that_move_apart_have_levels_of_their_own(tmp_path: Path) -> None:
    both = comparable(pd.concat([homes(3000), falling(homes(3000, seed=2))]), "house")
    (found,) = by_period(both, "house", START, date(2015, 1, 1), 6)
    price = found.sales["price_minor"].to_numpy()
    for region in ("city", "other"):
        here = found.sales["region"].eq(region).to_numpy()
        assert abs(np.median(found.values.value[here] / price[here]) - 1) < 0.02, region
    before = both[both["sold_on"] < pd.Timestamp(START)].reset_index(drop=True)
    model = fit(before, "house", float(days(pd.Series([pd.Timestamp(START)]))[0])).valuer
    again = load(tmp_path, save(Artefact(model, {}), tmp_path)).valuer
    assert (again.value(found.sales, days(found.sales["sold_on"])).value == found.values.value).all()


def test_a_region_with_few_sales_moves_with_all() -> None:
    few = comparable(pd.concat([homes(1200), falling(homes(500, seed=2))]), "house")
    assert set(learnt(few, "house", float(days(few["sold_on"]).max()) + 1)[0].level.regions) == {"city"}


def test_vehicles_of_one_time_are_valued_apart_from_those_that_the_model_saw() -> None:
    told = summed_up([held_out(comparable(vehicles(3000), "vehicle"), "vehicle")])
    whole = told["in total"]
    assert whole.median_error < 100 * 0.6745 * NOISE * 1.35
    assert abs(whole.bias) < 2
    assert 62 < whole.likely < 75
    assert 85 < whole.nearly_all < 95
    assert whole.median_error < told["straight line"].median_error


def test_a_make_never_seen_has_a_value_all_the_same() -> None:
    sales = comparable(vehicles(1200), "vehicle")
    model = fit(sales, "vehicle", float(days(sales["sold_on"]).max()) + 1).valuer
    asked = sales.head(20).assign(make="unheard of", model="thing")
    found = model.value(asked, days(asked["sold_on"]))
    assert np.isfinite(found.value).all()
    assert (found.value > 0).all()
    assert 0.2 < np.median(found.value / sales["price_minor"].head(20)) < 5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"currency": "USD"}, "in CNY and USD: a model is of one currency"),
        ({"related": True}, "299 sales of a house; a model takes"),
    ],
)
def test_what_is_no_market_is_refused(change: dict[str, object], said: str) -> None:
    sales = homes(300)
    for name, value in change.items():
        sales.loc[7, name] = value
    with pytest.raises(DataError, match=said):
        fit(comparable(sales, "house"), "house", 1e6)


@pytest.mark.parametrize("times", [1000.0, 0.001])
def test_a_price_a_thousand_times_its_neighbours_counts_for_nothing(times: float, caplog: pytest.LogCaptureFixture) -> None:
    """Fifteen such prices among 3,000 sales move values little more than leaving these sales away, by 0.09."""
    rows, asked = homes(3_000), homes(400, seed=9)
    slipped = rows.copy()
    slipped.loc[np.linspace(100, 2_900, 15).astype(int), "price_minor"] = (slipped["price_minor"] * times).astype(np.int64)
    until = float(days(rows["sold_on"]).max()) + 1
    on = np.full(len(asked), until)
    right, found = (fit(comparable(of, "house"), "house", until).valuer.value(asked, on).value for of in (rows, slipped))
    assert np.abs(found / right - 1).max() < 0.15  # where they count, a thousand times moves some by 0.41
    assert "kind=house sales=15 of=3000" in caplog.text
