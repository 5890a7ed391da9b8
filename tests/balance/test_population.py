"""The fate of every loan ever delivered: repaid only if the money says so, and lost is found."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from frames import frame

from loanwatch.admit import feeds
from loanwatch.balance.population import population
from loanwatch.balance.tables import LOAN_DAY

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
PRINCIPAL = 1000


def test_what_has_become_of_a_loan(spark: SparkSession) -> None:
    """Columns: opened days ago, events, payments, whether it is on the book; a partner a case, two loans each."""
    cases: list[tuple[str, int, list[str], list[int], bool, str]] = [
        ("open", 9, [], [], True, "on_book"),
        ("paid_but_on_book", 9, [], [1100], True, "on_book"),
        ("written_off", 9, ["write_off"], [], True, "on_book"),
        ("tomorrow", -1, [], [], False, "to_come"),
        ("settled", 9, ["settled"], [400], False, "settled"),
        ("settled_after_extension", 9, ["extension", "settled"], [], False, "settled"),
        ("bought_back", 9, ["buy_back"], [], False, "left"),
        ("transferred", 9, ["transfer"], [], False, "left"),
        ("paid_in_full", 9, [], [1000], False, "repaid"),
        ("paid_with_interest", 9, [], [600, 500], False, "repaid"),
        ("today_and_not_on_book", 0, [], [], False, "lost"),
        ("a_cent_short", 9, [], [600, 399], False, "lost"),
        ("never_paid", 9, [], [], False, "lost"),
        ("only_extended", 9, ["extension"], [], False, "lost"),
        ("only_compensated", 9, ["compensation"], [], False, "lost"),
        ("only_restructured", 9, ["restructuring"], [999], False, "lost"),
        ("only_written_off", 9, ["write_off"], [], False, "lost"),
        ("only_repossessed", 9, ["repossession"], [], False, "lost"),
    ]
    loans, events, payments, days = [], [], [], []
    for name, ago, kinds, paid, on_book, _ in cases:
        for loan_id in (f"{name}:1", f"{name}:2"):
            loans.append({"loan_id": loan_id, "opened_on": D - timedelta(ago), "principal_minor": PRINCIPAL})
            events += [{"loan_id": loan_id, "kind": kind} for kind in kinds]
            payments += [{"loan_id": loan_id, "paid_minor": amount} for amount in paid]
            days += [{"loan_id": loan_id, "partner_id": name}] if on_book else []
    found = population(
        frame(spark, feeds.LOAN, loans), frame(spark, feeds.LOAN_EVENT, events), frame(spark, feeds.REPAYMENT, payments),
        frame(spark, LOAN_DAY, days), D,
    ).collect()  # fmt: skip
    assert {(row["partner_id"], row["fate"]): row["loans"] for row in found} == {(n, fate): 2 for n, *_, fate in cases}


def test_every_loan_is_counted_once_however_many_events_and_payments_it_has(spark: SparkSession) -> None:
    loans = [{"loan_id": f"P01:{n}", "opened_on": D, "principal_minor": 10} for n in range(6)]
    events = [{"loan_id": f"P01:{n}", "kind": kind} for n in (0, 1) for kind in ("settled", "extension", "buy_back")]
    payments = [{"loan_id": f"P01:{n}", "paid_minor": 5, "payer": payer} for n in (1, 2) for payer in ("borrower", None)]
    days = [{"loan_id": f"P01:{n}", "partner_id": "P01"} for n in (3, 4)]
    found = population(
        frame(spark, feeds.LOAN, loans), frame(spark, feeds.LOAN_EVENT, events), frame(spark, feeds.REPAYMENT, payments),
        frame(spark, LOAN_DAY, days), D,
    ).collect()  # fmt: skip
    assert {row["fate"]: row["loans"] for row in found} == {"settled": 2, "repaid": 1, "on_book": 2, "lost": 1}
