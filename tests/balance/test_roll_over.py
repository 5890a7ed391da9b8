"""`balance.roll_over`: days go on through chains of loans; against the day-by-day reference, and boundaries by name."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from balance.clock_reference import Charge, Event, Instalment, Loan, Walk
from frames import frame

from loanwatch.admit import feeds
from loanwatch.balance.roll_over import roll_over
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.convention import Convention

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
DAYS = 7
CONVENTIONS = {
    "default": Convention(),
    "home": Convention(grace_days=5, order=("principal", "interest", "fee"), across="component"),
}


class Book:
    """Loans by a few words each, as frames; those not `on_book` are paid off."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in ("loan", "instalment", "charge", "repayment", "event")}
        self.on_book: list[dict[str, Any]] = []
        self.borrowers: list[dict[str, Any]] = []

    def loan(
        self, name: str, opened: int, matures: int, *, by: str = "B1", names: str | None = None, product: str = "consumer"
    ) -> str:
        """`opened` and `matures` are days before D."""
        customer = f"{name[:3]}:{by}"
        self.rows["loan"].append({
            "loan_id": name, "customer_id": customer, "opened_on": ago(opened), "matures_on": ago(matures),
            "refinances_loan_id": names, "product": product,
        })  # fmt: skip
        self.borrowers.append({"customer_id": customer, "borrower_id": by})
        return name

    def due(self, name: str, day: int, minor: int = 100, number: int = 1) -> None:
        self.rows["instalment"].append({
            "loan_id": name, "schedule_no": 1, "instalment_no": number, "agreed_on": ago(2000), "due_on": ago(day),
            "principal_minor": minor, "interest_minor": 0,
        })  # fmt: skip

    def paid(self, name: str, day: int, minor: int = 100) -> None:
        self.rows["repayment"].append({
            "loan_id": name, "sender_id": "P01", "repayment_id": f"{name}-{len(self.rows['repayment'])}", "paid_on": ago(day),
            "paid_minor": minor, "payer": "borrower",
        })  # fmt: skip

    def owes(self, name: str, unpaid_since: int | None = None, **more: Any) -> None:
        since = None if unpaid_since is None else ago(unpaid_since)
        row = {"loan_id": name, "unpaid_since": since, "technical": False, "days_past_due": unpaid_since or 0}
        self.on_book.append(row | more)

    def performed(self, spark: SparkSession) -> dict[str, dict[str, Any]]:
        unique = {row["customer_id"]: row for row in self.borrowers}.values()
        found = roll_over(
            frame(spark, LOAN_DAY, self.on_book), frame(spark, feeds.LOAN, self.rows["loan"]),
            frame(spark, feeds.BORROWER, list(unique)), frame(spark, feeds.INSTALMENT, self.rows["instalment"]),
            frame(spark, feeds.CHARGE, self.rows["charge"]), frame(spark, feeds.REPAYMENT, self.rows["repayment"]),
            frame(spark, feeds.LOAN_EVENT, self.rows["event"]), D, CONVENTIONS, [], DAYS,
        )  # fmt: skip
        return {row["loan_id"]: row.asDict() for row in found.collect()}


def ago(days: int) -> date:
    return D - timedelta(days)


def test_boundaries_by_name(spark: SparkSession) -> None:
    book = Book()

    def rolled(name: str, *, due: int, paid: int, opened: int, names: bool = False, **how: Any) -> None:
        """A loan due and paid so many days ago, then one opened; each pair of a borrower of its own, at two partners."""
        old = book.loan(f"P01:{name}-old", 900, due, by=name, **how)
        book.due(old, due)
        book.paid(old, paid)
        book.owes(book.loan(f"P0{1 if names else 2}:{name}", opened, -300, by=name, names=old if names else None))

    rolled("named", due=91, paid=31, opened=31, names=True)
    rolled("same-day", due=91, paid=31, opened=31)
    rolled("in-time", due=91, paid=31, opened=31 - DAYS)
    rolled("too-late", due=91, paid=31, opened=31 - DAYS - 1)
    rolled("before", due=91, paid=31, opened=32)
    rolled("punctual", due=91, paid=91, opened=91)
    rolled("named-punctual", due=91, paid=91, opened=91, names=True)
    rolled("grace-kept", due=91, paid=85, opened=85, names=True, product="home")
    rolled("grace-over", due=91, paid=84, opened=84, names=True, product="home")
    rolled("bought-back", due=91, paid=31, opened=31)
    book.rows["event"].append({"loan_id": "P01:bought-back-old", "happened_on": ago(31), "kind": "buy_back"})
    rolled("then-late", due=200, paid=200, opened=200, names=True)
    book.on_book[-1].update(unpaid_since=ago(10), days_past_due=10)
    rolled("technical", due=200, paid=200, opened=200, names=True)
    book.on_book[-1].update(unpaid_since=ago(2), days_past_due=2, technical=True)
    book.owes(book.loan("P01:stranger", 50, -300, by="S", names="P01:nobody"))

    found = book.performed(spark)
    days = {name.split(":")[1]: row["regulatory_days_past_due"] for name, row in found.items()}
    assert days == {
        "named": 91, "same-day": 91, "in-time": 91, "punctual": 0, "named-punctual": 0, "grace-kept": 0, "grace-over": 91,
        "then-late": 200, "technical": 0, "stranger": None,
    }  # fmt: skip
    assert {name.split(":")[1] for name, row in found.items() if row["inferred"]} == {"same-day", "in-time", "punctual"}
    assert found["P01:then-late"]["original_matures_on"] == ago(200)
    assert found["P02:punctual"]["original_matures_on"] is None


