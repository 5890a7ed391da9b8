"""Gates of deliveries: what a delivery as a whole must satisfy, before it is numbered."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from admit.desk import DAY, Desk

from loanwatch import configuration, settings, suites
from loanwatch.admit.delivery import MANIFEST
from loanwatch.admit.limits import FeedLimits, Limits
from loanwatch.admit.tables import DELIVERY, GATE_RESULT
from loanwatch.configuration import Configuration
from loanwatch.errors import UsageError

Row = dict[str, Any]
BOUNDS = tuple(name for name in Limits.model_fields if name != "few_rows")
TERMS = {"pool_id": "HX", "product": "vehicle", "currency": "CNY", "principal_minor": 1, "rate_bp": 1, "opened_on": DAY,
         "matures_on": DAY}  # fmt: skip


def loan(number: int) -> Row:
    return {"loan_id": f"P01:L{number}", "customer_id": "P01:C1", **TERMS}


def repayments(*numbers: int, loan_id: str = "P01:L1", on: date = DAY) -> list[Row]:
    return [{"repayment_id": f"R{n}", "paid_on": on, "loan_id": loan_id, "paid_minor": 100} for n in numbers]


def held_to(feed: str = "all", **limits: Any) -> FeedLimits:
    return FeedLimits(limits={feed: limits})


def history(desk: Desk, rows: int, deliveries: int = 5) -> None:
    """Deliveries of before, all of a size, and the loan they are for; thirty homes of 100 square metres."""
    desk.send("loan", [loan(1)], DAY - timedelta(20))
    desk.send("asset", homes(100), DAY - timedelta(20))
    for n in range(deliveries):
        day = DAY - timedelta(10 - n)
        desk.send("repayment", repayments(*range(n * 100, n * 100 + rows), on=day), day)
    desk.admit(DAY - timedelta(1))


def of_today(desk: Desk, feed: str = "repayment") -> Row:
    (row,) = (row for row in desk.ledger() if row["feed"] == feed and row["business_on"] == DAY)
    return row


def homes(size: int, first: int = 0, rows: int = 30, kind: str = "flat") -> list[Row]:
    return [{"asset_id": f"P01:A{first + n}", "kind": kind, "locator": f"{n} Road", "size": size} for n in range(rows)]


def sales(size: int, first: int = 0) -> list[Row]:
    return [{"sale_id": f"S{first + n}", "sold_on": DAY - timedelta(9), "kind": "house", "region": "wuhan", "price_minor": 1,
             "currency": "CNY", "size": size} for n in range(30)]  # fmt: skip


def feed_of(bound: str) -> str:
    return "asset" if "size" in bound else "repayment"


# By limit: the rows of today's delivery after five deliveries of 4 rows each and one of homes, the day it was sent, what is
# found, a limit it breaks and one it keeps.
CASES: dict[str, tuple[list[Row], date, int, int, int]] = {
    "least_volume_bp": (repayments(901), DAY, 2500, 5000, 2500),
    "most_volume_bp": (repayments(*range(901, 913)), DAY, 30000, 20000, 30000),
    "rejected_bp": (repayments(901) + repayments(902, loan_id="P02:L1"), DAY, 5000, 4999, 5000),
    "same_key_bp": (repayments(901, 902, 903, 903), DAY, 2500, 0, 2500),
    "unknown_bp": (repayments(901, 902) + repayments(903, loan_id="P01:L9"), DAY, 3334, 0, 5000),
    "behind_days": (repayments(901), DAY + timedelta(5), 5, 4, 5),
    "stale_days": (repayments(901, on=DAY - timedelta(9)), DAY, 9, 7, 9),
    "ahead_days": (repayments(901, on=DAY + timedelta(400)), DAY + timedelta(400), 400, 366, 400),
    "least_size_bp": (homes(9, first=100), DAY, 900, 3000, 900),
    "most_size_bp": (homes(1076, first=100), DAY, 107600, 30000, 107600),
}


def test_every_limit_has_a_case_and_is_named_by_two_expectations() -> None:
    assert set(CASES) == set(BOUNDS)
    suite = suites.suite_of(DELIVERY.name)
    assert suite is not None
    named = [name for said in suite["expectations"] for name in said["kwargs"].values() if str(name).endswith(("_warn", "_refuse"))]
    assert sorted(named) == sorted(f"{name}_{what}" for name in BOUNDS for what in ("warn", "refuse"))


@pytest.mark.parametrize("bound", BOUNDS)
def test_beyond_a_limit_a_delivery_is_refused_and_says_why(desk: Desk, bound: str) -> None:
    rows, sent_on, found, broken, _ = CASES[bound]
    history(desk, 4)
    desk.send(feed_of(bound), rows, DAY, sent_on=sent_on)
    desk.send("loan", [loan(2)])
    assert desk.admit(DAY, held_to(**{bound: {"refuse": broken}})) == 9  # numbered all the same
    refused = of_today(desk, feed_of(bound))
    assert (refused["outcome"], refused["rows_in"], refused["rows_admitted"]) == ("refused", len(rows), 0)
    fact = "volume_bp" if "volume" in bound else "size_bp" if "size" in bound else bound
    least = "at least" if bound.startswith("least_") else "at most"
    assert f"{fact} {found}, expected {least} {broken}" in refused["reason"]
    assert "conf/feeds.yaml" in refused["reason"]
    assert [len(desk.rows(feed)) for feed in ("repayment", "loan", "asset")] == [20, 2, 30]
    assert not [row for row in desk.rejected() if row["delivery_no"] == refused["delivery_no"]]


@pytest.mark.parametrize("bound", BOUNDS)
def test_at_a_limit_it_is_admitted(desk: Desk, bound: str) -> None:
    rows, sent_on, _, _, kept = CASES[bound]
    history(desk, 4)
    desk.send(feed_of(bound), rows, DAY, sent_on=sent_on)
    desk.admit(DAY, held_to(**{bound: {"refuse": kept, "warn": kept}}))
    assert of_today(desk, feed_of(bound))["outcome"] == "admitted"
    assert all(row["success"] for row in desk.lake.rows(GATE_RESULT).to_pylist())


@pytest.mark.parametrize("bound", BOUNDS)
def test_a_warning_is_recorded_and_no_more(desk: Desk, bound: str) -> None:
    rows, sent_on, found, broken, _ = CASES[bound]
    history(desk, 4)
    desk.send(feed_of(bound), rows, DAY, sent_on=sent_on)
    desk.admit(DAY, held_to(**{bound: {"warn": broken}}))
    today = of_today(desk, feed_of(bound))
    assert today["outcome"] == "admitted" and today["rows_admitted"] == len(rows) - today["rows_rejected"]
    (told,) = desk.lake.rows(GATE_RESULT, f"delivery_no = {today['delivery_no']}").to_pylist()
    assert (told["severity"], told["success"], told["table"]) == ("warning", False, DELIVERY.name)
    assert sorted(json.loads(told["observed"]).values()) == sorted([found, broken])


@pytest.mark.parametrize(
    ("feed", "before", "today", "told"),
    [
        ("asset", homes(100), homes(1076, 100), [107_600]),  # square feet where metres are due
        ("asset", homes(100), homes(299, 100), []),
        ("asset", homes(100), homes(1076, 100, rows=29), []),  # too few to tell
        ("asset", homes(100, rows=29), homes(1076, 100), []),
        ("asset", homes(100) + homes(90_000, 50, kind="vehicle"), homes(100, 100) + homes(5, 150, kind="vehicle"), []),
        ("sale", sales(80), sales(861, 100), [107_625]),
    ],
)
def test_square_feet_where_metres_are_due_are_told_by_the_delivery(
    desk: Desk, feed: str, before: list[Row], today: list[Row], told: list[int]
) -> None:
    """Under the shipped limits it is admitted, and the gate's warning names the delivery, which names sender and feed."""
    limits = FeedLimits.of(configuration.load(settings.load("test")))
    desk.send(feed, before, DAY - timedelta(2))
    desk.admit(DAY - timedelta(1), limits)
    desk.send(feed, today)
    desk.admit(DAY, limits)
    delivery = of_today(desk, feed)
    assert (delivery["outcome"], delivery["rows_rejected"], delivery["sender"]) == ("admitted", 0, "P01")
    warned = desk.lake.rows(GATE_RESULT, f"delivery_no = {delivery['delivery_no']}").to_pylist()
    assert [json.loads(row["observed"])["size_bp"] for row in warned if "size_bp" in row["observed"]] == told


