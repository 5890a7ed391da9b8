"""Indicators per loan: unknown under a gap, not applicable without collateral, zero only where nothing is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flag.test_rules import load_in_force
from frames import frame

from loanwatch.admit import feeds
from loanwatch.admit.collateral_feeds import GUARANTEE
from loanwatch.admit.contact_feeds import PROMISE
from loanwatch.admit.tables import DELIVERY
from loanwatch.balance.tables import LOAN_DAY, LOAN_MONTH, ROLL_OVER
from loanwatch.cover.tables import LOAN_COVER
from loanwatch.derive.loan_indicator import loan_indicator
from loanwatch.flag.verdict import masks

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

D = date(2025, 3, 1)
Rows = Sequence[dict[str, Any]]
Payment = tuple[int, int, str | None]


def performed(
    spark: SparkSession, days: Rows, covers: Rows = (), payments: Rows = (), histories: Rows = (), **others: Rows
) -> DataFrame:
    """The step's rows; P01 has sent promises and guarantees, P02 guarantees, P03 promises."""
    more = (ROLL_OVER, feeds.CHARGE, feeds.LOAN_EVENT, PROMISE, GUARANTEE)
    given = {of.short: frame(spark, of, others.pop(of.short, ())) for of in more}
    assert not others, f"no feeds {list(others)}"
    senders = {"promise": ("P01", "P03"), "guarantee": ("P01", "P02")}
    sent = [{"feed": feed, "sender": partner, "business_on": D} for feed, partners in senders.items() for partner in partners]
    return loan_indicator(
        frame(spark, LOAN_DAY, days), frame(spark, LOAN_COVER, covers), repayment=frame(spark, feeds.REPAYMENT, payments),
        loan_month_month_ends=frame(spark, LOAN_MONTH, histories), delivery=frame(spark, DELIVERY, sent), as_of=D, **given,
    )  # fmt: skip


def paid(loan_id: str, payments: Sequence[Payment]) -> Rows:
    return [{"loan_id": loan_id, "paid_on": D - timedelta(ago), "paid_minor": amount, "payer": payer}
            for ago, amount, payer in payments]  # fmt: skip


def by_loan(found: DataFrame, *names: str) -> dict[str, tuple[Any, ...]]:
    return {row["loan_id"]: tuple(row[name] for name in names) for row in found.select("loan_id", *names).collect()}


def test_what_a_partner_did_not_deliver_is_unknown_and_the_contract_is_not(spark: SparkSession) -> None:
    owed = {"days_past_due": 3, "own_days_past_due": 5, "arrears_minor": 7, "missed_instalments": 2, "balance_minor": 9,
            "due_30d_minor": 1, "paid_minor": 0, "own_paid_minor": 0, "opened_on": D - timedelta(50)}  # fmt: skip
    rows = [{"loan_id": f"P01:{gap}", "repayment_gap": gap, **owed} for gap in ("none", "late", "absent")]
    found = by_loan(
        performed(spark, rows), "days_past_due", "own_days_past_due", "arrears_minor", "missed_instalments", "balance_minor",
        "first_payment_days", "paid_share_30d_bp", "days_on_book",
    )  # fmt: skip
    unknown = (*[None] * 7, 50)
    assert found == {"P01:none": (3, 5, 7, 2, 9, 3, 0, 50), "P01:late": unknown, "P01:absent": unknown}


def test_shares_of_what_was_paid(spark: SparkSession) -> None:
    """Columns: due in 30 days, payments as (days ago, amount, payer), then paid share and others' share."""
    cases: list[tuple[int, list[Payment], tuple[int | None, int | None]]] = [
        (100, [], (0, None)),
        (0, [], (None, None)),
        (100, [(0, 30, "borrower"), (29, 30, "borrower")], (6000, 0)),
        (100, [(30, 30, "borrower")], (0, 0)),
        (100, [(1, 25, "partner"), (1, 75, "borrower")], (10000, 2500)),
        (100, [(89, 25, "guarantor"), (90, 25, "guarantor"), (1, 75, "borrower")], (7500, 2500)),
        (100, [(1, 50, "insurer"), (1, 50, "collateral")], (10000, 10000)),
    ]
    whole = {"days_past_due": 0, "own_paid_minor": 0}
    rows = [{"loan_id": f"P01:{n}", "due_30d_minor": due, **whole} for n, (due, *_) in enumerate(cases)]
    payments = [row for n, (_, given, _) in enumerate(cases) for row in paid(f"P01:{n}", given)]
    found = by_loan(performed(spark, rows, payments=payments), "paid_share_30d_bp", "others_share_90d_bp")
    for n, (due, given, expected) in enumerate(cases):
        assert found[f"P01:{n}"] == expected, (due, given)


def test_a_payer_who_is_not_stated_leaves_the_share_of_others_unknown(spark: SparkSession) -> None:
    payments = paid("P01:1", [(1, 50, None), (1, 50, "borrower")])
    found = by_loan(performed(spark, [{"loan_id": "P01:1"}], payments=payments), "others_share_90d_bp")
    assert found == {"P01:1": (None,)}


