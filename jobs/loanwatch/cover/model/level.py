"""How the level of prices moved: a smooth curve through what traits do not explain, carried on as in the same weeks before.

Regions with enough sales have a curve of their own, on top of that of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from loanwatch.cover.model.traits import Floats, Text

STEP_DAYS, SMOOTH_DAYS, NOW_DAYS = 15, 30.0, 40.0
YEAR_DAYS, YEARS = 365, 2  # so many years tell the season
SHORTEST_DAYS = 180  # of sales: what is shorter has one level
FAR = 1.5  # logarithms from the median are no matter of the market
REGION_SALES = 1000  # fewer do not tell how a region moved


@dataclass(frozen=True)
class Level:
    """The logarithm of the level: up to `last` as it was, in the year after as it is carried on, then by a `slope` a day."""

    days: Floats
    logs: Floats
    slope: float = 0.0

    def at(self, on: Floats) -> Floats:
        """On days, in the past or to come."""
        beyond = np.maximum(on - self.days[-1], 0)
        result: Floats = np.interp(on, self.days, self.logs) + self.slope * beyond
        return result


@dataclass(frozen=True)
class Levels:
    """The level of all regions together, and by how much those with enough sales departed from it."""

    whole: Level
    regions: Mapping[str, Level] = field(default_factory=dict)

    def at(self, on: Floats, region: Text) -> Floats:
        """On days, by region."""
        result = self.whole.at(on)
        for name, own in self.regions.items():
            here = region.eq(name).to_numpy()
            result[here] += own.at(on[here])
        return result


def levels(on: Floats, unexplained: Floats, region: Text, last: float) -> Levels:
    """As `level`, of all and of each region apart."""
    whole = level(on, unexplained, last)
    rest, many = unexplained - whole.at(on), region.value_counts()
    apart = [] if len(many) < 2 else sorted(many.index[many >= REGION_SALES])
    return Levels(whole, {name: level(on[here], rest[here], last) for name in apart if (here := region.eq(name).to_numpy()).any()})


def flat(day: float) -> Level:
    """A market that has not moved."""
    return Level(np.array([day]), np.zeros(1))


def level(on: Floats, unexplained: Floats, last: float) -> Level:
    """From the days of sales up to `last` and the logarithms that their traits leave unexplained."""
    middle = np.median(unexplained)
    if last - on.min() < SHORTEST_DAYS:
        return Level(np.array([last]), np.array([middle]))
    near = np.clip(unexplained, middle - FAR, middle + FAR)
    past = np.arange(on.min(), last, STEP_DAYS)
    was = np.array([_smooth(on, near, day, SMOOTH_DAYS) for day in past])
    recent = on > last - YEAR_DAYS
    slope = float(np.polyfit(on[recent] - last, near[recent], 1)[0]) if recent.sum() > 2 else 0.0
    ahead = np.arange(0.0, YEAR_DAYS + 1, STEP_DAYS)
    moves = _moves_before(on, near, last, ahead)
    carried = _smooth(on, near, last, NOW_DAYS) + (slope * ahead if moves is None else moves)
    return Level(np.append(past, last + ahead), np.append(was, carried), slope)


def _moves_before(on: Floats, near: Floats, last: float, ahead: Floats) -> Floats | None:
    """The mean move over so many days from this day of the years before; None where there is no whole year."""
    starts = [last - YEAR_DAYS * n for n in range(1, YEARS + 1) if last - YEAR_DAYS * n >= on.min()]
    if not starts:
        return None
    heights = np.array([[_smooth(on, near, start + day, SMOOTH_DAYS) for day in ahead] for start in starts])
    result: Floats = (heights - heights[:, :1]).mean(0)
    return result


def _smooth(on: Floats, values: Floats, day: float, width: float) -> float:
    """The height at the day of a line through the values near it: at an end it does not lag."""
    weight = np.exp(-0.5 * ((on - day) / width) ** 2) + 1e-12
    weight /= weight.sum()
    x = on - day
    middle, height = (weight * x).sum(), (weight * values).sum()
    spread = (weight * (x - middle) ** 2).sum()
    tilt = (weight * (x - middle) * (values - height)).sum() / spread if spread > 1 else 0.0
    return float(height - tilt * middle)