def test_a_sender_that_has_sent_no_homes_before_is_held_to_those_of_all(desk: Desk) -> None:
    history(desk, 4)
    rows = [row | {"asset_id": f"P02:A{n}"} for n, row in enumerate(homes(1076))]
    desk.send("asset", rows, sender="P02")
    desk.admit(DAY, held_to(most_size_bp={"warn": 30_000}))
    assert of_today(desk, "asset")["sender"] == "P02"
    assert [row["delivery_no"] for row in desk.lake.rows(GATE_RESULT, "delivery_no is not null").to_pylist()] == [8]


def test_every_result_is_kept(desk: Desk) -> None:
    """One row per expectation and batch, and one per delivery that failed it."""
    desk.send("repayment", repayments(1))
    desk.send("repayment", repayments(2, 2), sequence=2)
    desk.admit(DAY, held_to(same_key_bp={"refuse": 0}))
    whole = desk.lake.rows(GATE_RESULT, "delivery_no is null").to_pylist()
    assert len(whole) == len({row["expectation"] for row in whole}) == 2 * len(BOUNDS)
    failed = [row for row in whole if not row["success"]]
    assert [json.loads(row["observed"]) for row in failed] == [{"deliveries": 2, "failed": 1}]
    assert [row["delivery_no"] for row in desk.lake.rows(GATE_RESULT, "delivery_no is not null").to_pylist()] == [2]


