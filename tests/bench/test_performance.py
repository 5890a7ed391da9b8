"""Figures of warnings against a count by hand and a plain loop, with hypothesis."""

from __future__ import annotations

from statistics import median

import numpy as np
import pytest
from bench.performance import Panel, top
from hypothesis import given
from hypothesis import strategies as st

HORIZON = 3


def panel(lives: list[list[tuple[bool, bool]]]) -> tuple[Panel, np.ndarray]:
    """Of each loan by month: whether raised, and whether the event comes then. Months in which it comes are left out."""
    rows = []
    for loan, life in enumerate(lives):
        events = [month for month, (_, comes) in enumerate(life) if comes]
        for month, (raised, comes) in enumerate(life):
            event = min((e for e in events if e > month), default=10**6)
            follows = event <= month + HORIZON
            if not comes and (follows or month + HORIZON < len(life)):
                rows.append((loan, month, follows, event, raised))
    loan, month, follows, event, raised = (np.array(column) for column in zip(*rows, strict=True))
    return Panel(loan, month, follows, event), raised


def test_figures_counted_by_hand() -> None:
    no, up, event = (False, False), (True, False), (False, True)
    told, raised = panel([
        [no, no, up, up, up, event],  # months 2 to 4 raised, all of them within three months: lead 3
        [up, no, no, no, no, no, no],  # a false alarm
        [no, no, no, no, event],  # not warned of: months 1 to 3 missed
    ])  # fmt: skip
    found = told.measure(raised)
    months = 5  # 0 to 4 of the first; of the others what can be judged lies within
    assert found.alerts_a_month == pytest.approx(4 / months)
    assert found.precision.value == pytest.approx(3 / 4)
    assert found.caught.value == pytest.approx(3 / 6)
    assert found.warned.value == pytest.approx(1 / 2)
    assert found.lead.value == 3
    assert found.precision.low < found.precision.value < found.precision.high


@given(st.lists(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=5, max_size=12), min_size=1, max_size=6))
def test_events_warned_and_leads_equal_a_plain_loop(lives: list[list[tuple[bool, bool]]]) -> None:
    lives = [[*life, *[(False, False)] * (HORIZON + 1)] for life in lives]
    told, raised = panel(lives)
    seen = {(loan, month): up for loan, month, up in zip(told.loan, told.month, raised, strict=True)}
    leads, events = [], 0
    for loan, life in enumerate(lives):
        for event in (month for month, (_, comes) in enumerate(life) if comes):
            since = max((m + 1 for m in range(event) if life[m][1]), default=0)  # the event before
            before = [m for m in range(max(since, event - HORIZON), event) if (loan, m) in seen]
            events += bool(before)
            lead = []
            for month in (m for m in before if seen[loan, m]):
                first = month
                while seen.get((loan, first - 1)):
                    first -= 1
                lead.append(event - first)
            leads += [max(lead)] if lead else []
    found = told.measure(raised)
    assert found.warned.value == pytest.approx(len(leads) / events if events else float("nan"), nan_ok=True)
    assert found.lead.value == pytest.approx(median(leads) if leads else float("nan"), nan_ok=True)


def test_the_top_is_the_highest_scores_and_ties_are_by_lot() -> None:
    score = np.array([1.0, 5.0, 3.0, 5.0, 0.0, 3.0, 3.0, 3.0])
    assert set(np.flatnonzero(top(score, 0.25))) == {1, 3}
    assert top(score, 0.5).sum() == 4 and top(score, 0.5)[[1, 3]].all() and not top(score, 0.5)[[0, 4]].any()
