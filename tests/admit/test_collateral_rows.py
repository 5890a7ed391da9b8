"""Rows about collateral that cannot be true are rejected, each with its column and reason."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from admit.desk import DAY, Desk

from loanwatch import configuration, settings
from loanwatch.admit.checking import check
from loanwatch.admit.collateral_feeds import ASSET, PLEDGE, SALE, VALUATION
from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.limits import FeedLimits
from loanwatch.admit.tables import GATE_RESULT
from loanwatch.tables import Feed

VALUED = {"valuation_id": "V1", "valued_on": "2025-03-01", "asset_id": "P01:A1", "value_minor": "1", "currency": "CNY",
          "method": "appraisal"}  # fmt: skip
SOLD = {"sale_id": "S1", "sold_on": "2025-03-01", "kind": "flat", "region": "wuhan", "price_minor": "1", "currency": "CNY"}
HOME = {"asset_id": "P01:A1", "kind": "flat", "region": "wuhan", "locator": "1 Long Street"}
PLEDGED = {"loan_id": "P01:L1", "asset_id": "P01:A1", "lien_rank": "1", "active": "true"}
GOOD: dict[Feed, dict[str, str]] = {VALUATION: VALUED, SALE: SOLD, ASSET: HOME, PLEDGE: PLEDGED}
HAPPENED = ("repayment", "bank_entry", "behaviour", "valuation", "price_index", "sale", "contact_attempt", "exchange_rate")


def faults(feed: Feed, row: dict[str, str], sent_on: date = DAY) -> list[str]:
    rows = pa.table({name: pa.array([cell], pa.string()) for name, cell in row.items()})
    return check(feed, rows, "P01", DAY, sent_on).reasons(0)


@pytest.mark.parametrize(
    ("feed", "change", "expected"),
    [
        (VALUATION, {}, []),
        (VALUATION, {"value_minor": "-5"}, ["value_minor: below 1"]),
        (VALUATION, {"value_minor": "0"}, ["value_minor: below 1"]),
        (VALUATION, {"value_minor": "1000000000000"}, []),
        (VALUATION, {"value_minor": "1000000000001"}, ["value_minor: above 1000000000000"]),
        (VALUATION, {"value_minor": "1000000000000000"}, ["value_minor: above 1000000000000"]),
        (VALUATION, {"currency": "XYZ"}, ["currency: not of the code list currency"]),
        (SALE, {}, []),
        (SALE, {"price_minor": "-1"}, ["price_minor: below 1"]),
        (SALE, {"price_minor": "0"}, ["price_minor: below 1"]),
        (SALE, {"price_minor": "1000000000001"}, ["price_minor: above 1000000000000"]),
        (SALE, {"size": "1076"}, []),  # square metres or square feet: one row does not tell
        (SALE, {"size": "2001"}, ["size: above 2000 where kind is flat"]),
        (ASSET, {}, []),
        (ASSET, {"size": "-90"}, ["size: below 5 where kind is flat"]),
        (ASSET, {"size": "0"}, ["size: below 5 where kind is flat"]),
        (ASSET, {"size": "5"}, []),
        (ASSET, {"size": "2000"}, []),
        (ASSET, {"kind": "house", "size": "5000"}, []),
        (ASSET, {"kind": "house", "size": "5001"}, ["size: above 5000 where kind is house"]),
        (ASSET, {"kind": "vehicle", "size": "0"}, []),
        (ASSET, {"kind": "vehicle", "size": "3000000"}, []),
        (ASSET, {"kind": "vehicle", "size": "3000001"}, ["size: above 3000000 where kind is vehicle"]),
        (ASSET, {"kind": "castle", "size": "-1"}, ["kind: not of the code list asset_kind"]),
        (PLEDGE, {}, []),
        (PLEDGE, {"prior_claims_minor": "-1"}, ["prior_claims_minor: below 0"]),
        (PLEDGE, {"secured_minor": "-1"}, ["secured_minor: below 0"]),
        (PLEDGE, {"lien_rank": "0"}, ["lien_rank: below 1"]),
    ],
)
def test_negative_and_absurd_amounts_and_sizes(feed: Feed, change: dict[str, str], expected: list[str]) -> None:
    assert faults(feed, GOOD[feed] | change) == expected


@pytest.mark.parametrize(("feed", "on"), [(VALUATION, "valued_on"), (SALE, "sold_on")])
def test_what_is_dated_after_its_delivery(feed: Feed, on: str) -> None:
    """The delivery's date is the later of its business date and the day it was sent: a file may come a few days late."""
    tomorrow = GOOD[feed] | {on: "2025-03-02"}
    assert faults(feed, tomorrow) == [f"{on}: after the delivery"]
    assert faults(feed, tomorrow, sent_on=DAY + timedelta(1)) == []
    assert faults(feed, tomorrow, sent_on=DAY - timedelta(1)) == [f"{on}: after the delivery"]
    assert faults(feed, GOOD[feed], sent_on=DAY - timedelta(9)) == []
    assert faults(feed, GOOD[feed] | {on: "soon"}) == [f"{on}: not a date"]


def test_what_has_happened_is_not_dated_ahead_and_what_is_agreed_may_be() -> None:
    assert tuple(name for name, feed in FEEDS.items() if feed.past) == HAPPENED
    assert faults(PLEDGE, PLEDGED | {"valid_from": "2025-04-01"}) == []


def test_a_valuation_of_tomorrow_is_kept_as_a_reject(desk: Desk) -> None:
    row: dict[str, Any] = {**VALUED, "value_minor": 500, "valued_on": DAY}
    desk.send("valuation", [row, {**row, "valuation_id": "V2", "valued_on": DAY + timedelta(1)}])
    desk.admit()
    assert [kept["valuation_id"] for kept in desk.rows("valuation")] == ["V1"]
    (turned_away,) = desk.rejected()
    assert turned_away["reasons"] == ["valued_on: after the delivery"]


def test_a_pledge_on_an_asset_that_nobody_delivered_is_admitted_and_told(desk: Desk) -> None:
    """Cover then says of the loan that the asset was never delivered (tests/cover/test_bad_input.py)."""
    desk.send("asset", [HOME])
    desk.send("pledge", [{**PLEDGED, "lien_rank": 1, "active": True, "asset_id": f"P01:A{n}"} for n in (1, 2)])
    desk.admit(DAY, FeedLimits.of(configuration.load(settings.load("test"))))
    assert len(desk.rows("pledge")) == 2
    told = desk.lake.rows(GATE_RESULT, "delivery_no is not null").to_pylist()
    assert [(row["severity"], '"unknown_bp": 5000' in row["observed"]) for row in told] == [("warning", True)]