def test_a_refused_delivery_is_judged_again_when_its_bytes_change_or_it_is_touched(desk: Desk) -> None:
    folder = desk.send("repayment", repayments(1, 1))
    strict, wide = held_to(same_key_bp={"refuse": 0}), held_to(same_key_bp={"refuse": 5000})
    assert desk.admit(DAY, strict) == 1
    assert desk.admit(DAY, wide) == 1  # the same receipt is not judged twice
    os.utime(folder / MANIFEST, ns=(1, (folder / MANIFEST).stat().st_mtime_ns + 1))
    assert desk.admit(DAY, wide) == 2
    assert [row["outcome"] for row in desk.ledger()] == ["refused", "admitted"]
    desk.send("repayment", repayments(5, 5), sequence=2)
    desk.admit(DAY, strict)
    desk.send("repayment", repayments(5, 6), sequence=2)  # mended
    assert desk.admit(DAY, strict) == 4
    assert sorted(row["repayment_id"] for row in desk.rows("repayment")) == ["R1", "R1", "R5", "R6"]


def test_a_sender_has_limits_of_its_own(desk: Desk) -> None:
    desk.send("repayment", repayments(1, 1))
    limits = FeedLimits(limits={"all": {"same_key_bp": {"refuse": 0}}, "repayment/P01": {"same_key_bp": {"refuse": 5000}}})
    desk.admit(DAY, limits)
    assert of_today(desk)["outcome"] == "admitted"
    assert limits.at("repayment", "P02").same_key_bp.refuse == 0


def test_a_small_delivery_is_not_refused_for_a_share_but_warned_of(desk: Desk) -> None:
    desk.send("repayment", repayments(1, 1))
    desk.admit(DAY, held_to(few_rows=3, same_key_bp={"warn": 0, "refuse": 0}))
    assert of_today(desk)["outcome"] == "admitted"
    assert desk.lake.rows(GATE_RESULT, "delivery_no = 1")["severity"].to_pylist() == ["warning"]


def test_what_comes_in_the_same_batch_is_known(desk: Desk) -> None:
    desk.send("repayment", repayments(1))
    desk.send("loan", [loan(1)])
    desk.admit(DAY, held_to(unknown_bp={"refuse": 0}))
    assert {row["outcome"] for row in desk.ledger()} == {"admitted"}


def test_nothing_of_a_refused_delivery_stays(desk: Desk) -> None:
    """Neither its rows, nor its rejects, nor its personal values, nor a file; its neighbours in the same file do."""
    person = {"customer_id": "P01:C1", "id_type": "id_card", "id_number": "111", "name": "Wang"}
    desk.send("borrower", [person, {**person, "name": "Li"}, {"customer_id": "P02:C7", "name": "Zhao"}])
    desk.send("borrower", [{**person, "customer_id": "P01:C2", "id_number": "222"}], sequence=2)
    desk.admit(DAY, held_to(same_key_bp={"refuse": 0}))
    assert [row["outcome"] for row in desk.ledger()] == ["refused", "admitted"]
    assert [row["customer_id"] for row in desk.rows("borrower")] == ["P01:C2"] and desk.rejected() == []
    values = [t.hex() for path in desk.vault.segments() for t in pq.read_table(path)["token"].to_pylist()]
    assert set(desk.vault.reveal(values).values()) == {"id_card:222", "Wang"}
    assert len(list(desk.lake.path.rglob("batch-*.parquet"))) == 1


def test_the_shipped_limits_are_read_and_mistakes_are_told(tmp_path: Path) -> None:
    shipped = FeedLimits.of(configuration.load(settings.load("test")))
    assert shipped.at("loan", "P01").unknown_bp.refuse == 5000 and shipped.at("repayment", "P01").stale_days.warn == 7
    for text, says in (
        ("limits: {repaymnet: {}}", "no feed repaymnet"),
        ("limits: {all: {unknwn_bp: {warn: 1}}}", "unknwn_bp"),
        ("limits: {repayment/P01: {behind_days: {refuse: soon}}}", "behind_days"),
    ):
        with pytest.raises(UsageError, match=rf"conf/feeds.yaml: limits: .*{says}"):
            FeedLimits.of(Configuration({"feeds.yaml": text}))
