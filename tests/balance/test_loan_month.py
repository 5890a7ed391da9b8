"""`balance.loan_month`: the status of the month by name, its boundaries; periods missed so far and past month-ends against the
reference."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from balance.clock_reference import Instalment, Loan, Walk
from frames import frame

from loanwatch.admit import feeds
from loanwatch.balance.loan_month import loan_month
from loanwatch.balance.tables import LOAN_DAY, LOAN_MONTH
from loanwatch.convention import Convention

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

D = date(2025, 2, 28)
CONVENTIONS = {"default": Convention(), "home": Convention(months="ots", across="component", grace_days=2)}
Rows = list[dict[str, Any]]


def performed(
    spark: SparkSession, days: Rows, loans: Rows, plans: Rows, paid: Rows, events: Rows, day: date = D, before: Rows = ()
) -> dict[str, Row]:
    """The step's rows by loan."""
    found = loan_month(
        frame(spark, LOAN_DAY, days), frame(spark, feeds.LOAN, loans), frame(spark, feeds.INSTALMENT, plans),
        frame(spark, feeds.CHARGE, []), frame(spark, feeds.REPAYMENT, paid), frame(spark, feeds.LOAN_EVENT, events),
        frame(spark, LOAN_MONTH, before), day, CONVENTIONS, [],
    )  # fmt: skip
    return {row["loan_id"].split(":")[1]: row for row in found.collect()}


class Month:
    """Loans by name, due on the 10th of each month from December to March."""

    def __init__(self) -> None:
        self.days: Rows = []
        self.loans: Rows = []
        self.plans: Rows = []
        self.paid: Rows = []
        self.events: Rows = []

    def loan(self, name: str, past_due: int | None, paid: list[date], **day: Any) -> None:
        """A loan and the days of its payments, an instalment each; `past_due` None = not on the book."""
        loan = {"loan_id": f"P01:{name}"}
        self.loans.append(loan | {"opened_on": date(2024, 11, 10), "product": "consumer"})
        if past_due is not None:
            on_book = {"days_past_due": past_due, "own_days_past_due": past_due, "repayment_gap": "none", "status": "open",
                       "opened_on": date(2024, 11, 10)}  # fmt: skip
            self.days.append(loan | on_book | day)
        due = [date(2024, 12, 10), date(2025, 1, 10), date(2025, 2, 10), date(2025, 3, 10)]
        self.plans += [
            loan | {"schedule_no": 1, "instalment_no": n, "agreed_on": date(2024, 11, 10), "due_on": on, "principal_minor": 10,
                    "interest_minor": 0}
            for n, on in enumerate(due, 1)
        ]  # fmt: skip
        self.paid += [
            loan | {"sender_id": "P01", "repayment_id": f"{name}-{n}", "paid_on": on, "paid_minor": 10, "payer": "borrower"}
            for n, on in enumerate(paid)
        ]  # fmt: skip

    def event(self, name: str, kind: str, on: date) -> None:
        self.events.append({
            "loan_id": f"P01:{name}", "sender_id": "P01", "event_id": f"{name}-{kind}", "happened_on": on, "kind": kind,
        })  # fmt: skip


def test_statuses_by_name(spark: SparkSession) -> None:
    dec, jan, feb = date(2024, 12, 10), date(2025, 1, 10), date(2025, 2, 10)
    month = Month()
    month.loan("punctual", 0, [dec, jan, feb])
    month.loan("a_day_late", 0, [dec, jan, feb + timedelta(1)])
    month.loan("on_the_last_day", 0, [dec, jan, D])
    month.loan("late_last_month", 0, [dec, jan + timedelta(5), feb])
    month.loan("missed_once", 0, [dec, feb, feb])
    for days in (1, 30, 31, 60, 61, 180, 181, 900):
        month.loan(f"past_due_{days}", days, [dec, jan])
    month.loan("not_known", 0, [dec, jan, feb], repayment_gap="late")
    month.loan("no_clock", None, [])
    month.days.append({"loan_id": "P01:no_clock", "days_past_due": None, "repayment_gap": "none", "status": "open"})
    month.loan("written_off", 200, [], status="written_off")
    month.loan("written_off_now", 200, [], status="written_off")
    month.event("written_off_now", "write_off", feb)
    month.loan("compensated", 0, [dec, jan, feb])
    month.event("compensated", "compensation", feb)
    month.loan("compensated_before", 0, [dec, jan, feb])
    month.event("compensated_before", "compensation", date(2025, 1, 31))
    month.loan("paid_off", None, [dec, jan, feb, feb])
    month.loan("settled", None, [dec, jan])
    month.event("settled", "settled", date(2025, 2, 1))
    month.loan("bought_back", None, [dec])
    month.event("bought_back", "buy_back", D)
    month.loan("repossessed", None, [dec])
    month.event("repossessed", "repossession", feb)
    month.loan("repossessed_and_owed", 49, [dec])
    month.event("repossessed_and_owed", "repossession", feb)
    month.loan("gone_before", None, [dec, jan])
    month.event("gone_before", "settled", date(2025, 1, 31))
    found = performed(spark, month.days, month.loans, month.plans, month.paid, month.events)
    assert {name: row["status"] for name, row in found.items()} == {
        "punctual": "N", "a_day_late": "M", "on_the_last_day": "M", "late_last_month": "N", "missed_once": "N",
        "past_due_1": "1", "past_due_30": "1", "past_due_31": "2", "past_due_60": "2", "past_due_61": "3", "past_due_180": "6",
        "past_due_181": "7", "past_due_900": "7", "not_known": "#", "no_clock": "#", "written_off": "B", "written_off_now": "B",
        "compensated": "D", "compensated_before": "N", "paid_off": "C", "settled": "C", "bought_back": "G", "repossessed": "Z",
        "repossessed_and_owed": "2",
    }  # fmt: skip
    missed = {"punctual": 0, "a_day_late": 0, "missed_once": 1, "repossessed_and_owed": 1}
    assert {name: found[name]["missed_ever"] for name in missed} == missed



