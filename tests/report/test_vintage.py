"""Vintages: all loans that were opened are below the line, those long repaid among them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from frames import frame

from loanwatch.admit import feeds
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.report.vintage import vintage

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 31)
JANUARY, MARCH = date(2025, 1, 1), date(2025, 3, 1)
# Opened on, principal, balance (None = gone), days past due by the own clock (None = not known).
LOANS = [
    (date(2025, 1, 1), 100, 90, 30), (date(2025, 1, 31), 100, 80, 31), (date(2025, 1, 15), 100, None, None),
    (date(2025, 1, 20), 200, 150, 91), (date(2025, 1, 2), 100, 60, None), (date(2025, 3, 31), 50, 50, 0),
    (date(2025, 4, 1), 70, None, None),
]  # fmt: skip


def performed(spark: SparkSession) -> list[Any]:
    named = {"product": "consumer", "currency": "CNY"}
    opened = [{"loan_id": f"P01:{n}", "opened_on": on, "principal_minor": lent, **named}
              for n, (on, lent, _, _) in enumerate(LOANS)]  # fmt: skip
    owed = [{"loan_id": f"P01:{n}", "balance_minor": balance, "own_days_past_due": days}
            for n, (_, _, balance, days) in enumerate(LOANS) if balance is not None]  # fmt: skip
    return vintage(frame(spark, feeds.LOAN, opened), frame(spark, LOAN_DAY, owed), D).collect()


def test_a_month_of_origination_with_all_its_loans(spark: SparkSession) -> None:
    found = {row["opened_month"]: row.asDict() for row in performed(spark)}
    assert set(found) == {JANUARY, MARCH}
    expected = {
        "partner_id": "P01", "months_on_book": 2, "loans": 5, "principal_minor": 600, "exposure_minor": 380, "loans_31_plus": 2,
        "exposure_31_plus_minor": 230, "loans_91_plus": 1, "exposure_91_plus_minor": 150, "loans_unknown": 1,
        "share_31_plus_bp": 3833,
    }  # fmt: skip
    assert {name: found[JANUARY][name] for name in expected} == expected
    assert (found[MARCH]["months_on_book"], found[MARCH]["loans"], found[MARCH]["share_31_plus_bp"]) == (0, 1, 0)

