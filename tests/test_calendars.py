"""Business calendars at month ends and in leap years."""

from datetime import date

import pytest

from loanwatch.calendars import closed_days, is_business, month_end, next_date
from loanwatch.errors import UsageError


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


def test_closed_days_are_weekends_and_holidays_but_not_working_weekends() -> None:
    closed = closed_days("CN")
    festival, working_sunday, sunday = date(2025, 1, 31), date(2025, 1, 26), date(2025, 2, 16)
    assert festival in closed and sunday in closed and working_sunday not in closed and date(2025, 2, 17) not in closed
    assert closed_days("") == ()
    with pytest.raises(UsageError, match="open_days: no holidays are known of QQ"):
        closed_days("QQ")
