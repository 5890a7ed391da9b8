"""Check digits of vehicle identification numbers: told of the vehicle, and the number itself is in no table."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from admit.desk import Desk

from loanwatch.admit.vin import ALPHABET, CHECK_PLACE, LENGTH, check_letters, vin_wrong

RIGHT = "1M8GDM9AXKP042788"  # the example of 49 CFR 565
CASES: dict[str, bool | None] = {
    RIGHT: False,
    "1m8gdm9axkp042788": False,
    " 1M8 GDM9AX-KP042788 ": False,
    "1M8GDM9A1KP042788": True,
    "1M8GDM9AXKP042789": True,
    "IM8GDM9AXKP042788": True,  # no I in a VIN
    "鄂A12345": None,
    "asset 12345678901": None,
    "12345678901234567": None,  # a number of the sender's own
    RIGHT[:-1]: None,
}


@pytest.mark.parametrize(("locator", "wrong"), CASES.items())
def test_a_vin_is_wrong_right_or_none(locator: str, wrong: bool | None) -> None:
    kind, locators = (pa.chunked_array([pa.array(of, pa.string())]) for of in (["vehicle", "house", None], [locator] * 3))
    assert vin_wrong(kind, locators).to_pylist() == [wrong, None, None]


def test_no_rows_and_no_locators() -> None:
    nothing = pa.chunked_array([], pa.string())
    assert len(vin_wrong(nothing, nothing)) == 0
    assert vin_wrong(pa.chunked_array([["vehicle"]]), pa.chunked_array([pa.nulls(1, pa.string())])).to_pylist() == [None]


def test_every_slip_in_one_digit_is_found() -> None:
    """Two digits at one place differ by less than 11, and no weight but the check digit's own is 0 by 11."""
    right = np.frombuffer(RIGHT.encode(), np.uint8)
    for place in range(LENGTH):
        for digit in b"0123456789":
            slipped = right.copy()
            slipped[place] = digit
            found = check_letters(slipped[None])[0] == slipped[CHECK_PLACE]
            assert found == (slipped[place] == right[place] or same_worth(right[place], digit)), (place, digit)


def same_worth(letter: int, digit: int) -> bool:
    """Whether the standard counts a letter as the digit: A as 1, J as 1, S as 2 …"""
    worth = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
    assert len(worth) + 10 == len(ALPHABET)
    return (worth.get(chr(letter), chr(letter)) == chr(digit) and chr(letter) != "X") or letter == digit


def test_a_vehicle_with_a_wrong_number_is_admitted_and_told_without_the_number(desk: Desk) -> None:
    numbers = {"P01:A1": RIGHT, "P01:A2": "1M8GDM9A1KP042788", "P01:A3": "plate 7"}
    desk.send("asset", [{"asset_id": name, "kind": "vehicle", "locator": number} for name, number in numbers.items()])
    desk.admit()
    rows = desk.rows("asset")
    assert {row["asset_id"]: row["vin_wrong"] for row in rows} == {"P01:A1": False, "P01:A2": True, "P01:A3": None}
    assert not desk.rejected()
    assert not any(number in json.dumps(rows, default=str) for number in numbers.values())
