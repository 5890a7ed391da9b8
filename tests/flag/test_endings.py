"""Why a loan left the book, as a truth table: what is known of it, and what the end of its warnings is put down to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flag.nights import Nights, rules_of
from frames import frame

from loanwatch.admit.feeds import LOAN, LOAN_EVENT, REPAYMENT
from loanwatch.balance.tables import ROLL_OVER
from loanwatch.flag.endings import endings
from loanwatch.flag.tables import WARNING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
Paid = list[tuple[int, str | None, int]]


def test_what_the_end_is_put_down_to(spark: SparkSession) -> None:
    """Columns: payments as (day, payer, amount) of a loan of 100, events as (day, kind), what follows `left the book`."""
    cases: list[tuple[str, Paid, list[tuple[int, str]], str]] = [
        ("own", [(1, "partner", 50), (2, "borrower", 50)], [], "repaid by the borrower"),
        ("partner", [(2, "partner", 50), (1, "borrower", 50)], [], "repaid by the partner"),
        ("guarantor", [(1, "guarantor", 100)], [], "repaid by the guarantor"),
        ("nobody_stated", [(1, "borrower", 50), (2, None, 50)], [], "repaid by a payer that is not stated"),
        ("early", [(1, "insurer", 100)], [(2, "settled")], "settled early by the insurer"),
        ("let_off", [(1, "borrower", 60)], [(2, "settled")], "settled early"),
        ("bought", [(1, "partner", 100)], [(1, "buy_back")], "bought back by the partner"),
        ("sold", [], [(1, "buy_back"), (2, "transfer")], "transferred to another lender"),
        ("lost", [(1, "borrower", 99)], [(1, "write_off")], "unaccounted for"),
        ("renewed", [(1, "partner", 100)], [], "repaid by the new loan P01:N"),
        ("followed", [(1, "borrower", 100)], [], "repaid by the new loan P01:F"),
    ]
    loans = [{"loan_id": f"P01:{name}", "principal_minor": 100} for name, *_ in cases]
    loans += [{"loan_id": "P01:N", "refinances_loan_id": "P01:renewed", "opened_on": D},
              {"loan_id": "P01:LATER", "refinances_loan_id": "P01:own", "opened_on": D + timedelta(9)}]  # fmt: skip
    paid = [
        {"loan_id": f"P01:{name}", "paid_on": D + timedelta(day), "payer": payer, "paid_minor": amount, "repayment_id": f"{n}"}
        for name, payments, _, _ in cases for n, (day, payer, amount) in enumerate(payments)
    ]  # fmt: skip
    events = [
        {"loan_id": f"P01:{name}", "kind": kind, "happened_on": D + timedelta(day), "event_id": f"{n}"}
        for name, _, of_loan, _ in cases for n, (day, kind) in enumerate(of_loan)
    ]  # fmt: skip
    gone = spark.createDataFrame([(f"P01:{name}",) for name, *_ in cases], "loan_id string")
    followed: list[dict[str, Any]] = [{"loan_id": "P01:F", "replaced_loan_id": "P01:followed"}]
    found = endings(
        gone, frame(spark, LOAN, loans), frame(spark, LOAN_EVENT, events), frame(spark, REPAYMENT, paid),
        frame(spark, ROLL_OVER, followed), D + timedelta(5),
    )  # fmt: skip
    got = {row["loan_id"].split(":")[1]: row["left_because"] for row in found.collect()}
    assert got == {name: f"the subject left the book: {because}" for name, *_, because in cases}


def test_what_the_end_is_put_down_to_where_it_is_no_loan(spark: SparkSession) -> None:
    said = {"borrower": "no loan of its is left", "asset": "it secures no loan any more", "pool": "no loan is left in it",
            "partner": "no loan of its is left"}  # fmt: skip
    open_before = [{"rule_id": "R0", "subject": subject, "subject_id": "X", "state": "open", "colour": "red", "opened_on": D}
                   for subject in said]  # fmt: skip
    nights = Nights(spark, rules_of({}), tables={WARNING: open_before}, storms_kept=False)
    ended = nights.night(D + timedelta(1), {})
    assert {row["subject"]: (row["state"], row["ended_because"]) for row in ended} == {
        subject: ("cleared", f"the subject left the book: {words}") for subject, words in said.items()
    }
