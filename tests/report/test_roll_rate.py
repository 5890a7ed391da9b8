"""Roll rates: every loan of two month-ends is in one cell, who left and who came among them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from frames import frame

from loanwatch.admit import feeds
from loanwatch.balance.tables import LOAN_DAY, LOAN_MONTH
from loanwatch.report.roll_rate import roll_rate

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

D = date(2025, 3, 31)
# Loan: partner, balance (None = gone), statuses at the month-end before and now (None = not on the book).
LOANS = {
    "P01:1": ("P01", 10, "N", "NN"), "P01:2": ("P01", 20, "N", "1N"), "P01:3": ("P01", 30, "N", "1N"),
    "P01:4": ("P01", 40, "1N", "21N"),
    "P01:5": ("P01", 50, None, "N"), "P01:6": ("P01", None, "2", None), "P01:7": ("P01", 70, "#N", "N#N"),
    "P02:1": ("P02", 80, "N", "1N"),
}  # fmt: skip


def performed(spark: SparkSession) -> DataFrame:
    named = {"product": "consumer", "currency": "CNY"}
    on_book = [{"loan_id": i, "partner_id": p, "balance_minor": b, **named} for i, (p, b, _, _) in LOANS.items() if b is not None]
    histories = (
        [{"loan_id": loan_id, "own_statuses": told[at]} for loan_id, told in LOANS.items() if told[at] is not None] for at in (3, 2)
    )
    now, before = (frame(spark, LOAN_MONTH, rows) for rows in histories)
    contracts = [{"loan_id": loan_id, **named} for loan_id in LOANS]
    return roll_rate(frame(spark, LOAN_DAY, on_book), frame(spark, feeds.LOAN, contracts), now, before)


def test_loans_by_their_statuses_at_two_month_ends(spark: SparkSession) -> None:
    found = {
        (row["partner_id"], row["status_before"], row["status_now"]): (row["loans"], row["exposure_minor"], row["share_bp"])
        for row in performed(spark).collect()
    }
    assert found == {
        ("P01", "N", "N"): (1, 10, 3333), ("P01", "N", "1"): (2, 50, 6666), ("P01", "1", "2"): (1, 40, 10000),
        ("P01", "new", "N"): (1, 50, 10000), ("P01", "2", "left"): (1, 0, 10000), ("P01", "#", "N"): (1, 70, 10000),
        ("P02", "N", "1"): (1, 80, 10000),
    }  # fmt: skip