def test_a_loan_replaces_several_and_hands_on_through_closed_ones(spark: SparkSession) -> None:
    book = Book()
    for name, due in (("a", 120), ("b", 150)):
        book.due(book.loan(f"P01:{name}", 900, due), due)
        book.paid(f"P01:{name}", 100)
    middle = book.loan("P02:c", 98, 50)
    book.due(middle, 50)
    book.paid(middle, 50)
    book.owes(book.loan("P02:d", 50, -300, names=middle))
    (last,) = book.performed(spark).values()
    assert (last["replaced_loan_id"], last["inferred"], last["carried_since"]) == ("P02:c", False, ago(150))
    assert (last["original_matures_on"], last["regulatory_days_past_due"]) == (ago(50), 150)


def test_past_due_at_the_pay_off_equals_the_reference(spark: SparkSession) -> None:
    """Old loans of any history, each repaid by one new loan at its last payment."""
    draw, book, right = Random(5), Book(), {}
    for n in range(600):
        product = draw.choice(["consumer", "home"])
        old, loan, last = f"P01:{n}-old", some_history(draw), draw.randint(1, 60)
        book.loan(old, 2000, -10, by=f"B{n}", product=product)
        told(book, old, loan, last)
        new = book.loan(f"P01:{n}", last, -300, by=f"B{n}", names=old)
        book.owes(new)
        convention = CONVENTIONS["home" if product == "home" else "default"]
        right[new] = Walk(loan, ago(last + 1), convention, set()).reading()["unpaid_since"]
    found = {name: row["carried_since"] for name, row in book.performed(spark).items()}
    assert found == right
    assert 100 < sum(since is not None for since in right.values()) < 500


def some_history(draw: Random) -> Loan:
    numbers = range(draw.randint(1, 6))
    plan = [Instalment(1, n, ago(draw.randint(-40, 200)), draw.randint(0, 5), draw.randint(0, 5)) for n in numbers]
    charges = [Charge(ago(day), ago(day), draw.randint(1, 4)) for day in draw.sample(range(200), draw.choice([0, 0, 1]))]
    paid = [(ago(draw.randint(61, 200)), draw.randint(-2, 15), "borrower") for _ in range(draw.randint(0, 4))]
    events = []
    for _ in range(draw.choice([0, 0, 1])):
        day = draw.randint(0, 200)
        events.append(Event(ago(day), draw.choice(["extension", "acceleration", "re_age"]), None, ago(day - draw.randint(1, 40))))
    return Loan(plan, {1: ago(2000)}, charges, paid, events)


def told(book: Book, name: str, loan: Loan, last: int) -> None:
    """The history in the feeds, and the money that pays it off."""
    for row in loan.instalments:
        book.rows["instalment"].append({
            "loan_id": name, "schedule_no": 1, "instalment_no": row.number, "agreed_on": ago(2000), "due_on": row.due,
            "principal_minor": row.principal, "interest_minor": row.interest,
        })  # fmt: skip
    for n, charge in enumerate(loan.charges):
        book.rows["charge"].append({
            "loan_id": name, "sender_id": "P01", "charge_id": f"{name}-{n}", "charged_on": charge.charged, "due_on": charge.due,
            "amount_minor": charge.amount,
        })  # fmt: skip
    for n, event in enumerate(loan.events):
        book.rows["event"].append({
            "loan_id": name, "sender_id": "P01", "event_id": f"{name}-{n}", "happened_on": event.day, "kind": event.kind,
            "from_on": event.first, "until_on": event.until,
        })  # fmt: skip
    for day, amount, _ in [*loan.paid, (ago(last), 1000, "borrower")]:
        book.paid(name, (D - day).days, amount)
