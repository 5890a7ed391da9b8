"""Business calendars at month ends and in leap years."""

from datetime import date

import pytest

from loanwatch.calendars import is_business, month_end, next_date


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2024, 2, 1), date(2024, 2, 29)),
        (date(2025, 2, 28), date(2025, 2, 28)),
        (date(2025, 12, 31), date(2025, 12, 31)),
        (date(2025, 4, 30), date(2025, 4, 30)),
    ],
)
def test_month_end(day: date, end: date) -> None:
    assert month_end(day) == end
    assert is_business("month_end", end)


def test_next_date() -> None:
    assert next_date("daily", date(2024, 2, 28)) == date(2024, 2, 29)
    assert next_date("month_end", date(2024, 1, 31)) == date(2024, 2, 29)
    assert not is_business("month_end", date(2024, 2, 28))
