"""What homes and vehicles are like: places, sizes and makes, and how much more or less these are worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loanwatch import codes
from loanwatch.synth import words
from loanwatch.synth.columns import amounts
from loanwatch.synth.columns import words as chosen
from loanwatch.synth.market import HOUSE, NEW_VEHICLE_MINOR, VEHICLE, age_left, square_metre_minor
from loanwatch.synth.plan import Flags, Ints

Floats = npt.NDArray[np.float64]

HOME_TYPES, FUELS, TRANSMISSIONS = codes.HOME_TYPES.words, codes.FUELS.words, codes.TRANSMISSIONS.words
DISTRICT_FACTORS = np.array([1.25, 1.15, 1.05, 0.95, 0.85, 0.75])  # of words.DISTRICTS, the first the middle of the city
GRADES, A_GRADE = 5, 0.06
MAKES = ("BYD", "Geely", "Volkswagen", "Toyota", "Chery", "BMW")
MAKE_FACTORS = np.array([0.9, 0.8, 1.0, 1.05, 0.65, 2.1])
MODELS = ("A", "B", "C", "D")
MODEL_FACTORS = np.array([0.75, 0.95, 1.15, 1.4])
SMALLEST, LARGEST = 30, 400
KM_A_YEAR = 13_000


@dataclass(frozen=True)
class Things:
    """Homes and vehicles, a row each."""

    kind: Ints
    city: Ints
    age: Ints
    size: Ints
    district: Ints
    grade: Ints
    make: Ints
    model: Ints
    spot: Floats  # within the district, by two axes

    @property
    def is_vehicle(self) -> Flags:
        return np.asarray(self.kind == VEHICLE)

    def new_minor(self) -> Floats:
        """What they cost new when the index is at its base."""
        home = DISTRICT_FACTORS[self.district] * (1 + A_GRADE * (self.grade - (GRADES + 1) / 2))
        vehicle = MAKE_FACTORS[self.make] * MODEL_FACTORS[self.model] * NEW_VEHICLE_MINOR
        result: Floats = np.where(self.is_vehicle, vehicle, home * self.size * square_metre_minor(self.city))
        return result

    def columns(self, built_year: Ints, decimals: int) -> dict[str, pa.Array]:
        """The columns that the feeds `asset` and `sale` share."""
        home, house = ~self.is_vehicle, self.kind == HOUSE
        centre = np.array([(place.latitude, place.longitude) for place in words.CITIES])[self.city]
        turn = self.district * np.pi / 3
        out = 0.04 * (self.district > 0)[:, None] * np.column_stack([np.sin(turn), np.cos(turn)]) + self.spot
        degrees = np.rint((centre + out) * 10**decimals).astype(np.int64)
        engine = 1_200 + 200 * self.model + 200 * (MAKE_FACTORS[self.make] > 1)
        told = {
            "built_year": (built_year, home | ~home), "size": (self.size, home | ~home),
            "plot_m2": (3 * self.size, house), "basement_m2": (self.size // 5, house), "bedrooms": (1 + self.size // 35, home),
            "bath_quarters": (4 + 4 * (self.size > 110), home), "floors_half": (np.where(house, 4, 2), home),
            "grade": (self.grade, home), "condition": (np.maximum(GRADES - self.age // 8, 1), home),
            "view_grade": (self.grade // 2, home), "renovated_year": (built_year + 15, home & (self.age > 18)),
            "engine_cc": (engine, ~home), "consumption_ml": (4 * engine, ~home),
            f"latitude_e{decimals}": (degrees[:, 0], home), f"longitude_e{decimals}": (degrees[:, 1], home),
        }  # fmt: skip
        numbers = {name: pa.array(values.astype(np.int32), mask=~there) for name, (values, there) in told.items()}
        texts = {
            "district": (words.DISTRICTS, self.district, home),
            "make": (MAKES, self.make, ~home), "model": (MODELS, self.model, ~home),
            "home_type": (HOME_TYPES, np.where(house, HOME_TYPES.index("detached"), HOME_TYPES.index("flat")), home),
            "fuel": (FUELS, np.where(self.make == 0, FUELS.index("electric"), FUELS.index("petrol")), ~home),
            "transmission": (TRANSMISSIONS, self.model % 2, ~home),
        }  # fmt: skip
        spoken = {name: _where(chosen(of, place), there) for name, (of, place, there) in texts.items()}
        tax = amounts(engine * 30, home)
        return {**numbers, **spoken, "waterfront": pa.array(self.grade == GRADES, mask=~home), "road_tax_minor": tax}


def drawn(draw: np.random.Generator, kind: Ints, city: Ints, age: Ints) -> Things:
    """Of each kind and age in each city, at random."""
    return _drawn(draw, kind, city, age, draw.integers(45, 180, len(kind)))


def worth(draw: np.random.Generator, kind: Ints, city: Ints, age: Ints, minor: Ints, level: Floats) -> Things:
    """Homes as large as it takes to be worth so much at a level of prices, give or take a tenth."""
    things = _drawn(draw, kind, city, age, np.ones(len(kind), np.int64))
    one = things.new_minor() * age_left(kind, age) * level
    size = np.clip(minor / one * np.exp(0.1 * draw.standard_normal(len(kind))), SMALLEST, LARGEST).astype(np.int64)
    return Things(**{**vars(things), "size": np.where(things.is_vehicle, things.size, size)})


def _drawn(draw: np.random.Generator, kind: Ints, city: Ints, age: Ints, square_metres: Ints) -> Things:
    rows = len(kind)
    run = age * KM_A_YEAR + draw.integers(10, 15_000, rows)
    return Things(
        kind, city, age, np.where(kind == VEHICLE, run, square_metres), draw.integers(0, len(DISTRICT_FACTORS), rows),
        draw.integers(1, GRADES + 1, rows), draw.integers(0, len(MAKES), rows), draw.integers(0, len(MODELS), rows),
        0.015 * draw.standard_normal((rows, 2)),
    )  # fmt: skip


def _where(texts: pa.Array, there: Flags) -> pa.Array:
    return pc.if_else(pa.array(there), texts, pa.scalar(None, pa.string()))
