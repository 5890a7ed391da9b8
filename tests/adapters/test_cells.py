"""Cells of senders as our types: each way of writing, its boundaries, and what is no such cell."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanwatch.adapters import cells
from loanwatch.adapters.cells import a_date, booleans, dates, folded, numbers, spelled_out


def a_number(text: str, kind: str = "amount", places: int = 2) -> int | None:
    read: int | None = numbers(folded(pa.array([text], pa.string())), kind, places)[0].as_py()
    return read


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("2024-02-29", "iso", date(2024, 2, 29)),
        ("2023-02-29", "iso", None),
        ("2024-2-9", "iso", None),
        ("2024-02-29x", "iso", None),
        ("2024-02-29 00:00", "iso", None),
        ("20240229", "yyyymmdd", date(2024, 2, 29)),
        ("20230229", "yyyymmdd", None),
        ("240229", "yyyymmdd", None),
        ("2024/2/9", "yyyy/mm/dd", date(2024, 2, 9)),
        ("12/31/2024", "mm/dd/yyyy", date(2024, 12, 31)),
        ("31/12/2024", "mm/dd/yyyy", None),
        ("31/12/2024", "dd/mm/yyyy", date(2024, 12, 31)),
        ("113/02/29", "roc", date(2024, 2, 29)),
        ("113-2-29", "roc", date(2024, 2, 29)),
        ("1130229", "roc", date(2024, 2, 29)),
        ("0880101", "roc", date(1999, 1, 1)),
        ("99/12/31", "roc", date(2010, 12, 31)),
        ("民國113年2月29日", "roc", date(2024, 2, 29)),
        ("112/02/29", "roc", None),
        ("113/2-29", "roc", None),
        ("113年2/29", "roc", None),
        ("2024/02/29", "roc", None),
        ("022024", "mmyyyy", date(2024, 2, 1)),
        ("132024", "mmyyyy", None),
        ("2/2024", "mm/yyyy", date(2024, 2, 1)),
        ("202402", "yyyymm", date(2024, 2, 1)),
        ("2024-02", "yyyy-mm", date(2024, 2, 1)),
        ("00000000", "yyyymmdd", None),
    ],
)
def test_dates(text: str, kind: str, expected: date | None) -> None:
    assert a_date(text, kind) == expected
    assert dates(pa.array([text, None, text]), kind, None).to_pylist() == [expected, None, expected]


def test_first_and_last_day_of_the_month() -> None:
    assert [a_date("022024", "mmyyyy", day) for day in ("first", "last")] == [date(2024, 2, 1), date(2024, 2, 29)]
    assert a_date("2023-02-10", "iso", "last") == date(2023, 2, 28)


def test_full_width_digits_are_folded() -> None:
    assert folded(pa.array([" 20240229 ", "１，２３４．５０", " ", None])).to_pylist() == ["20240229", "1,234.50", None, None]
    assert a_date(folded(pa.array(["１１３／０２／２９"]))[0].as_py(), "roc") == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("text", "kind", "places", "expected"),
    [
        ("1,234.5", "amount", 2, 123_450),
        ("１，２３４．５", "amount", 2, 123_450),
        ("-1,234.56", "amount", 2, -123_456),
        ("+7", "amount", 2, 700),
        ("1.230", "amount", 2, 123),
        ("1.235", "amount", 2, None),  # a tenth of a cent: not ours to round
        ("12,34.5", "amount", 2, None),
        ("1,2345", "amount", 2, None),
        ("1.2.3", "amount", 2, None),
        ("12.50x", "amount", 2, None),
        ("1.", "amount", 2, None),
        ("(12)", "amount", 2, None),
        ("12-", "amount", 2, None),
        ("0x10", "amount", 2, None),
        ("1.00E+05", "amount", 2, None),
        ("nan", "amount", 2, None),
        ("=1+1", "amount", 2, None),
        ("99999999999999", "amount", 4, 999_999_999_999_990_000),
        ("100000000000000", "amount", 0, None),
        ("500", "amount", 0, 500),
        ("12", "integer", 2, 12),
        ("12.0", "integer", 2, None),
        ("5.375", "percent", 0, 538),
        ("-0.005", "percent", 0, -1),
        ("0.0525", "fraction", 0, 525),
    ],
)
def test_numbers(text: str, kind: str, places: int, expected: int | None) -> None:
    assert a_number(text, kind, places) == expected


def test_an_exponent_is_spelled_out_only_where_it_is_one() -> None:
    given_ = pa.array(["1.00E+05", "1e5", "1.234E+03", "12E+03", "E+05", "7", None])
    assert spelled_out(given_).to_pylist() == ["100000", "100000", "1234", "12E+03", "E+05", "7", None]
    assert a_number(spelled_out(pa.array(["1.5E-01"]))[0].as_py()) == 15
    assert a_number(spelled_out(pa.array(["1E+99"]))[0].as_py()) is None


def test_booleans() -> None:
    assert booleans(pa.array(["TRUE", "0", "yes", None])).to_pylist() == [True, False, None, None]


@given(st.integers(-(10**16) + 1, 10**16 - 1), st.booleans())
def test_an_amount_written_with_or_without_separators_is_read_back(minor: int, separated: bool) -> None:
    text = f"{Decimal(minor) / 100:,.2f}" if separated else f"{Decimal(minor) / 100:.2f}"
    assert a_number(text) == minor


WAYS = {
    "iso": "{0:%Y-%m-%d}", "yyyymmdd": "{0:%Y%m%d}", "yyyy/mm/dd": "{0:%Y/%m/%d}", "mm/dd/yyyy": "{0:%m/%d/%Y}",
    "dd/mm/yyyy": "{0:%d/%m/%Y}", "roc": "{1:03d}/{0:%m/%d}",
}  # fmt: skip


@given(st.dates(date(1921, 1, 1), date(2900, 12, 31)), st.sampled_from(sorted(WAYS)))
def test_a_date_is_read_back_from_every_way_of_writing_it(day: date, kind: str) -> None:
    assert a_date(WAYS[kind].format(day, day.year - cells.ROC_YEARS), kind) == day


@given(st.text(max_size=12), st.sampled_from(sorted(cells.DATE_KINDS)), st.sampled_from(sorted(cells.NUMBER_KINDS)))
def test_no_text_breaks_a_parser(text: str, date_kind: str, number_kind: str) -> None:
    given_ = folded(pa.array([text], pa.string()))
    assert len(dates(given_, date_kind, "last")) == 1
    assert len(numbers(given_, number_kind, 2)) == 1
