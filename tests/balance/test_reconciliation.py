"""Our book against the ledger and the bank: agreed to the cent, per pool, or unknown where there is nothing to compare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from frames import frame

from loanwatch.admit import feeds
from loanwatch.admit.tables import DELIVERY
from loanwatch.balance.reconciliation import reconciliation
from loanwatch.balance.tables import LOAN_DAY, RECONCILIATION
from loanwatch.balance.unmatched import unmatched
from loanwatch.gaps import Expected

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D, YESTERDAY = date(2025, 3, 1), date(2025, 2, 28)
Rows = Sequence[dict[str, Any]]
Found = dict[tuple[str, str], dict[str, Any]]


def performed(
    spark: SparkSession, days: Rows, totals: Rows, loans: Rows = (), payments: Rows = (), entries: Rows = (), lag: int = 1
) -> Found:
    """The step's rows by pool and currency. P01 delivered repayments today, P02 yesterday, P03 never."""
    sent = [("repayment", "P01", D), ("repayment", "P02", YESTERDAY), ("behaviour", "P03", D)]
    deliveries = [{"feed": feed, "sender": sender, "business_on": on} for feed, sender, on in sent]
    found = reconciliation(
        frame(spark, LOAN_DAY, days), frame(spark, feeds.LOAN, loans), frame(spark, feeds.REPAYMENT, payments),
        frame(spark, feeds.CONTROL_TOTAL, totals), frame(spark, feeds.BANK_ENTRY, entries),
        frame(spark, DELIVERY, deliveries), D, lag, Expected("daily", {"repayment": 0}, {}),
    )  # fmt: skip
    return {(row["pool_id"], row["currency"]): row.asDict() for row in found.collect()}


def owed(pool: str, balance: int, partner: str = "P01", **given: Any) -> dict[str, Any]:
    return {"pool_id": pool, "partner_id": partner, "balance_minor": balance, **given}


def booked(pool: str, loans: int, balance: int, partner: str = "P01", **given: Any) -> dict[str, Any]:
    return {"pool_id": pool, "partner_id": partner, "loans": loans, "balance_minor": balance, "booked_on": D, **given}


def test_the_book_agrees_with_the_ledger_is_broken_or_nobody_knows(spark: SparkSession) -> None:
    """Columns: partner, balances on the book, the ledger's loans and balance, then verdict, difference."""
    cases: list[tuple[str, str, list[int], tuple[int, int] | None, tuple[str, int | None]]] = [
        ("agreed", "P01", [60, 40], (2, 100), ("agreed", 0)),
        ("cent_over", "P01", [60, 41], (2, 100), ("broken", 1)),
        ("cent_under", "P01", [60, 39], (2, 100), ("broken", -1)),
        ("nets_with_cent_over", "P01", [60, 39], (2, 100), ("broken", -1)),
        ("a_loan_more", "P01", [60, 40], (1, 100), ("broken", 0)),
        ("not_on_book", "P01", [], (1, 100), ("broken", -100)),
        ("empty_on_both", "P01", [], (0, 0), ("agreed", 0)),
        ("no_total", "P01", [60], None, ("unknown", None)),
        ("late_and_equal", "P02", [60], (1, 60), ("unknown", 0)),
        ("late_and_not", "P02", [60], (1, 50), ("unknown", 10)),
        ("never_delivered", "P03", [60], (1, 60), ("unknown", 0)),
    ]
    days = [owed(name, balance, partner) for name, partner, balances, *_ in cases for balance in balances]
    totals = [booked(name, *ledger, partner) for name, partner, _, ledger, _ in cases if ledger]
    found = performed(spark, days, totals)
    got = {pool: (row["verdict"], row["difference_minor"]) for (pool, _), row in found.items()}
    assert got == {name: expected for name, *_, expected in cases}
    counted = {pool: (row["loans"], row["balance_minor"]) for (pool, _), row in found.items()}
    assert counted == {name: (len(balances), sum(balances)) for name, _, balances, *_ in cases}


