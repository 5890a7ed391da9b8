"""What customers do from day to day, and how stress shows in it: less spending and salary, more inquiries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from loanwatch.synth.paths import Paths
from loanwatch.synth.plan import Flags, Floats, Ints, as_date
from loanwatch.synth.population import Persons


class Habit(NamedTuple):
    """A kind of behaviour: how often a day, how often more on such a day, the amount in monthly incomes (0: none).

    `stress` is by how much frequency changes under full stress, `stress_amount` the amount; -0.5 halves it.
    """

    kind: str
    a_day: float
    stress: float
    more_times: float = 0.0
    of_income: float = 0.0
    stress_amount: float = 0.0


HABITS = (
    Habit("spend", 0.165, -0.55, 0.8, 0.03, -0.35),
    Habit("inflow", 0.045, -0.50, 0.2, 0.15, -0.40),
    Habit("outflow", 0.045, 0.35, 0.2, 0.14, 0.10),
    Habit("login", 0.125, -0.50, 0.6),
    Habit("social", 0.080, -0.60, 1.0),
    Habit("inquiry", 0.004, 9.0, 0.1),
    Habit("bounce", 0.0015, 20.0, 0.1),
    Habit("device_change", 0.0008, 3.0),
    Habit("address_change", 0.0004, 5.0),
)
KINDS = ("salary", *(habit.kind for habit in HABITS))
SALARY, INFLOW, ADDRESS_CHANGE = map(KINDS.index, ("salary", "inflow", "address_change"))
WEEKEND_FACTOR = 1.25
PAY_MISSED, PAY_CUT = 0.5, 0.3  # under full stress


@dataclass(frozen=True)
class Behaviour:
    """One day's rows of one partner: customer, kind, how often, total amount (0 where no money moves)."""

    customer: Ints
    kind: Ints
    times: Ints
    amount_minor: Ints


@dataclass(frozen=True)
class Watched:
    """A partner's customers, a row each: who they are, how they fare, how active they are, and while they owe."""

    persons: Persons
    path: Paths
    activity: Floats
    since: Ints
    until: Ints


def behaviour(draw: np.random.Generator, people: Watched, day: int) -> Behaviour:
    """What customers with a loan did on a day."""
    here = np.flatnonzero((people.since <= day) & (day <= people.until))
    stress = people.path.level(day)[here]
    income = people.persons.income_minor[here]
    often = people.activity[here] * (WEEKEND_FACTOR if as_date(day).weekday() >= 5 else 1.0)
    payday, weekday = people.persons.payday[here], people.persons.serial[here] % 7
    monthly, weekly = payday == as_date(day).day, (payday == 0) & (weekday == as_date(day).weekday())
    parts = [pay(draw, SALARY, monthly, stress, income, 0.05), pay(draw, INFLOW, weekly, stress, income * 7 // 30, 0.2)]
    parts += [habitual(draw, kind, habit, often, stress, income) for kind, habit in enumerate(HABITS, 1)]
    together = Behaviour(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    return Behaviour(here[together.customer], together.kind, together.times, together.amount_minor)


def pay(
    draw: np.random.Generator, kind: int, due: Flags, stress: Floats, earned: Ints, spread: float
) -> tuple[Ints, Ints, Ints, Ints]:
    """Rows of those who were paid: a salary by the month, or by the week where there is none."""
    row = np.flatnonzero(due & (draw.random(len(due)) >= PAY_MISSED * stress))
    minor = earned[row] * (1 - PAY_CUT * stress[row]) * np.exp(spread * draw.standard_normal(len(row)))
    return row, np.full(len(row), kind), np.ones(len(row), np.int64), minor.astype(np.int64)


def habitual(
    draw: np.random.Generator, kind: int, habit: Habit, often: Floats, stress: Floats, income: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """Rows of those who did one kind of thing."""
    row = np.flatnonzero(draw.random(len(often)) < habit.a_day * often * (1 + habit.stress * stress))
    times = 1 + draw.poisson(habit.more_times, len(row))
    minor = np.zeros(len(row), np.int64)
    if habit.of_income:
        typical = times * habit.of_income * income[row] * (1 + habit.stress_amount * stress[row])
        minor = (typical * np.exp(0.6 * draw.standard_normal(len(row)))).astype(np.int64) + 1
    return row, np.full(len(row), kind), times, minor
