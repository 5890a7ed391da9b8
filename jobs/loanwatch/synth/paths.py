"""How people fare: most stay healthy, some come under stress, and of those some stop paying for good.

Stress is seen in behaviour from its first day; the missed instalments follow after a lead of some weeks.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from loanwatch.synth.plan import NEVER, Floats, Ints, Plan

STRESS_A_YEAR = 0.12
MILD, MEDIUM, SEVERE = range(3)
SEVERITY = (0.45, 0.25, 0.30)
LEAD_DAYS = (10, 60)  # the first missed due date follows up to a month after the lead
LENGTH_DAYS = np.array([(10, 40), (35, 85), (150, 330)])
NEVER_CURED = 0.85  # of the severe
SILENT = 0.12  # trouble without a sign beforehand
FALSE_ALARMS_A_YEAR, FALSE_ALARM_LEVEL = 0.10, 0.7
ECHO_DAYS = 45  # behaviour needs so long to recover after a cure


@dataclass(frozen=True)
class Paths:
    """A row per person: stress begins, instalments are missed from `misses_from` to `cured_on`; NEVER where not.

    `visible` is how much of the stress shows in behaviour, from 0 to 1; the dip is a false alarm.
    """

    stress_on: Ints
    misses_from: Ints
    cured_on: Ints
    visible: Floats
    dip_on: Ints
    dip_until: Ints

    def of(self, rows: Ints) -> Self:
        return replace(self, **{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def level(self, day: int) -> Floats:
        """How stressed each person looks on a day, from 0 to 1."""
        lead = np.maximum(self.misses_from - self.stress_on, 1)
        rise = np.clip((day - self.stress_on + 1) / (0.5 * lead), 0, 1)
        echo = np.clip(1 - (day - self.cured_on) / ECHO_DAYS, 0, 1)
        dip = (self.dip_on <= day) & (day < self.dip_until)
        return np.asarray(np.maximum(self.visible * rise * echo, FALSE_ALARM_LEVEL * dip))


def paths(plan: Plan, since: Ints) -> Paths:
    """A path for each person, from the day of the first loan on."""
    draw = plan.stream("paths")
    rows = len(since)
    stress_on = since + waiting_days(draw, STRESS_A_YEAR, rows)
    severity = draw.choice(len(SEVERITY), rows, p=SEVERITY)
    misses_from = stress_on + draw.integers(*LEAD_DAYS, rows)
    short, long = LENGTH_DAYS[severity].T
    cured_on = misses_from + short + (draw.random(rows) * (long - short)).astype(np.int64)
    cured_on[(severity == SEVERE) & (draw.random(rows) < NEVER_CURED)] = NEVER
    visible = np.where(draw.random(rows) < SILENT, 0.0, draw.uniform(0.5, 1.0, rows))
    dip_on = since + waiting_days(draw, FALSE_ALARMS_A_YEAR, rows)
    return Paths(
        stress_on=np.minimum(stress_on, NEVER),
        misses_from=np.minimum(misses_from, NEVER),
        cured_on=np.minimum(cured_on, NEVER),
        visible=visible,
        dip_on=dip_on,
        dip_until=dip_on + draw.integers(20, 60, rows),
    )


def waiting_days(draw: np.random.Generator, a_year: float, rows: int) -> Ints:
    """Days until something that happens so often a year happens first."""
    return np.asarray(draw.exponential(365 / a_year, rows).astype(np.int64))
