"""Data 07, 08 and 12 as files of the feed `sale`: sizes in square metres and kilometres, money in minor units.

Every assumption is here: in data 08 a house has one sale a day; asking prices are taken for sales of 30 June
2020, for the source states no day; exact repeats share a number, so that one of them counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pandas as pd

SQUARE_FEET = 10.7639  # of a square metre
KM, LITRE_MPG = 1.609344, 282_481  # millilitres on 100 km are so many over miles a gallon
CONDITIONS = ["Poor", "Fair", "Average", "Good", "Very Good"]
VIEWS = ["NONE", "FAIR", "AVERAGE", "GOOD", "EXCELLENT"]
FUELS = {"Petrol": "petrol", "Diesel": "diesel", "Hybrid": "hybrid", "Electric": "electric", "Other": "other"}
GEARS = {"Manual": "manual", "Automatic": "automatic", "Semi-Auto": "semi_automatic", "Other": "other"}


def seattle(folder: Path) -> pd.DataFrame:
    """35,209 sales of houses in Seattle, 2010 to 2015 (data 07)."""
    raw = pd.read_csv(folder / "07-house-sales-seattle" / "seattle_sales.csv.gz", parse_dates=["sale_date"])
    year = raw["sale_date"].dt.year
    return pd.DataFrame({
        "sale_id": raw["sale_id"].str.replace("..", "-", regex=False), "sold_on": raw["sale_date"].dt.strftime("%Y-%m-%d"),
        "kind": "house", "region": "seattle", "price_minor": raw["sale_price"] * 100, "currency": "USD",
        "built_year": year - raw["age"], "renovated_year": (year - raw["eff_age"]).where(raw["eff_age"] < raw["age"]),
        "size": _metres(raw["tot_sf"]), "plot_m2": _metres(raw["lot_sf"]), "district": raw["area"],
        "home_type": raw["use_type"].map({"sfr": "detached", "townhouse": "townhouse"}), "bedrooms": raw["beds"],
        "bath_quarters": raw["baths"] * 4, "grade": raw["bldg_grade"], "waterfront": raw["wfnt"].astype("Int64"),
        "latitude_e4": _degrees(raw["latitude"]), "longitude_e4": _degrees(raw["longitude"]),
        "property_id": raw["pinx"].str.removeprefix(".."),
    })  # fmt: skip


def king_county(folder: Path) -> pd.DataFrame:
    """21,597 sales of houses in King County, May 2014 to May 2015 (data 08)."""
    raw = pd.read_csv(folder / "08-house-sales-king-county" / "kc_house_data.csv.gz")
    sold = pd.to_datetime(raw["date"])
    renovated = raw["yr_renovated"].where(raw["yr_renovated"] > 0)
    basement = pd.to_numeric(raw["sqft_basement"], errors="coerce")
    return pd.DataFrame({
        "sale_id": raw["id"].astype(str) + "-" + sold.dt.strftime("%Y%m%d"), "sold_on": sold.dt.strftime("%Y-%m-%d"),
        "kind": "house", "region": "king-county", "price_minor": (raw["price"] * 100).astype("int64"), "currency": "USD",
        "built_year": raw["yr_built"], "renovated_year": renovated, "size": _metres(raw["sqft_living"]),
        "plot_m2": _metres(raw["sqft_lot"]), "basement_m2": _metres(basement), "district": raw["zipcode"],
        "bedrooms": raw["bedrooms"], "bath_quarters": raw["bathrooms"] * 4, "floors_half": raw["floors"] * 2,
        "grade": raw["grade"].astype(str).str.extract(r"(\d+)")[0], "condition": _place(raw["condition"], CONDITIONS),
        "view_grade": _place(raw["view"], VIEWS), "waterfront": raw["waterfront"].map({"YES": 1, "NO": 0}),
        "latitude_e4": _degrees(raw["lat"]), "longitude_e4": _degrees(raw["long"]), "property_id": raw["id"].astype(str),
    })  # fmt: skip


def uk_cars(folder: Path) -> pd.DataFrame:
    """99,187 asking prices of used cars of nine makes in the United Kingdom (data 12)."""
    paths = sorted((folder / "12-used-cars-uk").glob("*.csv.gz"))
    raw = pd.concat([pd.read_csv(path) for path in paths], ignore_index=True)
    told = raw.astype(str).agg("|".join, axis=1)
    return pd.DataFrame({
        "sale_id": [hashlib.sha256(text.encode()).hexdigest()[:16] for text in told], "sold_on": "2020-06-30",
        "kind": "vehicle", "region": "uk", "price_minor": raw["price"] * 100, "currency": "GBP",
        "built_year": raw["year"], "size": (raw["mileage"] * KM).round(), "make": raw["make"], "model": raw["model"].str.strip(),
        "fuel": raw["fuelType"].map(FUELS), "transmission": raw["transmission"].map(GEARS),
        "engine_cc": (raw["engineSize"] * 1000).round(), "consumption_ml": (LITRE_MPG / raw["mpg"]).round(),
        "road_tax_minor": raw["tax"] * 100,
    })  # fmt: skip


SOURCES: dict[str, Callable[[Path], pd.DataFrame]] = {"seattle": seattle, "king-county": king_county, "uk-cars": uk_cars}


def write(name: str, data: Path, folder: Path) -> Path:
    """A source as a CSV file that `loanwatch model test` takes."""
    rows = SOURCES[name](data)
    whole = {column: rows[column].round().astype("Int64") for column in rows if pd.api.types.is_float_dtype(rows[column])}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.csv"
    rows.assign(**whole).to_csv(path, index=False)
    return path


def _metres(feet: pd.Series) -> pd.Series:
    return (feet / SQUARE_FEET).round()


def _degrees(degrees: pd.Series) -> pd.Series:
    return (degrees * 10_000).round()


def _place(words: pd.Series, scale: list[str]) -> pd.Series:
    """The place of a word on a scale; where the copy at hand has numbers, these."""
    return words.map({word: place for place, word in enumerate(scale)}).fillna(pd.to_numeric(words, errors="coerce"))