def test_only_the_open_book_and_the_total_of_the_day_count_and_currencies_stay_apart(spark: SparkSession) -> None:
    days = [
        owed("written_off", 60), owed("written_off", 40, status="written_off"), owed("repaid_but_late", 60),
        owed("repaid_but_late", 0, arrears_minor=5), owed("old_total", 60), owed("currencies", 60),
    ]  # fmt: skip
    totals = [
        booked("written_off", 1, 60), booked("repaid_but_late", 1, 60), booked("old_total", 1, 60, booked_on=YESTERDAY),
        booked("currencies", 1, 60, currency="USD"),
    ]  # fmt: skip
    assert {key: row["verdict"] for key, row in performed(spark, days, totals).items()} == {
        ("written_off", "CNY"): "agreed", ("repaid_but_late", "CNY"): "agreed", ("old_total", "CNY"): "unknown",
        ("currencies", "CNY"): "unknown", ("currencies", "USD"): "broken",
    }  # fmt: skip


def test_repayments_are_backed_by_what_the_bank_booked_once_they_had_time_to_arrive(spark: SparkSession) -> None:
    """Columns: payments as (days ago, amount), the bank's entries, then repaid, banked, unbacked."""
    cases: list[tuple[str, list[tuple[int, int]], list[int], tuple[int, int | None, int | None]]] = [
        ("backed", [(2, 60), (9, 40)], [100], (100, 100, 0)),
        ("a_cent_short", [(2, 100)], [60, 39], (100, 99, 1)),
        ("nets_with_a_cent_short", [(2, 100)], [101], (100, 101, 0)),
        ("still_on_its_way", [(1, 100)], [0], (0, 0, 0)),
        ("arrived_early", [(0, 100)], [100], (0, 100, 0)),
        ("paid_out_again", [(2, 100)], [100, -30], (100, 70, 30)),
        ("no_statement", [(2, 100)], [], (100, None, None)),
        ("only_the_bank", [], [100], (0, 100, 0)),
    ]
    loans = [{"loan_id": f"P01:{name}", "pool_id": name} for name, *_ in cases]
    payments = [
        {"loan_id": f"P01:{name}", "paid_on": D - timedelta(ago), "paid_minor": amount}
        for name, paid, *_ in cases for ago, amount in paid
    ]  # fmt: skip
    entries = [{"pool_id": name, "partner_id": "P01", "amount_minor": a} for name, _, banked, _ in cases for a in banked]
    found = performed(spark, [owed(name, 1) for name, *_ in cases], [], loans, payments, entries, lag=2)
    columns = "repaid_minor", "banked_minor", "unbacked_minor"
    assert {pool: tuple(row[c] for c in columns) for (pool, _), row in found.items()} == {name: e for name, *_, e in cases}