def test_periods_missed_so_far_equal_the_reference(spark: SparkSession) -> None:
    draw, right = Random(3), {}
    rows: dict[str, Rows] = {name: [] for name in ("days", "loans", "plans", "paid")}
    days, loans, plans, paid = rows.values()
    for n in range(800):
        product = draw.choice(["consumer", "home"])
        plan = [Instalment(1, k, D - timedelta(30 * (11 - k)), draw.randint(0, 4), draw.randint(1, 3)) for k in range(12)]
        money = [(row.due + timedelta(draw.choice((0, 0, 0, 1, 29, 30, 31, 65))), row.principal + row.interest) for row in plan]
        loan = Loan(plan, {1: D - timedelta(400)}, [], [(on, minor, "borrower") for on, minor in money if on <= D])
        right[str(n)] = Walk(loan, D, CONVENTIONS["home" if product == "home" else "default"], set()).history()["missed_ever"]
        name = {"loan_id": f"P01:{n}"}
        days.append(name | {"days_past_due": 0, "opened_on": D - timedelta(400)})
        loans.append(name | {"product": product})
        plans += [
            name | {"schedule_no": 1, "instalment_no": row.number, "agreed_on": D - timedelta(400), "due_on": row.due,
                    "principal_minor": row.principal, "interest_minor": row.interest}
            for row in plan
        ]  # fmt: skip
        paid += [
            name | {"sender_id": "P01", "repayment_id": f"{n}-{k}", "paid_on": on, "paid_minor": minor, "payer": "borrower"}
            for k, (on, minor, _) in enumerate(loan.paid)
        ]  # fmt: skip
    found = {name: row["missed_ever"] for name, row in performed(spark, days, loans, plans, paid, []).items()}
    assert found == right
    assert len(set(right.values())) > 5


def test_each_month_end_adds_a_letter_of_the_own_clock(spark: SparkSession) -> None:
    """A past that was kept whole stays as it was thought; a loan that has left the book has none."""
    cases = {0: "N", 1: "1", 30: "1", 31: "2", 60: "2", 61: "3", 180: "6", 181: "7", 900: "7", None: "#"}
    month, kept = Month(), []
    for days in cases:
        month.loan(f"late_{days}", 0, [], own_days_past_due=days)
        kept.append({"loan_id": f"P01:late_{days}", "own_statuses": "#7N"})
    month.loan("gap", 0, [], repayment_gap="late")
    month.loan("sixty", 1, [], opened_on=date(2010, 1, 1))
    kept.append({"loan_id": "P01:sixty", "own_statuses": "N" * 60})
    month.loan("gone", None, [])
    month.event("gone", "settled", D)
    told = {name: row["own_statuses"] for name, row in performed(spark, *vars(month).values(), before=kept).items()}
    expected = {f"late_{days}": f"{letter}#7N" for days, letter in cases.items()}
    assert told == {**expected, "gap": "#", "sixty": "1" + "N" * 59, "gone": None}


def test_month_ends_before_the_first_night_are_read_off_schedule_and_cash(spark: SparkSession) -> None:
    """Opened on 10 November, instalments due on the 10th from December; letters of February, January, December, November."""
    dec, jan, feb = date(2024, 12, 10), date(2025, 1, 10), date(2025, 2, 10)
    month = Month()
    month.loan("punctual", 0, [dec, jan, feb])
    month.loan("caught_up", 0, [date(2025, 2, 1)] * 3)  # 21 days late at the end of December, 52 in January
    month.loan("paid_on_the_month_end", 0, [date(2024, 12, 31), date(2025, 2, 1), feb])
    month.loan("helped", 0, [dec], own_days_past_due=49)
    month.paid += [
        {"loan_id": "P01:helped", "sender_id": "P01", "repayment_id": f"helped-by-{n}", "paid_on": on, "paid_minor": 10,
         "payer": "partner"}
        for n, on in enumerate((jan, feb))
    ]  # fmt: skip
    month.loan("known_again", 0, [dec, jan, feb])  # the last month-end had a gap, and nothing before it
    month.loan("of_payers_not_stated", 0, [dec, jan, feb], own_days_past_due=None)
    month.loan("of_this_month", 0, [], opened_on=date(2025, 2, 1))
    month.loan("rescheduled_from_nothing", 0, [])
    month.plans = [
        row | ({"agreed_on": date(2025, 1, 5)} if row["loan_id"].endswith("nothing") else {}) for row in month.plans
    ]  # fmt: skip
    found = performed(spark, *vars(month).values(), before=[{"loan_id": "P01:known_again", "own_statuses": "#"}])
    assert {name: row["own_statuses"] for name, row in found.items()} == {
        "punctual": "NNNN", "caught_up": "N21N", "paid_on_the_month_end": "N1NN", "helped": "21NN",
        "known_again": "NNNN", "of_payers_not_stated": "#", "of_this_month": "N", "rescheduled_from_nothing": "N2##",
    }  # fmt: skip
