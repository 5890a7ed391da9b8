"""`balance.loan_day` against the day-by-day reference, over thousands of drawn loans of four conventions; boundaries by name."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from balance.clock_reference import Charge, Event, Instalment, Loan, Walk
from frames import frame

from loanwatch.admit import feeds
from loanwatch.admit.tables import DELIVERY
from loanwatch.balance.loan_day import loan_day
from loanwatch.convention import Convention
from loanwatch.gaps import Expected

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
OPENED = D - timedelta(400)
CLOSED = [D + timedelta(n) for n in range(-500, 500) if (D + timedelta(n)).weekday() >= 5]
CONVENTIONS = {
    "default": Convention(),
    "business": Convention(order=("principal", "interest", "fee"), across="component", technical_days=7, technical_minor=9),
    "home": Convention(closed_days="next_open_day", months="ots", material_minor=3, material_bp=1000),
    "vehicle": Convention(order=("interest", "principal", "fee"), grace_days=3, material_minor=0),
}
DAYS_AGO = (-62, -31, -8, -7, -1, 0, 1, 2, 29, 30, 31, 90, 91, 360, 361)
LENT = 60


def some_loan(draw: Random) -> Loan:
    """Any loan; half have paid what was due up to today or yesterday, to the cent, with charges or without."""
    agreed = {1: OPENED} | ({2: D - timedelta(draw.randint(0, 200))} if draw.random() < 0.2 else {})
    plan = [
        Instalment(no, n, D - timedelta(draw.choice(DAYS_AGO)), draw.randint(0, 5), draw.randint(0, 5))
        for no in agreed for n in range(draw.randint(0 if no == 1 else 1, 6))
    ]  # fmt: skip
    payers = ["borrower", "borrower", "partner", None]
    paid = [(ago(draw), draw.randint(-2, 12), draw.choice(payers)) for _ in range(draw.randint(0, 4))]
    charges = [Charge(ago(draw), ago(draw), draw.randint(0, 4)) for _ in range(draw.choice([0, 0, 0, 1, 2]))]
    if punctual_to := draw.choice([None, None, D, D - timedelta(1)]):
        fees = sum(c.amount for c in charges if max(c.due, c.charged) <= punctual_to) if draw.random() < 0.7 else 0
        paid = [(D, fees + sum(i.principal + i.interest for i in plan if i.due <= punctual_to), "borrower")]
    events = [some_event(draw) for _ in range(draw.choice([0, 0, 0, 1, 2]))]
    return Loan(plan, {no: day for no, day in agreed.items() if any(i.schedule == no for i in plan)}, charges, paid, events)


def ago(draw: Random) -> date:
    return D - timedelta(draw.choice((0, 0, 1, 5, 31, 100, 300)))


def some_event(draw: Random) -> Event:
    day = D - timedelta(draw.choice((0, 1, 20, 40, 95)))
    kind = draw.choice(["holiday", "extension", "acceleration", "re_age", "technical", "lawsuit", "write_off"])
    first = draw.choice([None, day - timedelta(draw.choice((1, 60)))]) if kind in ("holiday", "extension", "technical") else None
    return Event(day, kind, first, day + timedelta(draw.choice((0, 1, 31, 60))))


def expected(loan: Loan, product: str) -> dict[str, Any] | None:
    """The row of a loan; None where it is not on the book."""
    convention = CONVENTIONS.get(product, CONVENTIONS["default"])
    if not loan.instalments:
        return {"balance_minor": LENT, "arrears_minor": None, "days_past_due": None, "own_days_past_due": None,
                "missed_instalments": None, "next_due_on": None, "material_days_past_due": None}  # fmt: skip
    all_paid = Walk(loan, D, convention, set(CLOSED)).reading()
    own = Walk(loan, D, convention, set(CLOSED), {"borrower"}).reading()
    replaced = len(loan.agreed) > 1
    scheduled = sum(i.principal for i in loan.instalments)
    row = all_paid | {
        "balance_minor": all_paid["remaining_minor"] if replaced else LENT - scheduled + all_paid["remaining_minor"],
        "arrears_minor": sum(all_paid[f"{part}_arrears_minor"] for part in ("fee", "interest", "principal")),
        "days_past_due": days(all_paid["unpaid_since"]),
        "own_days_past_due": None if any(payer is None for _, _, payer in loan.paid) else days(own["unpaid_since"]),
        "material_days_past_due": None if convention.material_minor is None else days(all_paid["material_since"], 1),
        "next_due_minor": all_paid["next_due_minor"] if all_paid["next_due_on"] else None,
    }
    off = min((e.day for e in loan.events if e.kind == "write_off"), default=None)
    row["recovered_minor"] = None if off is None else sum(amount for day, amount, _ in loan.paid if day > off)
    for name in ("remaining_minor", "material_since"):
        del row[name]
    return row if row["balance_minor"] or row["arrears_minor"] else None


def days(since: date | None, first: int = 0) -> int:
    return (D - since).days + first if since else 0


def test_the_step_equals_the_reference(spark: SparkSession) -> None:
    draw = Random(1)
    products = ("consumer", "business", "home", "vehicle")
    named = {f"P01:{n}": (some_loan(draw), products[n % 4]) for n in range(4000)}
    found = {row["loan_id"]: row.asDict() for row in performed(spark, named).collect()}
    wrong = []
    for loan_id, (loan, product) in named.items():
        row, right = found.get(loan_id), expected(loan, product)
        if (row and {name: row[name] for name in right or row}) != right:
            wrong.append((product, loan, right, row))
    assert not wrong, (len(wrong), wrong[0])
    assert sum(row["arrears_minor"] == 0 for row in found.values() if row["arrears_minor"] is not None) > 500


def performed(spark: SparkSession, named: dict[str, tuple[Loan, str]]) -> Any:
    loans = [
        {"loan_id": i, "customer_id": "P01:C", "product": product, "principal_minor": LENT, "opened_on": OPENED}
        for i, (_, product) in named.items()
    ]  # fmt: skip
    plans = [
        {"loan_id": i, "agreed_on": x.agreed[row.schedule], "schedule_no": row.schedule, "instalment_no": row.number,
         "due_on": row.due, "principal_minor": row.principal, "interest_minor": row.interest}
        for i, (x, _) in named.items() for row in x.instalments
    ]  # fmt: skip
    charges = [
        {"loan_id": i, "sender_id": "P01", "charge_id": f"{i}-{n}", "charged_on": c.charged, "due_on": c.due,
         "amount_minor": c.amount}
        for i, (x, _) in named.items() for n, c in enumerate(x.charges)
    ]  # fmt: skip
    paid = [
        {"loan_id": i, "sender_id": "P01", "repayment_id": f"{i}-{n}", "paid_on": day, "paid_minor": amount, "payer": payer}
        for i, (x, _) in named.items() for n, (day, amount, payer) in enumerate(x.paid)
    ]  # fmt: skip
    events = [
        {"loan_id": i, "sender_id": "P01", "event_id": f"{i}-{n}", "happened_on": e.day, "kind": e.kind, "from_on": e.first,
         "until_on": e.until}
        for i, (x, _) in named.items() for n, e in enumerate(x.events)
    ]  # fmt: skip
    return loan_day(
        frame(spark, feeds.LOAN, loans), frame(spark, feeds.BORROWER, []), frame(spark, feeds.INSTALMENT, plans),
        frame(spark, feeds.CHARGE, charges), frame(spark, feeds.REPAYMENT, paid), frame(spark, feeds.LOAN_EVENT, events),
        frame(spark, DELIVERY, [{"feed": "repayment", "sender": "P01", "business_on": D}]), D,
        Expected("daily", {"repayment": 0}, {}), CONVENTIONS, CLOSED,
    )  # fmt: skip


def test_90_and_91_days_and_a_due_date_that_is_today(spark: SparkSession) -> None:
    def due(before: int) -> tuple[Loan, str]:
        return Loan([Instalment(1, 1, D - timedelta(before), 9, 0)], {1: OPENED}), "consumer"

    found = performed(spark, {f"P01:{before}": due(before) for before in (0, 1, 90, 91)}).collect()
    assert {row["loan_id"]: row["days_past_due"] for row in found} == {"P01:0": 0, "P01:1": 1, "P01:90": 90, "P01:91": 91}