def test_an_entry_backs_the_repayment_it_names_and_nothing_else_in_no_other_pool(spark: SparkSession) -> None:
    """Repayments as (number, pool, days ago, amount, funder's share), entries as (pool, days ago, amount, number)."""
    repaid = [
        ("R1", "A", 5, 100, None), ("R2", "A", 5, 100, None),  # R1 has its cash, R2 has not
        ("R3", "B", 5, 100, 70), ("R4", "B", 5, 50, None),  # of a split repayment the funder's share; R4 is short
        ("R5", "C", 5, 100, None), ("R6", "C", 4, 40, None), ("R7", "C", 4, 30, None), ("R8", "C", 1, 20, None),
    ]  # fmt: skip
    cash = [
        ("A", 5, 100, "R1"), ("A", 5, 100, "R9"), ("B", 5, 70, "R3"), ("B", 4, 49, "R4"), ("B", 4, 1, "R5"),
        ("C", 5, 120, None), ("C", 1, 99, "RX"),
    ]  # fmt: skip
    loans = [{"loan_id": f"P01:{pool}", "pool_id": pool} for pool in "ABC"]
    payments = [
        {"sender_id": "P01", "repayment_id": number, "loan_id": f"P01:{pool}", "paid_on": D - timedelta(ago), "paid_minor": paid,
         "funder_minor": funder}
        for number, pool, ago, paid, funder in repaid
    ]  # fmt: skip
    entries = [
        {"pool_id": pool, "partner_id": "P01", "booked_on": D - timedelta(ago), "amount_minor": amount, "repayment_id": number}
        for pool, ago, amount, number in cash
    ]  # fmt: skip
    days = [owed(pool, 1) for pool in "ABC"]
    found = performed(spark, days, [], loans, payments, entries, lag=2)
    columns = "repaid_minor", "banked_minor", "unbacked_minor", "unreported_minor"
    assert {pool: tuple(row[c] for c in columns) for (pool, _), row in found.items()} == {
        "A": (200, 200, 100, 100), "B": (120, 120, 1, 1), "C": (170, 219, 50, 0),
    }  # fmt: skip
    rows = listed(spark, [{"partner_id": "P01", "pool_id": pool, "currency": "CNY", "unbacked_minor": 1} for pool in "ABC"],
                  days, loans, payments, entries=entries)  # fmt: skip
    assert {(pool, item): told for (pool, against, item), told in rows.items() if against == "bank"} == {
        ("A", "R2"): (100, None, False), ("A", "R9"): (None, 100, True), ("B", "R4"): (50, 49, True), ("B", "R5"): (None, 1, True),
        ("C", "R6"): (40, None, False), ("C", "R7"): (30, None, False),
    }  # fmt: skip


def listed(
    spark: SparkSession, differing: Rows, days: Rows, loans: Rows, payments: Rows, ledger: Rows = (), entries: Rows = ()
) -> dict[tuple[str, str, str], tuple[int | None, int | None, bool]]:
    """`balance.unmatched` by pool, side and item: ours, theirs, sure."""
    found = unmatched(
        frame(spark, RECONCILIATION, differing), frame(spark, LOAN_DAY, days), frame(spark, feeds.LOAN, loans),
        frame(spark, feeds.REPAYMENT, payments), frame(spark, feeds.LEDGER_LOAN, ledger), frame(spark, feeds.BANK_ENTRY, entries),
        D, 2,
    )  # fmt: skip
    return {(r["pool_id"], r["against"], r["item"]): (r["our_minor"], r["their_minor"], r["sure"]) for r in found.collect()}


def test_loans_that_the_ledger_tells_differently_are_listed_on_both_sides(spark: SparkSession) -> None:
    book = [("same", "A", 60), ("cent", "A", 41), ("ours", "A", 7), ("agreed", "B", 9), ("unlisted", "C", 5)]
    ledger = [("same", "A", 60), ("cent", "A", 40), ("theirs", "A", 3), ("gone", "A", 0), ("agreed", "B", 8)]
    days = [owed(pool, balance, loan_id=f"P01:{name}") for name, pool, balance in book]
    theirs = [
        {"loan_id": f"P01:{name}", "partner_id": "P01", "pool_id": pool, "balance_minor": balance, "booked_on": on}
        for on in (D, YESTERDAY) for name, pool, balance in ledger if not (on == YESTERDAY and name == "same")
    ]  # fmt: skip
    broken = [{"partner_id": "P01", "pool_id": pool, "currency": "CNY", "verdict": verdict}
              for pool, verdict in (("A", "broken"), ("B", "agreed"), ("C", "broken"))]  # fmt: skip
    assert listed(spark, broken, days, [], [], theirs) == {
        ("A", "ledger", "P01:cent"): (41, 40, True), ("A", "ledger", "P01:ours"): (7, None, True),
        ("A", "ledger", "P01:theirs"): (None, 3, True),
    }  # fmt: skip
