"""How the level of prices moved: a smooth curve through what traits do not explain, carried on by its slope of a year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loanwatch.cover.model.traits import Floats

STEP_DAYS, SMOOTH_DAYS, NOW_DAYS, SLOPE_DAYS = 30, 45.0, 40.0, 365
SHORTEST_DAYS = 180  # of sales: what is shorter has one level
FAR = 1.5  # logarithms from the median are no matter of the market


@dataclass(frozen=True)
class Level:
    """The logarithm of the level: on `days` as it was, after the last of them `now` and a `slope` a day."""

    days: Floats
    logs: Floats
    now: float = 0.0
    slope: float = 0.0

    def at(self, on: Floats) -> Floats:
        """On days, in the past or to come."""
        ahead = on - self.days[-1]
        result: Floats = np.where(ahead > 0, self.now + self.slope * ahead, np.interp(on, self.days, self.logs))
        return result


def flat(day: float) -> Level:
    """A market that has not moved."""
    return Level(np.array([day]), np.zeros(1))


def level(on: Floats, unexplained: Floats, last: float) -> Level:
    """From the days of sales up to `last` and the logarithms that their traits leave unexplained."""
    if last - on.min() < SHORTEST_DAYS:
        return Level(np.array([last]), np.array([np.median(unexplained)]), float(np.median(unexplained)))
    middle = np.median(unexplained)
    near = np.clip(unexplained, middle - FAR, middle + FAR)
    days = np.append(np.arange(on.min(), last, STEP_DAYS), last)
    logs = np.array([_smooth(on, near, day, SMOOTH_DAYS) for day in days])
    recent = on > last - SLOPE_DAYS
    slope = np.polyfit(on[recent] - last, near[recent], 1)[0] if recent.sum() > 2 else 0.0
    return Level(days, logs, _smooth(on, near, last, NOW_DAYS), float(slope))


def _smooth(on: Floats, values: Floats, day: float, width: float) -> float:
    """The height at the day of a line through the values near it: at an end it does not lag."""
    weight = np.exp(-0.5 * ((on - day) / width) ** 2) + 1e-12
    weight /= weight.sum()
    x = on - day
    middle, height = (weight * x).sum(), (weight * values).sum()
    spread = (weight * (x - middle) ** 2).sum()
    tilt = (weight * (x - middle) * (values - height)).sum() / spread if spread > 1 else 0.0
    return float(height - tilt * middle)
