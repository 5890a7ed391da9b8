"""What classes remember: stories over years of nights by the reference, and each of many single nights by Spark."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from classify.observation_reference import Memory, Seen, months_after, night
from frames import frame
from hypothesis import given, settings
from hypothesis import strategies as st

from loanwatch.admit import feeds
from loanwatch.balance.tables import LOAN_DAY, ROLL_OVER
from loanwatch.classify.observation import observation
from loanwatch.classify.tables import LOAN_CLASS, OBSERVATION
from loanwatch.codes import CLASSES, LOAN_EVENTS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

START = date(2023, 1, 10)
DUE = [months_after(date(2022, 12, 31), n) for n in range(60)]  # month ends, a leap year among them


def nights(
    days: int, missed: dict[date, date], changes: dict[date, str], classes: dict[date, str] | None = None
) -> Iterator[tuple[date, Memory | None]]:
    """Nights of a loan due at month ends; `missed` due dates and the day each was paid on, `classes` from a day on."""
    memory: Memory | None = None
    for day in (START + timedelta(n) for n in range(days)):
        unpaid = [due for due, paid_on in missed.items() if due < day < paid_on]
        past_due = (day - min(unpaid)).days if unpaid else 0
        told = [word for since, word in (classes or {}).items() if since < day]
        by_days = "substandard" if past_due > 91 else "special_mention" if past_due > 1 else "normal"
        seen = Seen(
            day, past_due, past_due, False, min(unpaid, default=None), next(due for due in DUE if due > day), date(2022, 1, 1),
            False, {on: kind for on, kind in changes.items() if on <= day}, told[-1] if told else by_days,
        )  # fmt: skip
        memory = night(memory, seen)
        yield day, memory


def observed(*story: Any) -> dict[date, Memory]:
    return {day: memory for day, memory in nights(*story) if memory and memory.observed}


def test_a_restructured_loan_is_observed_for_a_year_from_the_first_repayment_date_after_it() -> None:
    found = observed(900, {}, {date(2023, 2, 10): "restructuring"})
    assert (min(found), max(found)) == (date(2023, 2, 10), date(2024, 2, 28))
    assert found[date(2023, 3, 1)].observed_from == date(2023, 2, 28)
    leap = observed(900, {}, {date(2024, 2, 10): "restructuring"})
    assert (leap[date(2024, 3, 1)].observed_from, max(leap)) == (date(2024, 2, 29), date(2025, 2, 28))


def test_a_miss_within_restarts_it_from_the_miss_and_one_on_its_last_day_too() -> None:
    change = {date(2023, 2, 10): "restructuring"}
    missed = observed(1200, {date(2023, 6, 30): date(2023, 7, 3)}, change)
    assert (max(missed), missed[date(2023, 7, 1)].restarts) == (date(2024, 6, 30), 1)
    twice = {date(2023, 6, 30): date(2023, 8, 9), date(2023, 7, 31): date(2023, 8, 9)}
    assert max(observed(1200, twice, change)) == date(2024, 7, 31)
    last = observed(1200, {date(2024, 1, 31): date(2024, 2, 2), date(2024, 2, 29): date(2024, 3, 3)}, change)
    assert max(last) > date(2025, 1, 31)


def test_what_is_non_performing_within_or_changed_again_begins_again() -> None:
    change = {date(2023, 2, 10): "restructuring"}
    worse = observed(1200, {}, change, {date(2023, 5, 5): "substandard", date(2023, 9, 9): "special_mention"})
    assert (worse[date(2023, 5, 6)].observed_from, max(worse)) == (date(2023, 5, 6), date(2024, 5, 6))
    to_its_end = observed(1200, {}, change, {date(2023, 5, 5): "substandard"})
    assert to_its_end[date(2024, 5, 7)].restarts == 2
    again = observed(1200, {}, {**change, date(2023, 8, 1): "restructuring"})
    assert [again[day].restructurings for day in (date(2023, 7, 31), date(2023, 8, 1))] == [1, 2]
    assert max(again) == date(2024, 8, 31)


def test_an_extension_is_a_restructuring_in_financial_difficulty_only() -> None:
    change = {date(2023, 3, 5): "extension"}
    assert not observed(200, {}, change)
    assert observed(200, {date(2023, 2, 28): date(2023, 3, 9)}, change)
    assert observed(200, {}, change, {date(2023, 3, 1): "special_mention"})
    assert not observed(200, {date(2023, 4, 30): date(2023, 5, 20)}, change)  # trouble that came after it


def test_how_long_all_has_been_paid_is_remembered_of_what_is_non_performing() -> None:
    missed = {date(2023, 1, 31): date(2023, 6, 1)}
    found = dict(nights(400, missed, {}, {date(2023, 5, 5): "substandard"}))
    assert found[date(2023, 5, 31)] is not None and found[date(2023, 5, 31)].clear_since is None
    later = found[date(2023, 12, 1)]
    assert later is not None and (later.clear_since, later.clear_periods) == (date(2023, 6, 1), 6)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 25), st.integers(1, 40)), max_size=4),
    st.lists(st.integers(0, 800), min_size=1, max_size=3),
)
def test_it_never_ends_within_a_year_of_a_change_or_a_miss(misses: list[tuple[int, int]], changes: list[int]) -> None:
    missed = {DUE[place]: DUE[place] + timedelta(days) for place, days in misses}
    changed = {START + timedelta(day): "restructuring" for day in changes}
    told = list(nights(1000, missed, changed))
    for (_, one), (day, other) in itertools.pairwise(told):
        if one and one.observed and not (other and other.observed):
            assert not [on for on in changed if day >= on > months_after(day, -12)]
            late = [due for due, paid_on in missed.items() if paid_on > due + timedelta(1)]
            assert not [due for due in late if day > due > months_after(day, -12)]


def drawn(draw: Random, day: date) -> tuple[Memory | None, Seen]:
    """A state and a night of a loan; any that the types allow."""
    def on(low: int, high: int) -> date | None:
        return draw.choice([None, day + timedelta(draw.randint(low, high))])

    observed, begun = draw.random() < 0.6, day - timedelta(draw.choice([0, 10, 364, 365, 366, 367, 500, -20]))
    before = Memory(
        draw.random() < 0.4, observed, begun - timedelta(draw.choice([20, 9])) if observed else on(-800, -1),
        begun - timedelta(20) if observed else on(-800, -1), draw.randint(1, 3) if observed else 0,
        begun if observed else None, draw.randint(0, 2) if observed else 0, draw.randint(0, 14) if observed else 0,
        on(-300, -1), draw.randint(0, 7), on(-40, -1), draw.choice([None, day, day + timedelta(9), day - timedelta(3)]),
    )  # fmt: skip
    days = draw.choice([None, 0, 0, 0, 1, 29, 91])
    own = draw.choice([None, days, days, 0, 40])
    changes = {day - timedelta(draw.choice([0, 1, 200, 500, 729, 731, 735])): draw.choice(["restructuring", "extension", "holiday"])
               for _ in range(draw.choice([0, 0, 0, 1, 2]))}  # fmt: skip
    seen = Seen(
        day, days, own, draw.choice([None, False, False, True]), day - timedelta(days) if days else None,
        draw.choice([None, day + timedelta(1), day + timedelta(25)]), day - timedelta(draw.randint(0, 900)),
        draw.random() < 0.1, changes, draw.choice([None, *CLASSES.words, "normal", "normal"]),
    )  # fmt: skip
    return draw.choice([None, before, before]), seen


def test_spark_remembers_as_the_reference_does(spark: SparkSession) -> None:
    day, draw = date(2025, 2, 28), Random(7)
    cases = {f"P01:{n}": drawn(draw, day) for n in range(3000)}
    loans, over, events, classes, states = [], [], [], [], []
    for loan_id, (before, seen) in cases.items():
        of = {"loan_id": loan_id}
        columns = ("days_past_due", "own_days_past_due", "technical", "unpaid_since", "next_due_on", "opened_on")
        loans.append(of | {name: getattr(seen, name) for name in columns})
        over += [of | {"carried_since": day}] if seen.rolled_past_due else [of] if draw.random() < 0.1 else []
        events += [of | {"event_id": f"E{n}", "kind": kind, "happened_on": on} for n, (on, kind) in enumerate(seen.changes.items())]
        events += [of | {"kind": draw.choice(["technical", "lawsuit"])}] if draw.random() < 0.3 else []
        classes += [of | {"five_class": seen.class_before}] if seen.class_before else []
        states += [of | asdict(before)] if before else []
    assert {"restructuring", "extension", "holiday"} <= {event["kind"] for event in events} <= set(LOAN_EVENTS.words)
    found = observation(
        frame(spark, LOAN_DAY, loans), frame(spark, ROLL_OVER, over), frame(spark, feeds.LOAN_EVENT, events),
        frame(spark, LOAN_CLASS, classes), frame(spark, OBSERVATION, states), day,
    )  # fmt: skip
    told = {row["loan_id"]: Memory(**{k: v for k, v in row.asDict().items() if k != "loan_id"}) for row in found.collect()}
    for loan_id, (before, seen) in cases.items():
        assert told.get(loan_id) == night(before, seen), (before, seen)
    assert len(told) > 1000 and len({replace(memory, clear_since=None) for memory in told.values()}) > 500
