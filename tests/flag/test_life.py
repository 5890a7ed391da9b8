"""Warnings over many nights against the plain reference, and their events folded; every history a row of one frame."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flag.life_reference import Life, Review, Terms
from flag.nights import Nights, Rows, reviewed, rules_of
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from loanwatch.flag.tables import WARNING, WARNING_EVENT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
NIGHTS = 10
TERMS = (Terms(0, 0, 30), Terms(3, 0, 4), Terms(0, 5, 2), Terms(2, 3, 0))
RULES = rules_of(*[
    {"raise_after_days": of.raise_after, "clear_after_days": of.clear_after, "cool_down_days": of.cool_down} for of in TERMS
])  # fmt: skip
COMPARED = (
    "state", "colour", "opened_on", "coloured_on", "worsened_on", "times_reopened", "cleared_on", "remembered_until",
    "respond_by", "ended_because",
)  # fmt: skip
DECIDED = ("hidden", "answered_on", "confirmed_on", "override_colour", "shown_colour", "overdue")
FOLDED = tuple(name for name in COMPARED if name != "opened_on")  # a run of days may have begun under a warning of before

outcomes = st.sampled_from(
    ["amber"] * 4 + ["red"] * 3 + ["exit"] * 5 + ["unknown"] * 3 + ["between", "absent", "no_basis", "not_applicable"]
)
# An outcome lasts a night or some: runs of days are what a life is made of.
histories = st.lists(st.tuples(outcomes, st.integers(1, 3)), min_size=NIGHTS, max_size=NIGHTS).map(
    lambda runs: [saw for saw, nights in runs for _ in range(nights)][:NIGHTS]
)
decisions = st.tuples(
    st.integers(0, 3), st.integers(0, 30), st.sampled_from(["confirm", "snooze", "snooze", "dismiss", "recolour"]),
    st.sampled_from(["amber", "red"]), st.integers(0, 12),
)  # fmt: skip
stories = st.tuples(histories, st.lists(decisions, max_size=5))


def reviews_of(name: str, decided: list[tuple[int, int, str, str, int]]) -> list[tuple[int, Review]]:
    found = []
    for number, (rule, after, decision, colour, lasts) in enumerate(decided):
        on = D + timedelta(after)
        expires_on = None if decision == "confirm" else on + timedelta(lasts)
        found.append((rule, Review(on, number, decision, colour if decision == "recolour" else None, expires_on)))
    return found


@settings(max_examples=1, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(
    st.lists(stories, min_size=60, max_size=60),
    st.lists(st.sampled_from([1, 1, 1, 2, 3]), min_size=NIGHTS, max_size=NIGHTS),
)
def test_every_life_is_the_reference_s_and_its_events_fold_to_it(spark: SparkSession, told: list[Any], gaps: list[int]) -> None:
    line = Nights(spark, RULES, storms_kept=False)
    reviews = {f"P01:{n}": reviews_of(f"P01:{n}", decided) for n, (_, decided) in enumerate(told)}
    rows = [
        reviewed(name, r.decided_on, r.decision, r.number, rule_id=f"R{rule}", colour=r.colour, expires_on=r.expires_on,
                 sender_id=name)
        for name, of_loan in reviews.items() for rule, r in of_loan
    ]  # fmt: skip
    lives = {(f"R{rule}", name): Life(terms) for rule, terms in enumerate(TERMS) for name in reviews}
    folded: dict[tuple[str, str], dict[str, Any]] = {}
    day = D
    for night, gap in enumerate(gaps):
        day += timedelta(gap)
        saw = {f"P01:{n}": history[night] for n, (history, _) in enumerate(told)}
        found = {(row["rule_id"], row["subject_id"]): row for row in line.night(day, saw, rows)}
        for (rule, name), life in lives.items():
            life.night(day, saw[name])
            got = found.get((rule, name), {"state": "none"})
            assert got["state"] == life.state, (rule, name, day)
            if life.state != "none":
                compare(got, life, day, [r for of, r in reviews[name] if f"R{of}" == rule])
        fold(folded, line.tables[WARNING_EVENT], day)
        assert {key: {name: of[name] for name in FOLDED} for key, of in folded.items()} == {
            key: {name: row[name] for name in FOLDED} for key, row in found.items()
        }
        assert {key: of["opened_on"] for key, of in folded.items() if of["state"] != "pending"} == {
            key: row["opened_on"] for key, row in found.items() if row["state"] != "pending"
        }


def compare(got: dict[str, Any], life: Life, day: date, reviews: list[Review]) -> None:
    right = {name: life.facts.get(name) for name in COMPARED} | {"state": life.state}
    decided = life.decided(day, reviews)
    assert {name: got[name] for name in COMPARED} == right, (got, day)
    assert {name: got[name] for name in DECIDED} == {name: decided[name] for name in DECIDED}, (got, day, reviews)


def fold(folded: dict[tuple[str, str], dict[str, Any]], events: Rows, day: date) -> None:
    """A night's events on what those of the nights before gave."""
    for key in [key for key, of in folded.items() if of["remembered_until"] and of["remembered_until"] < day]:
        del folded[key]
    for event in sorted(events, key=lambda event: event["event"] not in ("pending", "raised", "reopened")):
        key, what = (event["rule_id"], event["subject_id"]), event["event"]
        if event["state"] is None:
            del folded[key]
            continue
        of = folded.setdefault(key, dict.fromkeys(COMPARED) | {"times_reopened": 0})
        of.update(state=event["state"], respond_by=event["respond_by"], remembered_until=event["remembered_until"])
        if what in ("pending", "raised", "reopened", "escalated", "eased"):
            of.update(colour=event["colour_now"], coloured_on=day, ended_because=None)
        if what in ("pending", "raised", "reopened", "escalated"):
            of["worsened_on"] = day
        if what in ("pending", "raised"):
            of.update(opened_on=day, times_reopened=0, cleared_on=None)
        if what == "reopened":
            of["times_reopened"] += 1
        if what in ("cleared", "dropped"):
            of.update(cleared_on=day, ended_because=event["reason"])


def test_no_unknown_raises_or_clears_anything(spark: SparkSession) -> None:
    """Whatever a night left, one on which nothing is known leaves all warnings where they were."""
    line = Nights(spark, RULES, storms_kept=False)
    first = [("amber", "red"), ("red", "amber"), ("amber", "exit"), ("amber", "between"), ("exit", "amber"), ("exit", "unknown")]
    for n in range(2):
        line.night(D + timedelta(n), {f"P01:{i}": saw[n] for i, saw in enumerate(first)})
    names = ("rule_id", "subject_id", "state", "colour", "opened_on", "coloured_on", "clearing_since", "raised_since", "respond_by")
    before = sorted([tuple(str(row[name]) for name in names) for row in line.tables[WARNING]])
    assert {row[2] for row in before} == {"pending", "open", "curing", "cleared"}
    remembered = [row for row in before if row[2] != "cleared"]
    for n in (2, 3, 39):
        found = line.night(D + timedelta(n), {f"P01:{i}": "unknown" for i in range(len(first))})
    now = sorted([tuple(str(row[name]) for name in names) for row in found])
    assert now == remembered
