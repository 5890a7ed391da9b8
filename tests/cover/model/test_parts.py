"""Level, neighbours, intervals and figures, each against what it has to be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanwatch.cover.model.accuracy import accuracy
from loanwatch.cover.model.comparables import FADES_DAYS, FEW, MOST, NAMES, WIDTHS_KM, Comparables
from loanwatch.cover.model.interval import LIKELY, NEARLY_ALL, Values, _quantile, width_trees, widths
from loanwatch.cover.model.level import level
from loanwatch.cover.model.traits import EARTH_KM, place_of

DRAW = np.random.default_rng(5)


def test_the_level_follows_a_market_that_rises_and_carries_it_on() -> None:
    on = np.sort(DRAW.uniform(1000, 2500, 20_000))
    found = level(on, 0.0003 * (on - 1000) + 0.1 * DRAW.standard_normal(len(on)), 2500.0)
    asked = np.array([1100.0, 1800.0, 2450.0, 2500.0, 2560.0, 2590.0])
    assert found.at(asked) == pytest.approx(0.0003 * (asked - 1000), abs=0.01)


def test_sales_of_a_short_time_have_one_level() -> None:
    found = level(np.array([10.0, 60.0, 100.0]), np.array([1.0, 2.0, 30.0]), 120.0)
    assert set(found.at(np.array([0.0, 50.0, 120.0, 500.0]))) == {2.0}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 200))
def test_neighbours_equal_a_loop(seed: int, sales: int) -> None:
    draw = np.random.default_rng(seed)
    place, day = draw.uniform(0, 2, (sales, 3)), draw.integers(0, 900, sales).astype(float)
    beyond = draw.standard_normal(sales)
    asked, on = draw.uniform(0, 2, (5, 3)), draw.integers(0, 900, 5).astype(float)
    found = Comparables(place, day, beyond).of(asked, on)
    for row in range(len(on)):
        right = looped(place, day, beyond, asked[row], on[row])
        assert dict(zip(NAMES, found[row], strict=True)) == pytest.approx(right, nan_ok=True), row


def looped(place: np.ndarray, day: np.ndarray, beyond: np.ndarray, at: np.ndarray, on: float) -> dict[str, float]:
    near = sorted((math.dist(place[n], at), n) for n in range(len(day)))[:MOST]
    told = [(far, math.exp((day[n] - on) / FADES_DAYS), beyond[n]) for far, n in near if day[n] < on]
    right = {}
    for name, width in zip(NAMES, WIDTHS_KM, strict=False):
        weights = [math.exp(-0.5 * (far / width) ** 2) * fresh for far, fresh, _ in told]
        right[name] = sum(w * b for w, (_, _, b) in zip(weights, told, strict=True)) / (sum(weights) + FEW)
    few = [b for _, _, b in told[:5]]
    return right | {
        "sales_near": sum(weights), "nearest_km": told[0][0] if told else math.nan,
        "nearest_few": sum(few) / len(few) if few else math.nan, "nearest": few[0] if few else math.nan,
    }  # fmt: skip


def test_places_are_as_far_apart_as_on_the_globe() -> None:
    """A hundredth of a degree is 1.11 km to the north, and half of that to the east at 60 degrees."""
    import pandas as pd

    rows = pd.DataFrame({"latitude_e4": [600_000, 600_100, 600_000, None], "longitude_e4": [250_000, 250_000, 250_100, None]})
    here, north, east, nowhere = place_of(rows)
    a_hundredth = EARTH_KM * math.radians(0.01)
    assert math.dist(here, north) == pytest.approx(a_hundredth, rel=1e-4)
    assert math.dist(here, east) == pytest.approx(a_hundredth / 2, rel=1e-3)
    assert np.isnan(nowhere).all()


def test_bands_hold_the_share_of_prices_that_they_promise() -> None:
    """Where prices scatter three times as much for one half of the values, in both halves."""
    rough = DRAW.integers(0, 2, 90_000).astype(float)
    off = np.where(rough > 0, 0.24, 0.08) * DRAW.standard_normal(len(rough))
    matrix, fitted, told, fresh = rough[:, None], slice(0, 30_000), slice(30_000, 60_000), slice(60_000, None)
    value = np.full(len(rough), 500.0)
    price = value * np.exp(off)
    trees = width_trees(matrix[fitted], off[fitted], np.ones(30_000))
    sure = widths(trees, matrix[told], value[told], price[told])
    fsd, wide = sure.of(matrix[fresh])
    error = np.abs(price[fresh] / value[fresh] - 1)
    for half in (0, 1):
        of = rough[fresh] == half
        assert np.mean(error[of] <= fsd[of]) == pytest.approx(LIKELY, abs=0.02)
        assert np.mean(error[of] <= wide[of]) == pytest.approx(NEARLY_ALL, abs=0.02)
    assert np.median(fsd[rough[fresh] > 0]) == pytest.approx(0.24, abs=0.04)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.sampled_from([LIKELY, NEARLY_ALL]))
def test_the_quantile_covers_its_share_of_one_more(scores: list[int], share: float) -> None:
    """Of n and one more, whichever is left out, at least the share does not exceed that of the others."""
    if math.ceil(len(scores) * share) > len(scores) - 1:
        return
    kept = [
        scores[n] <= _quantile(np.array(scores[:n] + scores[n + 1 :], float), share) for n in range(len(scores))
    ]  # fmt: skip
    assert sum(kept) >= share * len(scores) - 1e-9


def test_figures_by_hand() -> None:
    """Errors of -20, -8, 0, 4 and 50 per cent."""
    price = np.full(5, 100.0)
    value = np.array([80.0, 92.0, 100.0, 104.0, 150.0])
    found = accuracy(value, price, Values(value, np.full(5, 0.05), np.full(5, 0.25)))
    assert (found.sales, found.median_error, found.within_5, found.within_10, found.within_20) == pytest.approx((5, 8, 40, 60, 80))
    assert (found.bias, found.likely, found.nearly_all) == pytest.approx((0, 40, 80))
