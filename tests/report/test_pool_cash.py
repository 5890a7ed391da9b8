"""Cash flow of pools by month, against figures by hand and, over drawn books, a plain loop."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from frames import frame
from pyspark.sql import functions as F

from loanwatch.admit import feeds
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.report.pool_cash import pool_cash
from loanwatch.report.tables import POOL_CASH

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 31)
FIRST = date(2025, 3, 1)
Rows = list[dict[str, Any]]


def performed(spark: SparkSession, told: dict[str, Any], as_of: date = D) -> dict[str, dict[str, Any]]:
    before = frame(spark, POOL_CASH, []).withColumn("as_of", F.lit(as_of))
    for on, row in told.get("before", {}).items():
        before = before.unionByName(frame(spark, POOL_CASH, [row]).withColumn("as_of", F.lit(on)))
    rows = pool_cash(
        frame(spark, feeds.LOAN, told["loan"]), frame(spark, LOAN_DAY, told["loan_day"]),
        frame(spark, feeds.INSTALMENT, told["instalment"]), frame(spark, feeds.REPAYMENT, told["repayment"]),
        frame(spark, feeds.BANK_ENTRY, told["bank_entry"]), before, as_of,
    )  # fmt: skip
    return {row["pool_id"]: row.asDict() for row in rows.collect()}


def loan(number: str, pool: str) -> dict[str, Any]:
    return {"loan_id": number, "pool_id": pool, "currency": "CNY"}


def on_book(number: str, pool: str, status: str = "open", prepaid: int = 0) -> dict[str, Any]:
    return {**loan(number, pool), "status": status, "prepaid_minor": prepaid}


def due(number: str, day: date, amount: int, schedule: int = 1, agreed: date = date(2024, 1, 1), place: int = 1) -> dict[str, Any]:
    return {"loan_id": number, "schedule_no": schedule, "instalment_no": place, "agreed_on": agreed, "due_on": day,
            "principal_minor": amount - 1, "interest_minor": 1}  # fmt: skip


def paid(number: str, day: date, amount: int, payer: str | None = "borrower") -> dict[str, Any]:
    return {"loan_id": number, "paid_on": day, "paid_minor": amount, "payer": payer}


def banked(pool: str, day: date, amount: int) -> dict[str, Any]:
    return {"pool_id": pool, "partner_id": "P01", "currency": "CNY", "booked_on": day, "amount_minor": amount}


def figures(rate: int, cumulative: int, months: int) -> dict[str, Any]:
    return {"pool_id": "A", "currency": "CNY", "cumulative_shortfall_minor": cumulative, "months": months,
            "collection_rate_bp": rate}  # fmt: skip


TOLD: dict[str, Any] = {
    "loan": [loan("P01:1", "A"), loan("P01:2", "A"), loan("P01:3", "A"), loan("P01:4", "A"), loan("P01:5", "B")],
    "loan_day": [on_book("P01:1", "A", prepaid=7), on_book("P01:2", "A", "written_off"), on_book("P01:5", "B")],
    "instalment": [
        due("P01:1", FIRST, 100), due("P01:1", D, 100, place=2), due("P01:1", D + timedelta(1), 100, place=3),
        due("P01:1", FIRST - timedelta(1), 900, place=4),
        # Re-scheduled on the 15th: the old schedule asked until the day before, the new one from then on.
        due("P01:2", date(2025, 3, 14), 30), due("P01:2", date(2025, 3, 15), 40, place=2),
        due("P01:2", date(2025, 3, 15), 20, 2, date(2025, 3, 15)), due("P01:2", date(2025, 3, 20), 20, 2, date(2025, 3, 15), 2),
        # Repaid on the 10th, and gone; long gone.
        due("P01:3", date(2025, 3, 10), 50), due("P01:3", date(2025, 3, 11), 60, place=2), due("P01:4", date(2025, 3, 10), 70),
        due("P01:5", D, 10),
    ],
    "repayment": [
        paid("P01:1", FIRST, 100), paid("P01:1", FIRST - timedelta(1), 5000), paid("P01:1", D, 50, "partner"),
        paid("P01:2", D, 11, None), paid("P01:3", date(2025, 3, 10), 300), paid("P01:3", date(2025, 3, 9), -10, "guarantor"),
    ],
    "bank_entry": [banked("A", FIRST, 400), banked("A", D, -20), banked("A", FIRST - timedelta(1), 9)],
    "before": {date(2025, 2, 28): figures(9000, 120, 5), date(2025, 1, 31): figures(8001, 100, 4)},
}  # fmt: skip


def test_a_month_by_hand(spark: SparkSession) -> None:
    found = performed(spark, TOLD)
    scheduled, received = 100 + 100 + 30 + 20 + 20 + 50, 100 + 50 + 11 + 300 - 10
    assert found["A"] == {
        "pool_id": "A", "currency": "CNY", "scheduled_minor": scheduled, "received_minor": received, "others_paid_minor": 40,
        "banked_minor": 380, "recovered_minor": 11, "prepaid_minor": 7, "shortfall_minor": scheduled - received,
        "cumulative_shortfall_minor": 120 + scheduled - received, "months": 6,
        "collection_rate_bp": 10_000 * received // scheduled, "collection_change_bp": 10_000 * received // scheduled - 8500,
    }  # fmt: skip
    assert (found["B"]["banked_minor"], found["B"]["months"], found["B"]["collection_change_bp"]) == (None, 1, None)
    nothing_came = ("shortfall_minor", "cumulative_shortfall_minor", "collection_rate_bp")
    assert tuple(found["B"][name] for name in nothing_came) == (10, 10, 0)



def test_drawn_books_equal_a_plain_loop(spark: SparkSession) -> None:
    draw = random.Random(3)
    days = [FIRST - timedelta(2), FIRST - timedelta(1), FIRST, date(2025, 3, 15), D - timedelta(1), D, D + timedelta(1)]
    names = [(f"P01:{n}", draw.choice("ABC")) for n in range(60)]
    told: dict[str, Rows] = {name: [] for name in ("loan_day", "instalment", "repayment", "bank_entry")}
    told["loan"] = [loan(*name) for name in names]
    for name, pool in names:
        if draw.random() < 0.7:
            told["loan_day"].append(on_book(name, pool, draw.choice(["open", "open", "written_off"]), draw.randrange(3)))
        for schedule in range(1, draw.randrange(1, 4)):
            agreed = draw.choice(days)
            told["instalment"] += [due(name, draw.choice(days), draw.randrange(2, 99), schedule, agreed, n) for n in range(3)]
        told["repayment"] += [paid(name, draw.choice(days[:6]), draw.randrange(-20, 99), draw.choice([None, "borrower", "partner"]))
                              for _ in range(draw.randrange(3))]  # fmt: skip
    found = performed(spark, told)
    for pool, row in by_hand(told).items():
        assert {name: found[pool][name] for name in row} == row


def by_hand(told: dict[str, Rows]) -> dict[str, dict[str, int]]:
    pools = {row["loan_id"]: row["pool_id"] for row in told["loan"]}
    status = {row["loan_id"]: row["status"] for row in told["loan_day"]}
    total: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(
        ("scheduled_minor", "received_minor", "others_paid_minor", "recovered_minor"), 0))  # fmt: skip
    last: dict[str, date] = {}
    for row in (row for row in told["repayment"] if row["paid_on"] >= FIRST):
        name, sums = row["loan_id"], total[pools[row["loan_id"]]]
        last[name] = max(last.get(name, FIRST), row["paid_on"])
        sums["received_minor"] += row["paid_minor"]
        sums["others_paid_minor"] += row["paid_minor"] if row["payer"] not in (None, "borrower") else 0
        sums["recovered_minor"] += row["paid_minor"] if status.get(name) == "written_off" else 0
    for row in told["instalment"]:
        name = row["loan_id"]
        until = D if name in status else last.get(name, date.min)
        replaced = any(r["loan_id"] == name and r["schedule_no"] > row["schedule_no"] and r["agreed_on"] <= row["due_on"]
                       for r in told["instalment"])  # fmt: skip
        if FIRST <= row["due_on"] <= until and not replaced:
            total[pools[name]]["scheduled_minor"] += row["principal_minor"] + row["interest_minor"]
    return total
