"""What age and distance leave of a vehicle's value: figures by hand, and the same numbers by numpy."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from frames import frame
from pydantic import ValidationError

from loanwatch.admit import feeds
from loanwatch.cover import ageing
from loanwatch.depreciation import Curve, ages, left
from loanwatch.settings import Prudence

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
PRUDENCE = Prudence()
CURVES = {**PRUDENCE.vehicle_curve, "default": Curve(first_year_bp=2000, later_bp=1000)}
CAR: dict[str, Any] = {"kind": "vehicle", "fuel": "petrol", "built_year": 2023, "valued_on": date(2023, 7, 1)}


def computed(spark: SparkSession, rows: list[dict[str, Any]]) -> list[tuple[float | None, float | None]]:
    """Curve and mileage of each, in order."""
    assets = [{"asset_id": f"{n:03}", **{k: v for k, v in row.items() if k != "valued_on"}} for n, row in enumerate(rows)]
    days = [(f"{n:03}", row["valued_on"]) for n, row in enumerate(rows)]
    joined = frame(spark, feeds.ASSET, assets).join(spark.createDataFrame(days, "asset_id string, valued_on date"), on="asset_id")
    columns = ageing.left(CURVES, D).alias("left"), ageing.worn(PRUDENCE).alias("worn")
    return [(row["left"], row["worn"]) for row in joined.orderBy("asset_id").select(*columns).collect()]


def test_a_vehicle_loses_along_the_curve_of_its_fuel(spark: SparkSession) -> None:
    """Petrol loses 34 % in its first year, then 13 %; electric 29 %; here any other 20 %, then 10 %."""
    cases: list[tuple[dict[str, Any], float | None]] = [
        ({}, 0.66 * 0.87 ** (244 / 365)),
        ({"valued_on": D}, 1.0),
        ({"valued_on": date(2024, 6, 30)}, 0.87 ** (244 / 365)),  # a year old when valued
        ({"built_year": 2024, "valued_on": date(2024, 7, 1)}, 0.66 ** (243 / 365)),
        ({"built_year": 2024, "valued_on": date(2024, 1, 1)}, 0.66 * 0.87 ** (60 / 365)),  # new when valued, before mid-year
        ({"built_year": 2026, "valued_on": date(2024, 12, 1)}, 0.66 ** (90 / 365)),
        ({"built_year": 2020, "valued_on": date(2024, 3, 1), "fuel": "electric"}, 0.71),
        ({"valued_on": date(2024, 6, 30), "fuel": "diesel"}, 0.9 ** (244 / 365)),
        ({"valued_on": date(2024, 6, 30), "fuel": None}, 0.9 ** (244 / 365)),
        ({"fuel": None}, 0.8 * 0.9 ** (244 / 365)),
        ({"built_year": None}, None),
        ({"valued_on": None}, None),
        ({"kind": "house"}, None),
        ({"kind": None}, None),
    ]
    found = computed(spark, [CAR | given for given, _ in cases])
    for (given, expected), (factor, _) in zip(cases, found, strict=True):
        assert factor == (None if expected is None else pytest.approx(expected, rel=1e-12)), given


def test_more_kilometres_than_usual_take_3_2_percent_for_each_10_000(spark: SparkSession) -> None:
    """Told a year after it was valued as new: 15,000 km are usual, and a day's 41 km more in a leap year."""
    told = {"valid_from": date(2024, 6, 30)}
    cases: list[tuple[dict[str, Any], float | None]] = [
        (told | {"size": 35_000}, 0.968**2),
        (told | {"size": 20_000}, 0.968**0.5),
        (told | {"size": 15_000}, 1.0),
        (told | {"size": 10}, 1.0),  # may be an old reading
        (told | {"size": 9_999_999}, 0.968**20),  # a slip of the pen does not take all
        (told, None),
        ({"valid_from": date(2023, 7, 1), "size": 35_000}, None),  # known when it was valued
        (told | {"size": 35_000, "built_year": 2022}, None),  # what it had run when valued is in its value
        (told | {"size": 35_000, "built_year": None}, None),
        (told | {"size": 35_000, "kind": "flat"}, None),
    ]
    found = computed(spark, [CAR | given for given, _ in cases])
    for (given, expected), (_, factor) in zip(cases, found, strict=True):
        assert factor == (None if expected is None else pytest.approx(expected, rel=1e-12)), given


def test_numpy_gives_the_numbers_of_the_column(spark: SparkSession) -> None:
    draw = np.random.default_rng(1)
    rows = [
        CAR | {"built_year": int(year), "valued_on": D - timedelta(int(days))}
        for year, days in zip(draw.integers(2000, 2027, 300), draw.integers(0, 4000, 300), strict=True)
    ]
    found = [factor for factor, _ in computed(spark, rows)]
    valued_on = np.array([row["valued_on"] for row in rows], "datetime64[D]")
    then, now = ages(np.array([row["built_year"] for row in rows]), valued_on, np.full(len(rows), D, "datetime64[D]"))
    assert len(set(found)) > 250
    assert np.allclose(left(CURVES["petrol"], then, now), np.array(found), rtol=1e-14, atol=0)


def test_a_curve_is_declared_for_fuels_and_a_default() -> None:
    curve = Curve(first_year_bp=1000, later_bp=500)
    assert Prudence(vehicle_curve={"default": curve, "gas": curve}).vehicle_curve["gas"] == curve
    with pytest.raises(ValidationError, match="takes a default"):
        Prudence(vehicle_curve={"gas": curve})
    with pytest.raises(ValidationError, match="no fuel coal; fuels: default, petrol"):
        Prudence(vehicle_curve={"default": curve, "coal": curve})
    with pytest.raises(ValidationError, match="less than 10000"):
        Curve(first_year_bp=10_000, later_bp=0)
