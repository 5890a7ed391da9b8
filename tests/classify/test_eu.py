"""Default, and performing and forborne in the EU: boundaries, and years of nights against a state machine in plain Python."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from classify.book import CLEAN, QUIET, SHIPPED, D, classed, sql_of
from classify.observation_reference import months_after

from loanwatch.classify.loan_class import loan_class

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DEFAULT, PERFORMANCE = SHIPPED["eu_default"], SHIPPED["eu_performance"]


@pytest.mark.parametrize(
    ("facts", "status", "floor"),
    [
        ({"material_days_past_due": 90}, "not_defaulted", "none"),
        ({"material_days_past_due": 91}, "defaulted", "EUD-1"),
        ({"material_days_past_due": 91, "technical": True}, "not_defaulted", "none"),
        ({"days_past_due": 400, "own_days_past_due": 400}, "not_defaulted", "none"),
        ({"credit_impaired": True}, "defaulted", "EUD-2"),
        ({"debtor": "firm", "debtor_default_bp": 1}, "defaulted", "EUD-4"),
        ({"debtor": "person", "debtor_default_bp": 2000}, "not_defaulted", "none"),
        ({"debtor": "person", "debtor_default_bp": 2001}, "defaulted", "EUD-5"),
        ({"eu_default_was": "defaulted", "eu_default_better_days": 89}, "defaulted", "EUD-6"),
        ({"eu_default_was": "defaulted", "eu_default_better_days": 90}, "not_defaulted", "none"),
        ({"eu_default_was": "defaulted", "eu_default_better_days": 364, "observed": True}, "defaulted", "EUD-6"),
        ({"eu_default_was": "defaulted", "eu_default_better_days": 365, "observed": True}, "not_defaulted", "none"),
    ],
)
def test_whether_a_loan_is_in_default(facts: dict[str, Any], status: str, floor: str) -> None:
    found = DEFAULT.decide({**QUIET, **facts})
    assert (found.word, found.floor, found.missing) == (status, floor, ())


def test_without_a_threshold_of_materiality_default_is_not_known() -> None:
    found = DEFAULT.decide({**QUIET, "material_days_past_due": None})
    assert (found.word, found.missing) == ("not_defaulted", ("material_days_past_due",))
    back = DEFAULT.decide({**QUIET, "material_days_past_due": None, "eu_default_was": "defaulted", "eu_default_better_days": 999})
    assert (back.word, back.kept) == ("defaulted", False)


def test_a_claim_in_default_pulls_a_firms_others_and_a_persons_beyond_a_fifth(spark: SparkSession) -> None:
    debtors = {"firm": ("firm", 1, 999), "fifth": ("person", 20, 80), "more": ("person", 21, 79), "mixed": ("person", 1, 99)}
    loans = []
    for name, (kind, bad, good) in debtors.items():
        of = {**CLEAN, "borrower_id": name, "debtor": kind, "material_days_past_due": 0}
        late = {"days_past_due": 91, "own_days_past_due": 91, "material_days_past_due": 91}
        loans += [{**of, **late, "loan_id": f"P01:{name}-bad", "balance_minor": bad, "currency": "EUR"}]
        loans += [{**of, "loan_id": f"P01:{name}-good", "balance_minor": good, "currency": "USD" if name == "mixed" else "EUR"}]
    found = {row["loan_id"].removeprefix("P01:"): row for row in classed(spark, loans).collect()}
    told = {name: (found[f"{name}-good"]["eu_default"], found[f"{name}-good"]["eu_default_missing"]) for name in debtors}
    assert told == {
        "firm": ("defaulted", []), "fifth": ("not_defaulted", []), "more": ("defaulted", []),
        "mixed": ("not_defaulted", ["debtor_default_bp"]),
    }  # fmt: skip
    assert {row["eu_default_floor"] for name, row in found.items() if name.endswith("bad")} == {"EUD-1"}


@dataclass(frozen=True)
class State:
    """What a night of the reference leaves: default and since when nothing gives it, forbearance, and the days of its story."""

    defaulted: bool = False
    default_better: date | None = None
    bad: bool = False  # non-performing
    forborne: bool = False
    fell: bool = False  # non-performing since it was forborne
    measured_on: date | None = None
    better: date | None = None  # since when only its past keeps the class of performance

    @property
    def word(self) -> str:
        if self.bad:
            return "forborne_non_performing" if self.forborne else "non_performing"
        return ("forborne_cured" if self.fell else "forborne_performing") if self.forborne else "performing"


def night(was: State, on: date, late: int | None, *, measure: bool) -> State:
    """Default by material days, then whether it performs: as CRR art. 178 and FINREP tell it, not as the floors do."""
    trigger = late is not None and late > 90
    now = replace(was, measured_on=on if measure else was.measured_on)
    # Default ends 90 days after the last trigger; an unknown day neither counts nor ends it.
    if trigger:
        now = replace(now, defaulted=True, default_better=None)
    elif was.defaulted and late is None:
        now = replace(now, default_better=None)
    elif was.defaulted:
        since = was.default_better or on
        over = (on - since).days >= 90
        now = replace(now, defaulted=not over, default_better=None if over else since)
    if trigger or was.defaulted:
        forborne = was.forborne or measure
        return replace(now, bad=True, forborne=forborne, fell=forborne, better=None)
    return (of_bad if was.bad else of_forborne)(now, was, on, late, measure=measure)


def of_bad(now: State, was: State, on: date, late: int | None, *, measure: bool) -> State:
    """It was non-performing, and nothing makes it so today."""
    if was.forborne:
        in_year = now.measured_on is not None and months_after(on, -12) < now.measured_on
        return replace(now, bad=in_year or late != 0, better=None)
    if measure:
        return replace(now, forborne=True, fell=True, better=None)
    return exit_of(now, was, on, late, days=90, then={"bad": False})


def of_forborne(now: State, was: State, on: date, late: int | None, *, measure: bool) -> State:
    """It performed, perhaps forborne."""
    if not was.forborne:
        return replace(now, forborne=measure, fell=False, better=None)
    if was.fell and (measure or (late or 0) > 30):
        return replace(now, bad=True, better=None)
    if measure or (late or 0) > 30:
        return replace(now, better=None if measure else was.better or on)
    return exit_of(now, was, on, late, days=730, then={"forborne": False, "fell": False})


def exit_of(now: State, was: State, on: date, late: int | None, *, days: int, then: dict[str, Any]) -> State:
    if late is None:
        return replace(now, better=None)
    since = was.better or on
    return replace(now, **then, better=None) if (on - since).days >= days else replace(now, better=since)


def test_years_of_nights_are_the_reference_s(spark: SparkSession) -> None:
    """150 loans over six years; each night reads what the night before wrote of it."""
    draw, loans, nights = Random(3), 150, [D]
    while nights[-1] < D + timedelta(2200):
        nights.append(nights[-1] + timedelta(draw.choice((20, 60, 89, 90, 91, 120))))
    schema = (
        "loan_id string, book_minor bigint, currency string, days_past_due int, material_days_past_due int, measured boolean, "
        "measured_in_year boolean, eu_default_was string, eu_default_better_days int, eu_performance_was string, "
        "eu_performance_better_days int"
    )
    given = sql_of({name: value for name, value in QUIET.items() if f"{name} " not in schema})
    schemes = {name: SHIPPED[name] for name in ("cn_five_class", "eu_default", "eu_performance")}
    states = [State()] * loans
    before: dict[str, tuple[str, date | None, str, date | None]] = {}
    spell: list[int | None] = [0] * loans
    seen = set()
    for on in nights:
        rows = []
        for n in range(loans):
            if draw.random() < 0.35:
                spell[n] = draw.choices((0, 30, 31, 90, 91, None), (60, 10, 10, 10, 14, 4))[0]
            measure = draw.random() < 0.06
            states[n] = night(states[n], on, spell[n], measure=measure)
            measured_on = states[n].measured_on
            in_year = measured_on is not None and months_after(on, -12) < measured_on
            default, default_since, performance, since = before.get(f"P01:{n}", ("not_defaulted", None, "performing", None))
            days = [(on - day).days if day else 0 for day in (default_since, since)]
            late = spell[n]
            rows.append((f"P01:{n}", 1, "EUR", late, late, measure, in_year, default, days[0], performance, days[1]))
        known = spark.createDataFrame(rows, schema).selectExpr("*", *given)
        names = ("loan_id", "eu_default", "eu_default_better_since", "eu_performance", "eu_performance_better_since")
        before = {row[0]: tuple(row)[1:] for row in loan_class(known, schemes, on).select(*names).collect()}  # type: ignore[misc]
        for n, state in enumerate(states):
            default, _, performance, _ = before[f"P01:{n}"]
            assert (default == "defaulted", performance) == (state.defaulted, state.word), (on, n, state, before[f"P01:{n}"])
        seen |= {state.word for state in states}
    assert seen == set(PERFORMANCE.classes.words)