def test_a_loan_without_a_pledge_is_unsecured_and_one_without_a_value_or_an_appraisal_unknown(spark: SparkSession) -> None:
    measured = {"ltv_bp": 8000, "value_change_bp": -50, "valuation_age_days": 20}
    covers = [
        {"loan_id": "P01:valued", **measured},
        {"loan_id": "P01:unknown", "valuation_age_days": 20, "unknown_because": "P01:A: no claim before ours"},
        {"loan_id": "P01:by_model", "ltv_bp": 8000},
    ]
    rows = [{"loan_id": f"P01:{name}"} for name in ("valued", "unknown", "by_model", "unsecured")]
    names = "secured", "valuation_gap", "appraisal_gap", *measured
    assert by_loan(performed(spark, rows, covers), *names) == {
        "P01:valued": (True, "none", "none", 8000, -50, 20),
        "P01:unknown": (True, "absent", "none", None, None, 20),
        "P01:by_model": (True, "none", "absent", 8000, None, None),
        "P01:unsecured": (False, "none", "none", None, None, None),
    }


def test_the_first_payment_is_missed_only_while_nothing_was_ever_paid(spark: SparkSession) -> None:
    cases = {"nothing": (0, 8), "something": (1, 8), "not_yet_due": (0, 0)}
    rows = [{"loan_id": f"P01:{n}", "paid_minor": paid, "days_past_due": d} for n, (paid, d) in cases.items()]
    found = by_loan(performed(spark, rows), "first_payment_days")
    assert found == {"P01:nothing": (8,), "P01:something": (0,), "P01:not_yet_due": (0,)}


def test_a_rule_on_a_clock_that_nobody_knows_is_unknown(spark: SparkSession) -> None:
    """No schedule: both clocks unknown. A payer not stated: the borrower's own clock unknown."""
    rules = load_in_force({"id": "DPD"}, {"id": "OWN", "amber": "own_days_past_due > 0", "red": None})
    rows: Rows = [
        {"loan_id": "P01:known", "days_past_due": 0, "own_days_past_due": 0, "own_paid_minor": 0},
        {"loan_id": "P01:no_schedule", "days_past_due": None, "own_days_past_due": None, "own_paid_minor": 0},
        {"loan_id": "P01:no_payer", "days_past_due": 0, "own_days_past_due": None, "own_paid_minor": None},
    ]
    found = {row["subject_id"]: row["unknown"][0] for row in masks(performed(spark, rows), "loan", rules).collect()}
    assert found == {"P01:known": 0b00, "P01:no_schedule": 0b11, "P01:no_payer": 0b10}


def test_the_first_guarantor_who_was_not_called_upon_counts_and_the_law_sets_six_months(spark: SparkSession) -> None:
    """Columns: last due date, acceleration, guarantees as (agreed until, called on, active); then the days left."""
    cases: list[tuple[date, date | None, list[tuple[date | None, date | None, bool]], int | None]] = [
        (date(2025, 6, 30), None, [], None),
        (date(2024, 8, 31), None, [(None, None, True)], (date(2025, 2, 28) - D).days),
        (date(2025, 6, 30), date(2024, 9, 1), [(None, None, True)], (date(2025, 3, 1) - D).days),
        (date(2024, 1, 31), date(2024, 9, 1), [(None, None, True)], (date(2024, 7, 31) - D).days),
        (date(2024, 12, 1), None, [(date(2026, 12, 1), None, True)], (date(2026, 12, 1) - D).days),
        (date(2024, 12, 1), None, [(date(2026, 12, 1), None, True), (None, None, True)], (date(2025, 6, 1) - D).days),
        (date(2024, 12, 1), None, [(date(2025, 3, 2), None, True), (None, None, True)], 1),
        (date(2024, 12, 1), None, [(date(2026, 12, 1), None, True), (None, date(2025, 1, 1), True)], (date(2026, 12, 1) - D).days),
        (date(2024, 12, 1), None, [(None, date(2025, 1, 1), True)], None),
        (date(2024, 12, 1), None, [(None, None, False)], None),
    ]
    rows = [{"loan_id": f"P01:{n}", "partner_id": "P01", "matures_on": due} for n, (due, *_) in enumerate(cases)]
    events = [{"loan_id": f"P01:{n}", "event_id": f"{n}", "kind": "acceleration", "happened_on": on}
              for n, (_, on, *_) in enumerate(cases) if on]  # fmt: skip
    told = [{"loan_id": f"P01:{n}", "guarantee_id": f"{g}", "until_on": until, "called_on": called, "active": active}
            for n, (*_, given, _) in enumerate(cases) for g, (until, called, active) in enumerate(given)]  # fmt: skip
    rows.append({"loan_id": "P03:0", "partner_id": "P03", "matures_on": D})
    found = by_loan(performed(spark, rows, loan_event=events, guarantee=told), "guarantee_ends_in_days", "guarantee_gap")
    assert found == {f"P01:{n}": (days, "none") for n, (*_, days) in enumerate(cases)} | {"P03:0": (None, "absent")}
