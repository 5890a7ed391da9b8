"""The arrears clock against a plain-Python reference that walks through the instalments one by one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from frames import frame
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from loanwatch.admit import feeds
from loanwatch.admit.tables import DELIVERY
from loanwatch.balance.loan_day import loan_day

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
        return {"balance_minor": loan["principal"], "arrears_minor": None, "days_past_due": None, "own_days_past_due": None}
    unstated = any(payer is None for _, payer in loan["paid"])
    everybody = walk(plan, sum(amount for amount, _ in loan["paid"]))
    own = walk(plan, sum(amount for amount, payer in loan["paid"] if payer == "borrower"))
    balance = loan["principal"] - everybody["principal"]
    if balance <= 0 and everybody["arrears"] <= 0:
        return None
    return {
        "balance_minor": balance, "arrears_minor": everybody["arrears"], "days_past_due": everybody["days"],
        "own_days_past_due": None if unstated else own["days"],
    }  # fmt: skip


def walk(plan: list[dict[str, Any]], money: int) -> dict[str, int]:
    principal, arrears, days = 0, 0, 0
    for due in plan:
        interest = min(money, due["interest_minor"])
        capital = min(money - interest, due["principal_minor"])
        money -= interest + capital
        principal += capital
        short = due["interest_minor"] + due["principal_minor"] - interest - capital
        if due["due_on"] < D and short:
            arrears += short
            days = max(days, (D - due["due_on"]).days)
    return {"principal": principal, "arrears": arrears, "days": days}


amounts = st.integers(0, 5)
instalments = st.builds(
    lambda schedule, days, principal, interest: {
        "schedule_no": schedule, "due_on": D - timedelta(days), "principal_minor": principal, "interest_minor": interest,
    },
    st.sampled_from([1, 1, 1, 2]), st.sampled_from([-31, -1, 0, 1, 2, 30, 31, 90, 91, 360, 361]), amounts, amounts,
)  # fmt: skip
payments = st.tuples(st.integers(1, 12), st.sampled_from(["borrower", "borrower", "partner", None]))
loans = st.builds(
    lambda plan, paid, slack: {
        "instalments": [{**i, "instalment_no": n} for n, i in enumerate(plan)], "paid": paid,
        "principal": slack + sum(i["principal_minor"] for i in plan),
    },
    st.lists(instalments, max_size=6), st.lists(payments, max_size=4), st.integers(0, 1),
)  # fmt: skip


@settings(
    max_examples=2, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(book=st.lists(loans, min_size=300, max_size=300))
def test_the_clock_equals_the_reference(spark: SparkSession, book: list[Loan]) -> None:
    named = {f"P01:{n}": loan for n, loan in enumerate(book)}
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
        frame(spark, DELIVERY, [{"feed": "repayment", "sender": "P01", "business_on": D}]), D, {"repayment": 0},
    )  # fmt: skip


def test_90_and_91_days_and_a_due_date_that_is_today(spark: SparkSession) -> None:
    def due(days: int) -> Loan:
        return {"instalments": [{"schedule_no": 1, "instalment_no": 1, "due_on": D - timedelta(days), "principal_minor": 9,
                                 "interest_minor": 0}], "paid": [], "principal": 9}  # fmt: skip

    found = performed(spark, {f"P01:{days}": due(days) for days in (0, 1, 90, 91)}).collect()
    assert {row["loan_id"]: row["days_past_due"] for row in found} == {"P01:0": 0, "P01:1": 1, "P01:90": 90, "P01:91": 91}
