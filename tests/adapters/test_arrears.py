"""From months late to schedules: an independent reading of what was sent shows the statuses, the money, the balances."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from loanwatch.adapters.arrears import MonthEnd, Schedules, spans

BASE, ASKED = -8, 100


@dataclass
class Reader:
    """One loan as its receiver sees it: the newest word on each month, all money that came in."""

    instalments: dict[int, tuple[int, int]] = field(default_factory=dict)
    money: int = 0

    def oldest_unpaid(self, through: int) -> int | None:
        """The oldest month up to `through` that money does not cover, the oldest first."""
        left = self.money
        for month, amounts in sorted(self.instalments.items()):
            left -= sum(amounts)
            if left < 0:
                return month if month <= through else None
        return None

    def principal_paid(self, through: int) -> int:
        """Principal of what is covered; instalments are covered whole or not at all."""
        oldest = self.oldest_unpaid(max(self.instalments, default=0))
        return sum(p for month, (p, _) in self.instalments.items() if oldest is None or month < oldest)


Told = tuple[int, int, int]  # months unpaid (0 = none), principal paid, interest asked


def follow(months: list[Told | None], regular: bool = False, paid_as_asked: bool = False) -> None:
    """One loan through its months; None = the file does not speak of it."""
    schedules, reader, loan, paid_in = Schedules(1, BASE, len(months)), Reader(), np.array([0]), 0
    for month, told in enumerate(months):
        if told is None:
            continue
        unpaid, paid, interest = told
        yes = np.array([regular])
        sent, money = schedules.month_end(MonthEnd(
            month, loan, np.array([month - unpaid]), None if paid_as_asked else np.array([paid]), np.array([ASKED]),
            np.array([interest]), regular=yes, forgiven=np.array([False]),
        ))  # fmt: skip
        rows = zip(sent.month.tolist(), sent.principal.tolist(), sent.interest.tolist(), strict=True)
        reader.instalments |= {number: (principal, of_interest) for number, principal, of_interest in rows}
        reader.money += int(money[0])
        paid_in += paid
        assert money[0] >= 0
        assert all(sum(amounts) >= 0 for amounts in reader.instalments.values())
        assert reader.oldest_unpaid(month) == (month - unpaid + 1 if unpaid else None)
        assert schedules.paid_principal[0] == reader.principal_paid(month)
        if not paid_as_asked:
            assert schedules.paid_principal[0] == paid_in


MONTHS = st.lists(st.none() | st.tuples(st.integers(0, 7), st.integers(0, 500), st.integers(0, 30)), min_size=1, max_size=14)


@settings(deadline=None)
@given(MONTHS, st.booleans())
def test_any_course_of_statuses_is_shown_as_it_was_told(months: list[Told | None], regular: bool) -> None:
    follow(months, regular)


@settings(deadline=None)
@given(MONTHS)
def test_without_amounts_what_is_made_up_is_what_was_asked(months: list[Told | None]) -> None:
    follow(months, paid_as_asked=True)


def test_new_terms_take_in_what_was_unpaid_without_money() -> None:
    schedules, one = Schedules(1, BASE, 4), np.array([0])
    no, yes = np.array([False]), np.array([True])
    zero, asked, interest = np.array([0]), np.array([ASKED]), np.array([7])
    schedules.month_end(MonthEnd(0, one, np.array([-3]), zero, asked, interest, yes, no))
    sent, money = schedules.month_end(MonthEnd(1, one, np.array([1]), zero, asked, interest, yes, forgiven=yes))
    assert money.tolist() == [0]
    made_up = sent.month <= 1
    assert sent.month[made_up].tolist() == [-2, -1, 0, 1]
    assert (sent.principal[made_up] + sent.interest[made_up]).tolist() == [0] * 4
    assert sent.month[~made_up].tolist() == [2]


def test_what_was_made_up_for_nothing_and_is_unpaid_after_all_is_asked_for_again() -> None:
    follow([(3, 0, 0), (0, 0, 0), (2, 0, 0), (0, 5, 0), (1, 0, 0)])


def test_each_month_of_a_regular_loan_has_its_interest_told_of_or_not() -> None:
    schedules, one, no, yes = Schedules(1, BASE, 4), np.array([0]), np.array([False]), np.array([True])
    zero, asked, interest = np.array([0]), np.array([ASKED]), np.array([7])
    schedules.month_end(MonthEnd(0, one, np.array([0]), zero, asked, interest, yes, no))
    sent, money = schedules.month_end(MonthEnd(3, one, np.array([3]), np.array([90]), asked, interest, yes, no))
    assert sent.month.tolist() == [1, 2, 3, 4]
    assert sent.principal.tolist() == [30, 30, 30, ASKED]
    assert money.tolist() == [90 + 3 * 7]


def test_money_is_shared_to_the_cent() -> None:
    schedules, one, no = Schedules(1, BASE, 4), np.array([0]), np.array([False])
    schedules.month_end(MonthEnd(0, one, np.array([-3]), np.array([0]), np.array([ASKED]), np.array([0]), no, no))
    sent, money = schedules.month_end(MonthEnd(1, one, np.array([0]), np.array([100]), np.array([ASKED]), np.array([0]), no, no))
    assert sent.principal[sent.month <= 0].tolist() == [33, 33, 34]
    assert money.tolist() == [100]


def test_spans() -> None:
    which, month = spans(np.array([3, 5, -1]), np.array([4, 4, 0]))
    assert (which.tolist(), month.tolist()) == ([0, 0, 2, 2], [3, 4, -1, 0])
