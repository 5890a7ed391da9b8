"""What forms are filled from: loans on the book and those that left in the month, each once, with what became of them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from frames import frame

from loanwatch.admit import feeds
from loanwatch.balance.tables import LOAN_DAY, LOAN_MONTH, ROLL_OVER
from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.cover.tables import LOAN_COVER
from loanwatch.report.base_loan import base_loan

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2024, 2, 29)
LATE, PAID, BOUGHT, LOST, UNKNOWN = "P01:late", "P01:paid", "P01:bought", "P01:lost", "P01:unknown"
BEHIND, AHEAD = "P01:behind", "P01:ahead"
LOANS = (LATE, PAID, BOUGHT, LOST, UNKNOWN, BEHIND, AHEAD)


def performed(spark: SparkSession, as_of: date = D) -> dict[str, dict[str, Any]]:
    def of(table: Any, *rows: dict[str, Any]) -> Any:
        return frame(spark, table, rows)

    contract = {"customer_id": "P01:c", "principal_minor": 1000, "opened_on": date(2023, 1, 31), "matures_on": date(2025, 1, 31)}
    on_book = [
        {"loan_id": LATE, "balance_minor": 900, "arrears_minor": 70, "days_past_due": 91, "unpaid_since": date(2023, 11, 30)},
        {"loan_id": LOST, "status": "written_off", "balance_minor": 500, "days_past_due": 30, "recovered_minor": 5},
        {"loan_id": UNKNOWN, "balance_minor": 800, "days_past_due": None},
        {"loan_id": BEHIND, "balance_minor": 800, "days_past_due": 7}, {"loan_id": AHEAD, "balance_minor": 800, "days_past_due": 7},
    ]  # fmt: skip
    events = [
        (BOUGHT, "buy_back", date(2024, 2, 10), None), (LOST, "write_off", date(2024, 1, 31), 480),
        (LATE, "extension", date(2023, 6, 1), None), (LATE, "re_age", date(2023, 9, 1), None),
    ]  # fmt: skip
    money = [
        (LATE, date(2024, 1, 5), 40, "borrower"), (LATE, date(2024, 2, 5), 60, "collateral"), (LATE, date(2024, 2, 6), -10, None),
        (PAID, date(2024, 2, 20), 1000, "borrower"),
    ]  # fmt: skip
    schedule = [(1, 1, date(2023, 2, 28)), (1, 2, date(2023, 3, 31)), (2, 1, date(2023, 6, 30)), (2, 2, date(2023, 9, 30)),
                (2, 3, date(2023, 12, 31))]  # fmt: skip
    assets = [("P01:a", 300, date(2023, 5, 1)), ("P01:a", 200, date(2023, 1, 1)), ("P01:b", 250, date(2023, 1, 2))]
    over = [(LATE, 200, True), (LOST, 400, False), (UNKNOWN, 5, True), (BEHIND, None, True), (AHEAD, 3, True)]
    rows = base_loan(
        of(LOAN_DAY, *on_book),
        of(ROLL_OVER, *[{"loan_id": loan, "regulatory_days_past_due": days, "inferred": not named} for loan, days, named in over]),
        of(LOAN_MONTH, *[{"loan_id": loan, "own_statuses": "NN3" if loan == LATE else None} for loan in LOANS]),
        of(feeds.PARTNER, {"partner_id": "P01", "name": "One"}),
        of(feeds.LOAN, *[{"loan_id": loan, **contract} for loan in (*LOANS, "P01:long ago")]),
        of(feeds.BORROWER, {"customer_id": "P01:c", "borrower_id": "token", "id_type": "id_card", "region": "X"}),
        of(feeds.INSTALMENT, *[{"loan_id": LATE, "schedule_no": s, "instalment_no": n, "due_on": on, "principal_minor": 40 + s,
                                "interest_minor": n} for s, n, on in schedule]),
        of(feeds.REPAYMENT, *[{"loan_id": loan, "repayment_id": str(n), "paid_on": on, "paid_minor": paid, "payer": payer,
                               "channel": "debit" if n == 1 else None} for n, (loan, on, paid, payer) in enumerate(money)]),
        of(feeds.LOAN_EVENT, *[{"event_id": kind, "loan_id": loan, "kind": kind, "happened_on": on, "amount_minor": amount}
                               for loan, kind, on, amount in events]),
        of(LOAN_CLASS, *[{"loan_id": row["loan_id"], "five_class": "doubtful"} for row in on_book]),
        of(LOAN_COVER, {"loan_id": LATE, "assets": 2, "cover_minor": 550}),
        of(feeds.PLEDGE, *[{"loan_id": LATE, "asset_id": f"P01:{a}", "active": a != "c"} for a in "abc"]),
        of(feeds.ASSET, *[{"asset_id": f"P01:{a}", "kind": "vehicle", "make": a, "built_year": 2020} for a in "abc"]),
        of(feeds.VALUATION, *[{"asset_id": asset, "value_minor": value, "valued_on": on, "valuation_id": str(n)}
                              for n, (asset, value, on) in enumerate([*assets, ("P01:c", 9999, D)])]),
        as_of,
    )  # fmt: skip
    return {row["loan_id"]: row.asDict() for row in rows.collect()}


def test_each_loan_of_the_month_once_and_none_on_other_dates(spark: SparkSession) -> None:
    found = performed(spark)
    assert set(found) == set(LOANS)
    assert performed(spark, date(2024, 2, 28)) == {}
    for loan in LOANS:
        told = {"partner_id": "P01", "partner_name": "One", "borrower_id": "token", "term_months": 24, "month_end": D}
        assert {name: found[loan][name] for name in told} == told


def test_days_past_due_go_on_through_loans_that_it_repaid_by_its_contract(spark: SparkSession) -> None:
    """The more of both; of a loan that only followed another its own; not known where one of the two is not."""
    found = {loan: row["regulatory_days_past_due"] for loan, row in performed(spark).items()}
    assert found == {LATE: 200, PAID: 0, BOUGHT: 0, LOST: 30, UNKNOWN: None, BEHIND: None, AHEAD: 7}


def test_what_is_owed_of_those_on_the_book_and_what_took_the_others(spark: SparkSession) -> None:
    found = performed(spark)
    late = {
        "left_on": None, "left_because": None, "repaid_on": None, "balance_minor": 900, "arrears_minor": 70, "days_past_due": 91,
        "over_90_since": date(2024, 2, 29), "last_late_on": date(2023, 12, 31), "instalments": 3, "instalment_months": 3,
        "first_due_on": date(2023, 6, 30), "largest_instalment_minor": 45, "paid_minor": 90, "paid_month_minor": 50,
        "proceeds_minor": 60, "last_paid_on": date(2024, 2, 5), "last_channel": None, "renegotiated": True,
        "renegotiated_on": date(2023, 9, 1), "written_off": False, "assets": 2, "asset_id": "P01:b", "make": "b",
        "first_value_minor": 250, "first_valued_on": date(2023, 1, 2), "five_class": "doubtful",
    }  # fmt: skip
    assert {name: found[LATE][name] for name in late} == late
    paid = {"left_on": date(2024, 2, 20), "left_because": "repaid", "repaid_on": date(2024, 2, 20), "balance_minor": 0,
            "arrears_minor": 0, "days_past_due": 0, "over_90_since": None, "five_class": None, "written_off": False}  # fmt: skip
    assert {name: found[PAID][name] for name in paid} == paid
    bought = {"left_on": date(2024, 2, 10), "left_because": "buy_back", "buy_back_on": date(2024, 2, 10), "repaid_on": None}
    assert {name: found[BOUGHT][name] for name in bought} == bought
    lost = {"left_on": None, "written_off": True, "write_off_on": date(2024, 1, 31), "write_off_minor": 480, "recovered_minor": 5}
    assert {name: found[LOST][name] for name in lost} == lost
    unknown = {"days_past_due": None, "over_90_since": None, "last_late_on": None, "instalments": None, "instalment_months": None,
               "asset_id": None, "assets": 0, "paid_minor": 0}  # fmt: skip
    assert {name: found[UNKNOWN][name] for name in unknown} == unknown
