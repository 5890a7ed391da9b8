"""Small unsecured loans by partner, product and vintage, with what to ask of the partner; pools and partners with warnings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flag.test_rules import load_in_force
from frames import frame

from loanwatch.admit.feeds import PLEDGE
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.flag.tables import WARNING
from loanwatch.queue.institution_item import institution_item
from loanwatch.queue.portfolio_item import portfolio_item
from loanwatch.settings import PortfolioActions

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
JANUARY, FEBRUARY = date(2025, 1, 1), date(2025, 2, 1)
Rows = Sequence[dict[str, Any]]
RULES = load_in_force({"id": "R1"}, {"id": "R2"}, {"id": "HEAVY", "weight": 2}, {"id": "OTHER"})


def warned(subject: str, subject_id: str, rule: str = "R1", colour: str = "red", **given: Any) -> dict[str, Any]:
    says = {"says_en": f"{rule} of {subject_id}", "says_zh": f"{subject_id}：{rule}"}
    on = {"subject": subject, "subject_id": subject_id}
    return {"rule_id": rule, **on, "state": "open", "colour": colour, "opened_on": D, "respond_by": D, **says, **given}


def loan(number: str, owed: int, opened: date = JANUARY, partner: str = "P01", **given: Any) -> dict[str, Any]:
    named = {"loan_id": f"{partner}:{number}", "borrower_id": number, "partner_id": partner}
    return {**named, "balance_minor": owed, "opened_on": opened, **given}


def portfolio(spark: SparkSession, warnings: Rows, loans: Rows, pledges: Rows = ()) -> list[tuple[Any, ...]]:
    found = portfolio_item(
        frame(spark, WARNING, warnings), frame(spark, LOAN_DAY, loans), frame(spark, PLEDGE, pledges), RULES, 1000,
        PortfolioActions(stop_bp=500, margin_bp=1000, buy_back_bp=2000),
    )  # fmt: skip
    names = "partner_id", "opened_month", "loans", "exposure_minor", "warned_loans", "red_loans", "red_share_bp", "action"
    return [tuple(row[name] for name in names) for row in found.orderBy("place").collect()]


def test_vintages_of_small_loans_worst_first_with_what_to_ask(spark: SparkSession) -> None:
    """Each share stands on its limit, or one below."""
    loans, warnings = [], []
    for partner, red in (("P1", 200), ("P2", 199), ("P3", 100), ("P4", 99), ("P5", 50), ("P6", 49)):
        loans += [loan(f"{partner}r", red, partner=partner), loan(f"{partner}c", 999 - red, partner=partner),
                  loan(f"{partner}x", 1, partner=partner)]  # fmt: skip
        warnings += [warned("loan", f"{partner}:{partner}r"), warned("borrower", f"{partner}x", colour="amber")]
    found = portfolio(spark, warnings, loans)
    assert [(row[0], row[-2], row[-1]) for row in found] == [
        ("P1", 2000, "demand_buy_back"), ("P2", 1990, "call_margin"), ("P3", 1000, "call_margin"), ("P4", 990, "stop_origination"),
        ("P5", 500, "stop_origination"), ("P6", 490, "watch"),
    ]  # fmt: skip
    assert {row[2:6] for row in found} == {(3, 1000, 2, 1)}


def test_large_and_secured_borrowers_and_what_is_hidden_are_left_out(spark: SparkSession) -> None:
    loans = [loan("small", 999), loan("large", 1000), loan("secured", 10), loan("calm", 10, FEBRUARY), loan("hidden", 10, FEBRUARY)]
    warnings = [warned("loan", f"P01:{name}") for name in ("small", "large", "secured")]
    warnings += [warned("loan", "P01:hidden", hidden="snoozed")]
    pledges = [{"loan_id": "P01:secured", "asset_id": "P01:A", "active": True}]
    assert portfolio(spark, warnings, loans, pledges) == [("P01", JANUARY, 1, 999, 1, 1, 10000, "demand_buy_back")]


def test_pools_and_partners_with_open_warnings_worst_first(spark: SparkSession) -> None:
    warnings = [
        warned("pool", "A", "R1", opened_on=D - timedelta(3)), warned("pool", "A", "R2", "amber", respond_by=D - timedelta(1)),
        warned("partner", "P01", "HEAVY"), warned("partner", "P02", "HEAVY", state="cleared"), warned("loan", "P01:1"),
        warned("partner", "P03", "R1", hidden="dismissed"),
    ]  # fmt: skip
    found = [row.asDict() for row in institution_item(frame(spark, WARNING, warnings), RULES).orderBy("place").collect()]
    assert [(row["subject"], row["subject_id"], row["points"], row["warnings"]) for row in found] == [
        ("partner", "P01", 6, 1), ("pool", "A", 3, 2),  # of one theme the heaviest only
    ]  # fmt: skip
    says = {"colour": "red", "open_since": D - timedelta(3), "respond_by": D - timedelta(1), "rules": ["R1", "R2"],
            "reasons_en": ["R1 of A", "R2 of A"], "actions_zh": ["致电"]}  # fmt: skip
    assert {name: found[1][name] for name in says} == says
