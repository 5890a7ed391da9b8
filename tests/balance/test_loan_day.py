"""The arrears clock against a plain-Python reference that walks through the instalments one by one."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from frames import frame

from loanwatch.admit import feeds
from loanwatch.admit.tables import DELIVERY
from loanwatch.balance.loan_day import loan_day
from loanwatch.gaps import Expected

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
Loan = dict[str, Any]


def reference(loan: Loan) -> dict[str, Any] | None:
    """What a loan owes at the end of D; None where it is not on the book."""
    schedule = max((i["schedule_no"] for i in loan["instalments"]), default=None)
    plan = sorted((i for i in loan["instalments"] if i["schedule_no"] == schedule), key=lambda i: (i["due_on"], i["instalment_no"]))
    if not plan and not loan["principal"]:
        return None
    if not plan:
        nothing = ("arrears_minor", "days_past_due", "own_days_past_due", "missed_instalments", "next_due_on", "next_due_minor")
        return {"balance_minor": loan["principal"], "due_30d_minor": None} | dict.fromkeys(nothing)
    unstated = any(payer is None for _, payer in loan["paid"])
    everybody = walk(plan, sum(amount for amount, _ in loan["paid"]))
    own = walk(plan, sum(amount for amount, payer in loan["paid"] if payer == "borrower"))
    balance = loan["principal"] - everybody["principal"]
    if balance <= 0 and everybody["arrears"] <= 0:
        return None
    return {
        "balance_minor": balance, "arrears_minor": everybody["arrears"], "days_past_due": everybody["days"],
        "own_days_past_due": None if unstated else own["days"], "missed_instalments": everybody["missed"],
        "next_due_on": everybody["next_on"], "next_due_minor": everybody["next"],
        "due_30d_minor": sum(i["principal_minor"] + i["interest_minor"] for i in plan if 0 <= (D - i["due_on"]).days < 30),
    }  # fmt: skip


def walk(plan: list[dict[str, Any]], money: int) -> dict[str, Any]:
    principal, arrears, days, missed = 0, 0, 0, 0
    next_on = min((due["due_on"] for due in plan if due["due_on"] > D), default=None)
    coming = 0 if next_on else None
    for due in plan:
        interest = min(money, due["interest_minor"])
        capital = min(money - interest, due["principal_minor"])
        money -= interest + capital
        principal += capital
        short = due["interest_minor"] + due["principal_minor"] - interest - capital
        if due["due_on"] < D and short:
            arrears, missed = arrears + short, missed + 1
            days = max(days, (D - due["due_on"]).days)
        if due["due_on"] == next_on:
            coming += short
    return {"principal": principal, "arrears": arrears, "days": days, "missed": missed, "next_on": next_on, "next": coming}


DAYS_AGO = (-62, -31, -8, -7, -1, 0, 1, 2, 29, 30, 31, 90, 91, 360, 361)


def some_loan(draw: Random) -> Loan:
    """Any loan; half of them have paid what was due up to today or yesterday, to the cent."""
    plan = [
        {"schedule_no": draw.choice([1, 1, 1, 2]), "instalment_no": n, "due_on": D - timedelta(draw.choice(DAYS_AGO)),
         "principal_minor": draw.randint(0, 5), "interest_minor": draw.randint(0, 5)}
        for n in range(draw.randint(0, 6))
    ]  # fmt: skip
    payers = ["borrower", "borrower", "partner", None]
    paid = [(draw.randint(1, 12), draw.choice(payers)) for _ in range(draw.randint(0, 4))]
    if punctual_to := draw.choice([None, None, D, D - timedelta(1)]):
        due = sum(i["principal_minor"] + i["interest_minor"] for i in plan if i["due_on"] <= punctual_to)
        paid = [(due, paid[0][1] if paid else "borrower")]
    return {"instalments": plan, "paid": paid, "principal": draw.randint(0, 1) + sum(i["principal_minor"] for i in plan)}


def test_the_clock_equals_the_reference(spark: SparkSession) -> None:
    draw = Random(1)
    named = {f"P01:{n}": some_loan(draw) for n in range(1500)}
    found = {row["loan_id"]: row.asDict() for row in performed(spark, named).collect()}
    wrong = []
    for loan_id, loan in named.items():
        expected, row = reference(loan), found.get(loan_id)
        if (row and {name: row[name] for name in expected or row}) != expected:
            wrong.append((loan, expected, row))
    assert not wrong, wrong[0]


def performed(spark: SparkSession, named: dict[str, Loan]) -> Any:
    agreed = D - timedelta(400)
    loan_rows = [
        {"loan_id": i, "customer_id": "P01:C", "principal_minor": x["principal"], "opened_on": agreed} for i, x in named.items()
    ]
    plans = [{"loan_id": i, "agreed_on": agreed, **row} for i, x in named.items() for row in x["instalments"]]
    paid = [
        {"loan_id": i, "sender_id": "P01", "repayment_id": f"{i}-{n}", "paid_on": D, "paid_minor": amount, "payer": payer}
        for i, x in named.items() for n, (amount, payer) in enumerate(x["paid"])
    ]  # fmt: skip
    return loan_day(
        frame(spark, feeds.LOAN, loan_rows), frame(spark, feeds.BORROWER, []), frame(spark, feeds.INSTALMENT, plans),
        frame(spark, feeds.REPAYMENT, paid), frame(spark, feeds.LOAN_EVENT, []),
        frame(spark, DELIVERY, [{"feed": "repayment", "sender": "P01", "business_on": D}]), D,
        Expected("daily", {"repayment": 0}, {}),
    )  # fmt: skip


def test_90_and_91_days_and_a_due_date_that_is_today(spark: SparkSession) -> None:
    def due(days: int) -> Loan:
        return {"instalments": [{"schedule_no": 1, "instalment_no": 1, "due_on": D - timedelta(days), "principal_minor": 9,
                                 "interest_minor": 0}], "paid": [], "principal": 9}  # fmt: skip

    found = performed(spark, {f"P01:{days}": due(days) for days in (0, 1, 90, 91)}).collect()
    assert {row["loan_id"]: row["days_past_due"] for row in found} == {"P01:0": 0, "P01:1": 1, "P01:90": 90, "P01:91": 91}
