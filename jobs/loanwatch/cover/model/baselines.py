"""What a value has to be better than: what anybody could say with a table of medians, or a plain regression."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from loanwatch.cover.model.traits import DAYS_A_YEAR, KINDS, Floats, days

LOST_A_YEAR, LEAST_LEFT = 0.10, 0.05  # of the new price
Baseline = Callable[[pd.DataFrame, pd.DataFrame, str], Floats]


def square_metre(before: pd.DataFrame, sales: pd.DataFrame, kind: str) -> Floats:
    """The region's median per square metre of the last year."""
    recent = before[before["sold_on"] >= before["sold_on"].max() - pd.Timedelta(days=365)]
    rate = (recent["price_minor"] / recent["size"]).groupby(recent["region"]).median()
    result: Floats = (sales["region"].map(rate) * sales["size"]).to_numpy(np.float64)
    return result


def model_and_year(before: pd.DataFrame, sales: pd.DataFrame, kind: str) -> Floats:
    """The median of make, model and year; of make and model where none is of that year."""
    found = _median(before, sales, ["make", "model", "built_year"])
    result: Floats = np.where(np.isnan(found), _median(before, sales, ["make", "model"]), found)
    return result


def straight_line(before: pd.DataFrame, sales: pd.DataFrame, kind: str) -> Floats:
    """The price of the newest year of make and model, less a tenth of it a year."""
    newest = before.groupby(["make", "model"])["built_year"].transform("max")
    new = _median(before[before["built_year"] == newest], sales, ["make", "model"])
    age = (sales["sold_on"].dt.year - sales["built_year"]).to_numpy(np.float64)
    result: Floats = new * np.maximum(1 - LOST_A_YEAR * np.maximum(age, 0), LEAST_LEFT)
    return result


def hedonic(before: pd.DataFrame, sales: pd.DataFrame, kind: str) -> Floats:
    """A linear regression of the logarithm of the price on all traits and the day."""
    frames = [_traits(rows, kind) for rows in (before, sales)]
    known = [name for name in frames[0] if frames[0][name].notna().any()]
    numbers = [name for name in known if frames[0][name].dtype != object]
    words = [name for name in known if name not in numbers]
    told = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
        (make_pipeline(SimpleImputer(strategy="constant", fill_value="?"), OneHotEncoder(handle_unknown="ignore")), words),
    )
    plain = make_pipeline(told, Ridge(1.0)).fit(frames[0], np.log(before["price_minor"].to_numpy(np.float64)))
    result: Floats = np.exp(plain.predict(frames[1]))
    return result


def _traits(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    on = days(rows["sold_on"])
    traits = KINDS[kind](rows, on)
    return pd.DataFrame({**traits.numbers, "year": on / DAYS_A_YEAR, **traits.words})


def _median(before: pd.DataFrame, sales: pd.DataFrame, by: list[str]) -> Floats:
    median = before.groupby(by)["price_minor"].median().rename("median").reset_index()
    result: Floats = sales[by].merge(median, on=by, how="left")["median"].to_numpy(np.float64)
    return result


HOME: dict[str, Baseline] = {"median m²": square_metre, "hedonic": hedonic}
VEHICLE: dict[str, Baseline] = {
    "model, year": model_and_year, "straight line": straight_line, "hedonic": hedonic,
}  # fmt: skip
BASELINES = {"house": HOME, "flat": HOME, "vehicle": VEHICLE}
