"""Indices chained: by levels, by changes, over a change of base and over gaps."""

from __future__ import annotations

from datetime import date
from math import exp, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanwatch.cover.chain import Chained, Published, chained


def month(n: int) -> date:
    return date(2020 + n // 12, n % 12 + 1, 1)


def levels(rows: list[Published], months: int = 1) -> dict[tuple[str, int], Chained]:
    return {(row.cell[0], (row.period_on.year - 2020) * 12 + row.period_on.month - 1): row for row in chained(rows, months)}


def test_levels_of_one_base_tell_any_move_even_over_a_gap() -> None:
    found = levels([Published(("a",), month(n), level_bp=bp) for n, bp in ((0, 8000), (1, 9000), (7, 12000))])
    assert [found["a", n].level for n in (0, 1, 7)] == pytest.approx([1, 9 / 8, 12 / 8], rel=1e-15)
    assert found["a", 7].bridged == 0


def test_changes_are_chained_and_a_new_base_is_no_fall() -> None:
    rows = [
        Published(("a",), month(0), 14_770, 10_020, "2015"), Published(("a",), month(1), 14_800, 10_020, "2015"),
        Published(("a",), month(2), 10_100, 10_050, "2020"), Published(("a",), month(3), 10_200, None, "2020"),
    ]  # fmt: skip
    found = levels(rows)
    expected = [1.0, 1480 / 1477, 1480 / 1477 * 1.005, 1480 / 1477 * 1.005 * 102 / 101]
    assert [found["a", n].level for n in range(4)] == pytest.approx(expected, rel=1e-15)


def test_a_missing_period_moves_as_the_others_did_and_is_marked() -> None:
    """City `a` is missing in March: `b` rose by 2 % then, `c` fell by 1 %; its own move into April is published."""
    rows = [Published(("a",), month(n), change_bp=10_100) for n in (0, 1, 3)]
    rows += [Published((name,), month(n), change_bp=bp) for name, bp in (("b", 10_200), ("c", 9_900)) for n in range(4)]
    found = levels(rows)
    usual = exp((log(1.02) + log(0.99)) / 2)
    assert found["a", 3].level == pytest.approx(1.01 * usual * 1.01, rel=1e-14)
    assert (found["a", 1].bridged, found["a", 3].bridged, found["b", 3].bridged) == (0, 1, 0)


def test_with_nobody_to_go_by_a_gap_does_not_move_but_is_marked() -> None:
    found = levels([Published(("a",), month(n), level_bp=10_000, base=base) for n, base in ((0, "2015"), (3, "2020"))])
    assert (found["a", 3].level, found["a", 3].bridged) == (1.0, 3)


def test_quarters() -> None:
    found = levels([Published(("a",), month(n), change_bp=11_000) for n in (0, 3, 9)], months=3)
    assert found["a", 9].level == pytest.approx(1.21, rel=1e-15)
    assert found["a", 9].bridged == 1


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(5_000, 20_000), min_size=2, max_size=30), st.sets(st.integers(1, 28)))
def test_levels_that_are_there_are_as_the_truth_has_them(truth: list[int], gone: set[int]) -> None:
    """Whatever is missing of the levels, those that are there are as the truth has them."""
    last = len(truth) - 1
    rows = [Published(("a",), month(n), level_bp=bp) for n, bp in enumerate(truth) if n not in gone or n == last]
    found = levels(rows)
    for (_, n), row in found.items():
        assert row.level == pytest.approx(truth[n] / truth[0], rel=1e-12)
        assert row.bridged == 0
