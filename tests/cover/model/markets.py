"""Drawn markets of which the true price is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

NOISE = 0.08


def homes(rows: int, seed: int = 1, years: int = 3) -> pd.DataFrame:
    """Houses of one city: by size, grade, age and a hill in the middle of it; the market rises by a tenth a year."""
    draw = np.random.default_rng(seed)
    day = np.sort(draw.integers(0, 365 * years, rows))
    size, grade, age = draw.integers(50, 250, rows), draw.integers(1, 10, rows), draw.integers(0, 80, rows)
    north, east = draw.uniform(47.5, 47.7, rows), draw.uniform(-122.4, -122.2, rows)
    sold = pd.Timestamp("2012-01-01") + pd.to_timedelta(day, unit="D")
    told = 9 + 0.9 * np.log(size) + 0.08 * grade - 0.003 * age + 0.1 * day / 365
    told += 0.4 * np.exp(-(((north - 47.6) / 0.03) ** 2) - ((east + 122.3) / 0.03) ** 2)
    price = np.exp(told + NOISE * draw.standard_normal(rows))
    return pd.DataFrame({
        "sale_id": [f"S{n:06}" for n in range(rows)], "sold_on": sold, "kind": "house", "region": "city", "currency": "CNY",
        "price_minor": (100 * price).astype(np.int64), "size": size, "grade": grade, "built_year": sold.year - age,
        "latitude_e4": (north * 10_000).astype(int), "longitude_e4": (east * 10_000).astype(int), "related": None,
    })  # fmt: skip


def vehicles(rows: int, seed: int = 1) -> pd.DataFrame:
    """Cars of three makes with twelve models each on one day: a sixth is lost each year, less what has been run."""
    draw = np.random.default_rng(seed)
    make, model, age = draw.integers(0, 3, rows), draw.integers(0, 12, rows), draw.integers(0, 12, rows)
    run = (age * 12_000 + draw.integers(100, 12_000, rows)).astype(int)
    told = 11.5 + 0.3 * make + 0.07 * model - age / 6 - run / 400_000 + NOISE * draw.standard_normal(rows)
    return pd.DataFrame({
        "sale_id": [f"V{n:06}" for n in range(rows)], "sold_on": pd.Timestamp("2020-06-30"), "kind": "vehicle", "region": "uk",
        "currency": "GBP", "price_minor": (100 * np.exp(told)).astype(np.int64), "size": run, "built_year": 2020 - age,
        "make": [f"make-{m}" for m in make], "model": [f"m{m}" for m in model], "fuel": "petrol", "transmission": "manual",
    })  # fmt: skip
