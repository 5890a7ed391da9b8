"""Between nights: what arrived about collateral is valued and flagged beside the release, as a full run would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from conftest import application
from hypothesis import given
from hypothesis import strategies as st
from lakes import released

from loanwatch import intraday
from loanwatch.admit import feeds
from loanwatch.admit.collateral_feeds import ASSET, PLEDGE, PRICE_INDEX, VALUATION
from loanwatch.admit.delivery import DeliveryWriter, Place
from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.tables import BATCH, DELIVERY
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.cover.tables import ALLOCATION, INTRADAY_VALUE
from loanwatch.derive.tables import LOAN_INDICATOR
from loanwatch.errors import UsageError
from loanwatch.flag.tables import INTRADAY_WARNING, WARNING
from loanwatch.intraday import Beside, live, refresh, tied
from loanwatch.lake import Lake
from loanwatch.nights import Application
from loanwatch.seal import publication
from loanwatch.tables import Feed, Table

D, NEXT = date(2025, 3, 31), date(2025, 4, 1)
YEAR_AGO = D - timedelta(365)
# L1 and L2 share a flat, L2 has a second one, L3 and L4 a flat and a car of their own, L5 nothing.
TIES = [("P01:L1", "P01:A1"), ("P01:L2", "P01:A1"), ("P01:L2", "P01:A2"), ("P01:L3", "P01:A3"), ("P01:L4", "P01:A4")]
ASSETS = {"P01:A1": ("flat", "xian"), "P01:A2": ("flat", "xian"), "P01:A3": ("flat", "wuhan"), "P01:A4": ("vehicle", "xian")}
KNOWN = 7
Rows = list[dict[str, Any]]


def tables() -> dict[Table, Rows]:
    """Each loan owes 600, each asset was worth 2000 a year ago; a warning on L3's LTV stands."""
    loans = [f"P01:L{n}" for n in range(1, 6)]
    gaps = {name: "none" for name in LOAN_INDICATOR.names if name.endswith("_gap")}
    place = {"delivery_no": 1, "withdrawn": False}
    day = {"balance_minor": 600, "currency": "CNY", "product": "home", "days_past_due": 0, "matures_on": D + timedelta(900)}
    return {
        LOAN_DAY: [{**day, "loan_id": loan} for loan in loans],
        ALLOCATION: [{"loan_id": loan, "asset_id": asset, "lien_rank": 1, "counts": True} for loan, asset in TIES],
        LOAN_INDICATOR: [
            {**gaps, "loan_id": loan, "product": "home", "currency": "CNY", "days_past_due": 0, "secured": loan != "P01:L5",
             "ltv_bp": 3000, "status": "open"} for loan in loans
        ],
        WARNING: [{"rule_id": "LTV", "subject": "loan", "subject_id": "P01:L3", "colour": "red", "state": "open"}],
        PLEDGE.table: [
            {**place, "loan_id": loan, "asset_id": asset, "valid_from": YEAR_AGO, "lien_rank": 1, "active": True, "line_no": n}
            for n, (loan, asset) in enumerate(TIES, 1)
        ],
        ASSET.table: [
            {**place, "asset_id": asset, "valid_from": YEAR_AGO, "kind": kind, "region": region, "locator": asset, "line_no": n}
            for n, (asset, (kind, region)) in enumerate(ASSETS.items(), 1)
        ],
        VALUATION.table: [
            {**place, "valuation_id": asset, "asset_id": asset, "valued_on": YEAR_AGO, "value_minor": 2000, "currency": "CNY",
             "line_no": n} for n, asset in enumerate(ASSETS, 1)
        ],
        PRICE_INDEX.table: [
            {**place, "kind": kind, "region": "xian", "period_on": YEAR_AGO.replace(day=1), "published_on": YEAR_AGO,
             "level_bp": 10_000, "line_no": n} for n, kind in enumerate(("flat", "vehicle"), 1)
        ],
        BATCH: [{"batch_no": 1, "through_delivery_no": KNOWN, "listing": "{}"}],
        DELIVERY: [{"delivery_no": KNOWN, "batch_no": 1, "outcome": "admitted", "business_on": D}],
    }  # fmt: skip


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Application]:
    released(tmp_path / "lake", D, tables(), known=KNOWN)
    made = application(tmp_path / "inbox", tmp_path / "lake")
    yield made
    made.stop()


def deliver(running: Application, feed: Feed, sequence: int, rows: Rows, sender: str = "valuer") -> None:
    place = Place(feed.name, sender, NEXT, sequence)
    with DeliveryWriter(running.settings.inbox, FEEDS[feed.name], place, NEXT) as writer:
        writer.write(pa.Table.from_pylist(rows, schema=writer.schema))


def appraisal(asset: str, value: int, number: int = 1) -> dict[str, Any]:
    return {"valuation_id": f"new{number}", "asset_id": asset, "valued_on": NEXT, "value_minor": value, "currency": "CNY",
            "method": "appraisal"}  # fmt: skip


def told(lake: Lake) -> tuple[dict[str, int], dict[tuple[str, str], tuple[str, str | None]]]:
    """What is live: values by asset, outcomes and former colours by rule and subject."""
    values = {row["asset_id"]: row["value_minor"] for row in live(lake, INTRADAY_VALUE)}
    said = {(r["rule_id"], r["subject_id"]): (r["outcome"], r["colour_before"]) for r in live(lake, INTRADAY_WARNING)}
    return values, said


