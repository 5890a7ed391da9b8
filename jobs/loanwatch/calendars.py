"""Business calendars: which dates a tenant closes, and which comes next."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache

from loanwatch.errors import UsageError

ONE_DAY = timedelta(days=1)
YEARS = (2000, 2061)


def month_end(day: date) -> date:
    """The last day of the month of `day`."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - ONE_DAY


_NEXT: dict[str, Callable[[date], date]] = {
    "daily": lambda day: day + ONE_DAY,
    "month_end": lambda day: month_end(day + ONE_DAY),
}


def is_business(calendar: str, day: date) -> bool:
    """Whether the calendar closes on that day."""
    return calendar == "daily" or day == month_end(day)


def dates(calendar: str, first: date, last: date) -> Iterator[date]:
    """The dates of the calendar from one day to another."""
    day = first if is_business(calendar, first) else next_date(calendar, first)
    while day <= last:
        yield day
        day = next_date(calendar, day)


def next_date(calendar: str, day: date) -> date:
    """The first date of the calendar after `day`."""
    return _NEXT[calendar](day)


@cache
def closed_days(country: str) -> tuple[date, ...]:
    """Weekends and public holidays of a country (ISO 3166), working weekends left out; none for "".

    UsageError for a country that the library `holidays` does not know. Holidays that a government has not announced yet
    are not among them.
    """
    if not country:
        return ()
    import holidays

    try:
        calendar = holidays.country_holidays(country, years=range(*YEARS))
    except NotImplementedError:
        raise UsageError(f"setting business.open_days: no holidays are known of {country}; give an ISO 3166 country") from None
    first, last = date(YEARS[0], 1, 1), date(YEARS[1], 1, 1)
    return tuple(day for day in dates("daily", first, last - ONE_DAY) if not calendar.is_working_day(day))
