"""What happens to collateral, and who guarantees: believable, and agrees with the book."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from itertools import pairwise
from typing import Any

from synth.synth_book import START, Book

YEAR = timedelta(days=365)


def test_vehicles_are_insured_year_by_year_and_only_vehicles_have_trackers(book: Book) -> None:
    assets = {row["asset_id"]: row for row in book.rows("asset").to_pylist()}
    values = {row["asset_id"]: row["value_minor"] for row in reversed(book.rows("valuation").to_pylist())}  # the first one
    policies: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in book.rows("asset_event").to_pylist():
        if row["kind"] == "insurance":
            policies[row["asset_id"]].append(row)
        if row["kind"] in ("tracker_silent", "hotspot"):
            assert assets[row["asset_id"]]["kind"] == "vehicle"
    for asset, rows in policies.items():
        assert rows[0]["happened_on"] <= max(START, assets[asset]["valid_from"]) < rows[0]["happened_on"] + YEAR
        for row, later in pairwise(rows):
            assert later["happened_on"] == row["until_on"] + timedelta(1) == row["happened_on"] + YEAR
        assert 0.8 <= rows[0]["insured_minor"] / values[asset] <= 1.3
    kinds = {kind: {name for name, row in assets.items() if row["kind"] == kind} for kind in ("vehicle", "flat")}
    released = {row["asset_id"] for row in book.rows("pledge").to_pylist() if not row["active"]}
    assert kinds["vehicle"] - released <= set(policies)
    assert 0.5 < len(kinds["flat"] & set(policies) - released) / len(kinds["flat"] - released) < 0.7


def test_what_happens_tells_of_defaults_and_ends_in_a_later_row(book: Book) -> None:
    loans = {row["loan_id"]: row["default_on"] for row in book.truth("loan").to_pylist()}
    loan = {row["asset_id"]: row["loan_id"] for row in reversed(book.rows("pledge").to_pylist())}
    rows = [row for row in book.rows("asset_event").to_pylist() if row["kind"] != "insurance"]
    bad = {row["asset_id"] for row in rows if loans[loan[row["asset_id"]]]}
    defaulted = {asset for asset, of in loan.items() if loans[of]}
    assert len(bad) / len(defaulted) > 2 * len({row["asset_id"] for row in rows} - bad) / (len(loan) - len(defaulted))
    for row in rows:
        assert (row["rank"] is not None) == (row["kind"] == "seizure")
        if row["ended_on"]:
            begun = [r for r in rows if r["event_id"] == row["event_id"] and r["sender"] == row["sender"] and not r["ended_on"]]
            assert [r["happened_on"] for r in begun] == [row["happened_on"]] * (row["business_on"] > START)
            assert row["happened_on"] < row["ended_on"] <= row["business_on"]
    assert any(row["ended_on"] for row in rows)


def test_guarantors_of_businesses_are_called_upon_after_a_default(book: Book) -> None:
    loans = {row["loan_id"]: row for row in book.rows("loan").to_pylist()}
    default_on = {row["loan_id"]: row["default_on"] for row in book.truth("loan").to_pylist()}
    rows = book.rows("guarantee").to_pylist()
    assert rows
    for row in rows:
        of = loans[row["loan_id"]]
        assert of["product"] == "business"
        assert row["until_on"] in (None, of["matures_on"] + timedelta(730))
        assert row["guaranteed_minor"] in (None, of["principal_minor"] // 2)
        if row["called_on"]:
            assert row["called_on"] == row["valid_from"] >= default_on[row["loan_id"]]
    assert {row["kind"] for row in rows} == {"joint", "general"}