def test_what_is_touched_is_valued_and_flagged_until_a_release_knows_it(running: Application) -> None:
    """The flat that L1 and L2 share falls to 1000, half of L2's claim lies on it; cars of xian lose 70 % by a new index."""
    deliver(running, VALUATION, 1, [appraisal("P01:A1", 1000)])
    fallen = {"kind": "vehicle", "region": "xian", "period_on": NEXT, "published_on": NEXT, "level_bp": 3000}
    deliver(running, PRICE_INDEX, 1, [fallen])
    deliver(running, feeds.LOAN, 1, [], sender="P01")
    opened = publication.open_attempt(running.lake, NEXT, "a night under way")
    with running.holding("night"):
        found = refresh(running)
    assert (found.as_of, found.known, found.release, found.assets) == (NEXT, KNOWN + 2, 1, 2)
    values, said = told(running.lake)
    assert values == {"P01:A1": 1000, "P01:A4": 600}
    assert said == {("LTV", "P01:L1"): ("amber", None), ("LTV", "P01:L4"): ("amber", None)}
    kept = {table: running.lake.rows(table).num_rows for table in (INTRADAY_VALUE, INTRADAY_WARNING)}
    assert refresh(running) == found, "nothing has come"
    assert {table: running.lake.rows(table).num_rows for table in kept} == kept

    deliver(running, VALUATION, 2, [appraisal("P01:A1", 2500, 2), appraisal("P01:A3", 2400, 3)])
    assert refresh(running).assets == 3
    values, said = told(running.lake)
    assert values == {"P01:A1": 2500, "P01:A3": 2400, "P01:A4": 600}
    assert said[("LTV", "P01:L3")] == ("clear", "red")
    assert ("LTV", "P01:L1") not in {key for key, (outcome, _) in said.items() if outcome in ("amber", "red")}

    conf, code = running.configuration.digest, running.code_digest
    publication.publish(running.lake, publication.fix(running.lake, opened, KNOWN + 3, conf, code))
    assert told(running.lake) == ({}, {})


def test_what_is_touched_comes_out_as_if_all_were_valued(running: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(running, VALUATION, 1, [appraisal("P01:A2", 700), appraisal("P01:A4", 500, 2)])
    deliver(running, PLEDGE, 1, [
        {"loan_id": "P01:L3", "asset_id": "P01:A2", "valid_from": NEXT, "lien_rank": 2, "prior_claims_minor": 0, "active": True},
    ], sender="P01")  # fmt: skip
    refresh(running)
    touched = {table: live(running.lake, table) for table in (INTRADAY_VALUE, INTRADAY_WARNING)}
    assert {row["asset_id"] for row in touched[INTRADAY_VALUE]} == {"P01:A2", "P01:A4"}
    assert touched[INTRADAY_WARNING]

    release = publication.latest(publication.attempts(running.lake))
    assert release is not None
    monkeypatch.setattr(Beside, "_touched", lambda _, asset: asset.select("asset_id"))
    whole = Beside.of(running, release, NEXT, KNOWN + 2).found()
    everything = {table: [row.asDict() for row in frame.collect()] for table, frame in zip(touched, whole, strict=True)}
    for table, rows in touched.items():
        keys = [column.name for column in table.key if column.name != "through_delivery_no"]
        others = {tuple(row[key] for key in keys): row for row in everything[table]}
        for row in rows:
            same = others[tuple(row[key] for key in keys)]
            assert {name: row[name] for name in same} == same
    assert len(everything[INTRADAY_VALUE]) == 4


def test_a_seizure_is_known_within_the_day_and_so_is_its_end(running: Application) -> None:
    seizure = {"event_id": "1", "happened_on": NEXT, "asset_id": "P01:A3", "kind": "seizure", "rank": 1}
    deliver(running, feeds.ASSET_EVENT, 1, [seizure], sender="P01")
    assert refresh(running).assets == 1
    _, said = told(running.lake)
    assert said[("SEIZED", "P01:A3")] == ("red", None)
    deliver(running, feeds.ASSET_EVENT, 2, [{**seizure, "ended_on": NEXT}], sender="P01")
    refresh(running)
    _, said = told(running.lake)
    assert said[("SEIZED", "P01:A3")] == ("clear", None)


def test_without_a_release_there_is_nothing_to_be_beside(tmp_path: Path) -> None:
    running = application(tmp_path / "inbox", tmp_path / "lake")
    running.lake.open("demo")
    with pytest.raises(UsageError, match="nothing is published yet"):
        refresh(running)


@given(
    st.lists(st.tuples(st.sampled_from("KLMN"), st.sampled_from("abcd")), max_size=10),
    st.lists(st.sampled_from("abcde"), max_size=3),
)
def test_what_hangs_together(pairs: list[tuple[str, str]], touched: list[str]) -> None:
    loans, assets = tied(pairs, touched)
    grown = {asset for asset in touched if any(asset == of for _, of in pairs)}
    for _ in pairs:
        owners = {loan for loan, asset in pairs if asset in grown}
        grown |= {asset for loan, asset in pairs if loan in owners}
    assert assets == grown
    assert loans == {loan for loan, asset in pairs if asset in grown}


def test_the_feeds_of_collateral_are_those_that_it_admits() -> None:
    assert {feed.name for feed in intraday.COLLATERAL_FEEDS} == {
        "asset", "pledge", "valuation", "price_index", "sale", "asset_event",
    }  # fmt: skip
