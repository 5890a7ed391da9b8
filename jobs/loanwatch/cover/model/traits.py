"""Houses and vehicles as numbers: a row an object on a day, a column a trait; what is not known is NaN."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Words = dict[str, list[str]]
Text: TypeAlias = "pd.Series[Any]"

EARTH_KM = 6371.0
DAYS_A_YEAR = 365.25
UNIX = np.datetime64("1970-01-01", "D")


@dataclass(frozen=True)
class Traits:
    """Numbers by name, and words by name, which trees split as sets."""

    numbers: dict[str, Floats]
    words: dict[str, Text] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return [*self.numbers, *self.words]

    def vocabulary(self) -> Words:
        """The words of each column, each once, in order: a word's place is its number."""
        return {name: sorted(values.dropna().unique()) for name, values in self.words.items()}

    def matrix(self, vocabulary: Words) -> Floats:
        """All columns; a word that is not in the vocabulary is not known."""
        columns: list[Floats] = list(self.numbers.values())
        for name, values in self.words.items():
            places = {word: place for place, word in enumerate(vocabulary[name])}
            columns.append(np.asarray(values.map(places), np.float64))
        return np.column_stack(columns)


def days(on: Text) -> Floats:
    """Days since 1970."""
    result: Floats = (on.to_numpy("datetime64[D]") - UNIX).astype(np.float64)
    return result


def place_of(rows: pd.DataFrame) -> Floats:
    """Where on the globe, kilometres from its middle along three axes; NaN where there are no coordinates."""
    latitude, longitude = (np.radians(_degrees(rows, name)) for name in ("latitude", "longitude"))
    out = np.cos(latitude)
    return EARTH_KM * np.column_stack([out * np.cos(longitude), out * np.sin(longitude), np.sin(latitude)])


def home(rows: pd.DataFrame, on: Floats) -> Traits:
    """Of houses and flats."""
    of = _numbers(rows)
    size, plot, beds, baths = of("size"), of("plot_m2"), of("bedrooms"), of("bath_quarters")
    year = _year(on)
    north, east = _degrees(rows, "latitude"), _degrees(rows, "longitude")
    built = of("built_year")
    return Traits(
        {
            "log_size": _log(size), "log_plot": _log(plot), "density": _log(size) - _log(plot), "bedrooms": beds, "baths": baths,
            "baths_a_bedroom": baths / np.maximum(beds, 1), "floors": of("floors_half"), "grade": of("grade"),
            "condition": of("condition"), "view_grade": of("view_grade"), "waterfront": of("waterfront"),
            "basement": of("basement_m2") / size,
            "age": year - built, "effective_age": year - np.fmax(built, of("renovated_year")),
            "north": north, "east": east, "north_east": north + east, "south_east": east - north,
        },
        {name: _text(rows, name) for name in ("region", "district", "home_type")},
    )  # fmt: skip


def vehicle(rows: pd.DataFrame, on: Floats) -> Traits:
    """Of vehicles: a make and model in ever finer kinds, from the fuel to what tells one trim from another."""
    of = _numbers(rows)
    age, run = _year(on) - of("built_year"), of("size")
    make, fuel, gears = (_text(rows, name) for name in ("make", "fuel", "transmission"))
    model = _joined(make, _text(rows, "model"))
    engine, thirst, tax = (_text(rows, name) for name in ("engine_cc", "consumption_ml", "road_tax_minor"))
    built = _joined(model, fuel, gears, engine)
    return Traits(
        {
            "age": age, "run": run, "log_run": np.log1p(run), "run_a_year": run / (age + 0.5), "engine": of("engine_cc"),
            "consumption": of("consumption_ml"), "tax": of("road_tax_minor"),
        },
        {
            "region": _text(rows, "region"), "make": make, "model": model, "fuel": fuel, "transmission": gears, "built": built,
            "trim": _joined(built, thirst, tax), "model_year": _joined(model, _text(rows, "built_year")),
        },
    )  # fmt: skip


def _numbers(rows: pd.DataFrame) -> Callable[[str], Floats]:
    def of(name: str) -> Floats:
        if name not in rows:
            return np.full(len(rows), np.nan)
        return pd.to_numeric(rows[name]).to_numpy(np.float64, na_value=np.nan)

    return of


def _degrees(rows: pd.DataFrame, name: str) -> Floats:
    of = _numbers(rows)
    fine, coarse = of(f"{name}_e4") / 10_000, of(f"{name}_e3") / 1_000
    return np.where(np.isnan(fine), coarse, fine)


def _text(rows: pd.DataFrame, name: str) -> Text:
    """Words as they are told; numbers as words."""
    values = rows[name] if name in rows else [None] * len(rows)
    return pd.Series([None if pd.isna(value) else str(value) for value in values], dtype="object")


def _joined(first: Text, *rest: Text) -> Text:
    """Words side by side; not known where the first is not."""
    for part in rest:
        first = first + "|" + part.fillna("?")
    return first


def _log(values: Floats) -> Floats:
    return np.log(np.where(values > 0, values, np.nan))


def _year(on: Floats) -> Floats:
    return np.floor(on / DAYS_A_YEAR) + 1970


# What more of never makes a home worth less (1) or more (-1); density and basement share move with its size, and would undo it.
_HOME_SIGNS = {"log_size": 1, "density": 1, "grade": 1, "condition": 1, "view_grade": 1, "waterfront": 1, "basement": -1}
SIGNS: dict[str, dict[str, int]] = {"house": _HOME_SIGNS, "flat": _HOME_SIGNS, "vehicle": {}}
KINDS: dict[str, Callable[[pd.DataFrame, Floats], Traits]] = {"house": home, "flat": home, "vehicle": vehicle}
