"""What age and distance leave of a vehicle's value: `business.prudence.vehicle_curve` of the settings, by fuel."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from loanwatch.codes import FUELS

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Days: TypeAlias = npt.NDArray[np.datetime64]

DEFAULT = "default"
DAYS_A_YEAR = 365
MID_YEAR = (7, 1)  # the month and day on which a vehicle of a year is taken to be new


class Curve(BaseModel):
    """What a vehicle loses in its first year, and of the rest in each later year, basis points."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first_year_bp: int = Field(ge=0, lt=10_000)
    later_bp: int = Field(ge=0, lt=10_000)


def _by_fuel(curves: dict[str, Curve]) -> dict[str, Curve]:
    if DEFAULT not in curves:
        raise ValueError(f"takes a {DEFAULT}: the curve of fuels that are not told, or have none of their own")
    if unknown := sorted(set(curves) - {DEFAULT, *FUELS.words}):
        raise ValueError(f"no fuel {', '.join(unknown)}; fuels: {DEFAULT}, {', '.join(FUELS.words)}")
    return curves


Curves = Annotated[dict[str, Curve], AfterValidator(_by_fuel)]
# domain.md 5.5. A published loss of a segment is a mean over makes; it says nothing of the years after the last published one.
CHINA = {
    DEFAULT: Curve(first_year_bp=3_400, later_bp=1_300), "petrol": Curve(first_year_bp=3_400, later_bp=1_300),
    "plug_in": Curve(first_year_bp=2_900, later_bp=2_900), "electric": Curve(first_year_bp=2_900, later_bp=2_900),
}  # fmt: skip


def ages(built_year: Ints, valued_on: Days, day: Days) -> tuple[Ints, Ints]:
    """Age in days when it was valued, and on a later day: from the middle of its year, or from a valuation before that."""
    month, first = MID_YEAR
    middle = (built_year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    new_on = np.minimum(middle.astype("datetime64[D]") + (first - 1), valued_on.astype("datetime64[D]"))
    return (valued_on - new_on).astype(np.int64), (day - new_on).astype(np.int64)


def left(curve: Curve, then_days: Ints, now_days: Ints) -> Floats:
    """What is left on a day of the value at an earlier age: the numbers of the column `cover.ageing.left`."""
    young = np.minimum(now_days, DAYS_A_YEAR) - np.minimum(then_days, DAYS_A_YEAR)
    old = np.maximum(now_days - DAYS_A_YEAR, 0) - np.maximum(then_days - DAYS_A_YEAR, 0)
    kept: Floats = kept_share(curve.first_year_bp) ** (young / DAYS_A_YEAR) * kept_share(curve.later_bp) ** (old / DAYS_A_YEAR)
    return kept


def kept_share(lost_bp: int) -> float:
    """What a loss of so many basis points leaves."""
    return (10_000 - lost_bp) / 10_000
