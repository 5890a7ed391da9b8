"""What forms are filled from: loans on the book and those that left in the year, each once, with what became of them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from frames import frame
from pyspark.sql import functions as F

from loanwatch.admit import feeds
from loanwatch.admit.collateral_feeds import GUARANTEE
from loanwatch.admit.filing_feeds import LOAN_DETAIL, WRITE_OFF_DETAIL
from loanwatch.balance.tables import LOAN_DAY, LOAN_MONTH, ROLL_OVER
from loanwatch.classify.tables import LOAN_CLASS, OBSERVATION
from loanwatch.cover.tables import LOAN_COVER
from loanwatch.report.base_loan import base_loan
from loanwatch.report.base_tables import BASE_PLEDGE

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2024, 2, 29)
LATE, PAID, BOUGHT, LOST, UNKNOWN = "P01:late", "P01:paid", "P01:bought", "P01:lost", "P01:unknown"
BEHIND, AHEAD = "P01:behind", "P01:ahead"
LOANS = (LATE, PAID, BOUGHT, LOST, UNKNOWN, BEHIND, AHEAD)
GONE, BRIEF = "P01:gone", "P01:brief"  # in January: of the last year, and lent then
LAST_YEAR, JANUARY = date(2023, 12, 31), date(2024, 1, 31)


def performed(spark: SparkSession, as_of: date = D, opening: date = LAST_YEAR) -> dict[str, dict[str, Any]]:
    def of(table: Any, *rows: dict[str, Any]) -> Any:
        return frame(spark, table, rows)

    contract = {"customer_id": "P01:c", "principal_minor": 1000, "opened_on": date(2023, 1, 31), "matures_on": date(2025, 1, 31)}
    on_book = [
        {"loan_id": LATE, "balance_minor": 900, "arrears_minor": 70, "days_past_due": 91, "unpaid_since": date(2023, 11, 30)},
        {"loan_id": LOST, "status": "written_off", "balance_minor": 500, "days_past_due": 30},
        {"loan_id": UNKNOWN, "balance_minor": 800, "days_past_due": None},
        {"loan_id": BEHIND, "balance_minor": 800, "days_past_due": 7}, {"loan_id": AHEAD, "balance_minor": 800, "days_past_due": 7},
    ]  # fmt: skip
    events = [
        (BOUGHT, "buy_back", date(2024, 2, 10), None), (LOST, "write_off", date(2024, 1, 31), 480),
        (LATE, "extension", date(2023, 6, 1), None), (LATE, "re_age", date(2023, 9, 1), None),
    ]  # fmt: skip
    money = [
        (LATE, date(2024, 1, 5), 40, "borrower"), (LATE, date(2024, 2, 5), 60, "collateral"), (LATE, date(2024, 2, 6), -10, None),
        (PAID, date(2024, 2, 20), 1000, "borrower"), (LOST, date(2024, 1, 31), 9, "borrower"),
        (LOST, date(2024, 2, 10), 25, "borrower"), (LOST, date(2024, 2, 12), -5, "borrower"),
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
        of(feeds.LOAN, *[{"loan_id": loan, **contract} for loan in (*LOANS, GONE, "P01:long ago")],
           {"loan_id": BRIEF, **contract, "opened_on": date(2024, 1, 3)}),
        of(feeds.BORROWER, {"customer_id": "P01:c", "borrower_id": "token", "id_type": "id_card", "region": "X", "name": "n"}),
        of(feeds.INSTALMENT, *[{"loan_id": LATE, "schedule_no": s, "instalment_no": n, "due_on": on, "principal_minor": 40 + s,
                                "interest_minor": n} for s, n, on in schedule]),
        of(feeds.REPAYMENT, *[{"loan_id": loan, "repayment_id": str(n), "paid_on": on, "paid_minor": paid, "payer": payer,
                               "channel": "debit" if n == 1 else None} for n, (loan, on, paid, payer) in enumerate(money)]),
        of(feeds.LOAN_EVENT, *[{"event_id": kind, "loan_id": loan, "kind": kind, "happened_on": on, "amount_minor": amount}
                               for loan, kind, on, amount in events]),
        of(LOAN_CLASS, *[{"loan_id": row["loan_id"], "five_class": "doubtful"} for row in on_book]),
        of_date(opening, of(LOAN_CLASS, *[{"loan_id": loan, "five_class": "normal", "book_minor": 950} for loan in (LATE, GONE)],
                            {"loan_id": LOST, "five_class": "loss", "book_minor": 0}))
        .unionByName(of_date(JANUARY, of(LOAN_CLASS, {"loan_id": BRIEF, "five_class": "loss"}))),
        of(OBSERVATION, {"loan_id": LATE, "observed": True, "restructurings": 2}),
        of_date(opening, of(OBSERVATION, {"loan_id": LATE, "observed": False}, {"loan_id": GONE, "observed": True})),
        of(LOAN_COVER, {"loan_id": LATE, "assets": 2, "cover_minor": 550}),
        of(feeds.PLEDGE, *[{"loan_id": LATE, "asset_id": f"P01:{a}", "active": a != "c"} for a in "abc"]),
        of(GUARANTEE, *[{"loan_id": loan, "active": loan != AHEAD} for loan in (LATE, BEHIND, AHEAD)]),
        of(feeds.ASSET, *[{"asset_id": f"P01:{a}", "kind": "vehicle", "make": a, "built_year": 2020} for a in "abc"]),
        of(feeds.VALUATION, *[{"asset_id": asset, "value_minor": value, "valued_on": on, "valuation_id": str(n)}
                              for n, (asset, value, on) in enumerate([*assets, ("P01:c", 9999, D)])]),
        of(LOAN_DETAIL, {"loan_id": LATE, "borrower_kind": "small", "industry_division": 7}),
        of(WRITE_OFF_DETAIL, {"loan_id": LOST, "written_off_principal_minor": 515, "claim_ended": False}),
        of(BASE_PLEDGE, *[{"loan_id": loan, "secured_as": "collateral", "value_share_minor": share}
                          for loan, share in ((LATE, 30), (LATE, 40), (BEHIND, 5), (BEHIND, None))]),
        as_of,
    )  # fmt: skip
    return {row["loan_id"]: row.asDict() for row in rows.collect()}


def of_date(day: date, rows: Any) -> Any:
    return rows.withColumn("as_of", F.lit(day))


def test_each_loan_of_the_year_once(spark: SparkSession) -> None:
    found = performed(spark)
    assert {loan: row["of_month"] for loan, row in found.items()} == {**dict.fromkeys(LOANS, True), GONE: False, BRIEF: False}
    for loan in LOANS:
        told = {"partner_id": "P01", "partner_name": "One", "borrower_id": "token", "term_months": 24, "month_end": D}
        assert {name: found[loan][name] for name in told} == told


def test_days_past_due_go_on_through_loans_that_it_repaid_by_its_contract(spark: SparkSession) -> None:
    """The more of both; of a loan that only followed another its own; not known where one of the two is not."""
    found = {loan: row["regulatory_days_past_due"] for loan, row in performed(spark).items()}
    assert found == {LATE: 200, PAID: 0, BOUGHT: 0, LOST: 30, UNKNOWN: None, BEHIND: None, AHEAD: 7, GONE: 0, BRIEF: 0}


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
    lost = {"left_on": None, "written_off": True, "write_off_on": date(2024, 1, 31), "write_off_minor": 480, "recovered_minor": 20,
            "recovered_principal_minor": 15, "recovered_interest_minor": 5, "recovered_on": date(2024, 2, 10)}  # fmt: skip
    assert {name: found[LOST][name] for name in lost} == lost
    unknown = {"days_past_due": None, "over_90_since": None, "last_late_on": None, "instalments": None, "instalment_months": None,
               "asset_id": None, "assets": 0, "paid_minor": 0, "recovered_minor": None,
               "recovered_principal_minor": None}  # fmt: skip
    assert {name: found[UNKNOWN][name] for name in unknown} == unknown


def test_what_it_was_when_the_year_began_and_what_it_was_last(spark: SparkSession) -> None:
    found = performed(spark)
    told = ("opening_class", "opening_minor", "opening_restructured", "this_year", "last_class", "left_because")
    expected = {
        LATE: ("normal", 950, False, False, "doubtful", None), GONE: ("normal", 950, True, False, "normal", "repaid"),
        BRIEF: (None, 0, False, True, "loss", "repaid"), LOST: (None, 0, False, False, "doubtful", None),
    }  # fmt: skip
    assert {loan: tuple(found[loan][name] for name in told) for loan in expected} == expected
    assert (found[LATE]["restructured"], found[LATE]["restructurings"], found[GONE]["restructured"]) == (True, 2, None)
    assert found[LOST]["written_off_this_year"] and not found[LATE]["written_off_this_year"]


def test_without_a_release_of_the_year_before_only_what_was_lent_since_is_known_new(spark: SparkSession) -> None:
    found = performed(spark, opening=JANUARY)
    assert {loan: row["opening_minor"] for loan, row in found.items()} == {**dict.fromkeys(LOANS), BRIEF: 0}
    assert found[BRIEF]["opening_restructured"] is False and found[LATE]["opening_restructured"] is None


def test_how_it_is_secured_and_what_of_its_collateral_is_for_it(spark: SparkSession) -> None:
    found = performed(spark)
    assert {loan: found[loan]["secured_as"] for loan in (LATE, BEHIND, AHEAD)} == {
        LATE: "collateral", BEHIND: "guarantee", AHEAD: "none"
    }  # fmt: skip
    assert [found[loan]["collateral_minor"] for loan in (LATE, BEHIND, AHEAD)] == [70, None, None]


def test_what_only_forms_ask_for_and_what_is_next(spark: SparkSession) -> None:
    late, other = performed(spark)[LATE], performed(spark)[PAID]
    assert (late["borrower_kind"], late["industry_division"], late["customer_name"], late["extensions"]) == ("small", 7, "n", 1)
    assert (other["borrower_kind"], other["extensions"], other["instalment_no"]) == (None, 0, None)
    assert (late["instalment_no"], late["next_principal_minor"]) == (3, None)  # all of the last schedule is due
    assert late["interest_year_minor"] == 0
    early = performed(spark, date(2023, 6, 30))[LATE]
    assert (early["instalment_no"], early["next_principal_minor"], early["next_interest_minor"]) == (2, 42, 2)
