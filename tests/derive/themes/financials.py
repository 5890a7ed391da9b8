"""Drawn statements of several years, customers and lengths, and what the latest of a year says, in plain Python (financials.py)."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

from derive.borrowers import D, Rows
from derive.reference import Told, bp
from derive.themes.book import HUGE

AMOUNTS = ("total_assets_minor", "current_assets_minor", "total_liabilities_minor", "current_liabilities_minor", "debt_minor",
           "turnover_minor", "interest_minor")  # fmt: skip
NAMES = (
    "turnover_change_bp", "equity_share_bp", "interest_cover_bp", "pre_tax_margin_bp", "loss_years", "current_ratio_bp",
    "debt_to_turnover_bp", "statement_age_days",
)  # fmt: skip


def drawn(draw: random.Random, loans: Rows) -> Rows:
    """Some years are not told, some at two partners; half-years are told as well; one period ends after the date."""
    return [
        statement(draw, customer, year, months)
        for customer in sorted({row["customer_id"] for row in loans})
        for year in (2021, 2022, 2023, 2024, *([2025] if draw.random() < 0.05 else []))
        for months in (6, 12) if draw.random() < 0.55
    ]  # fmt: skip


def statement(draw: random.Random, customer: str, year: int, months: int) -> dict[str, Any]:
    figures = {name: draw.choice([0, 1, 80, 100, HUGE]) for name in AMOUNTS}
    signed = {name: draw.choice([-HUGE, -50, 0, 50, HUGE]) for name in ("ebit_minor", "pre_tax_profit_minor")}
    return {"customer_id": customer, "period_ends_on": date(year, 12, 31), "months": months,
            "currency": draw.choice(["CNY"] * 5 + ["USD"]), **figures, **signed}  # fmt: skip


def expected(loans: Rows, statements: Rows) -> dict[str, Told]:
    who = {row["customer_id"]: row["borrower_id"] for row in loans}
    yearly: dict[str, dict[int, dict[str, Any]]] = {}
    for row in sorted(statements, key=lambda told: str(told["customer_id"])):  # told at two partners, the higher number counts
        if row["months"] == 12:
            yearly.setdefault(who[row["customer_id"]], {})[row["period_ends_on"].year] = dict(row)
    return {borrower: _of(yearly.get(borrower, {})) for borrower in who.values()}


def _of(years: dict[int, dict[str, Any]]) -> Told:
    if not years:
        return dict.fromkeys(NAMES)
    last = max(years)
    told, before = years[last], years.get(last - 1)
    grown = 10_000 * told["turnover_minor"] // before["turnover_minor"] - 10_000 if before and before["turnover_minor"] else None
    losses = next(n for n in range(9) if last - n not in years or years[last - n]["pre_tax_profit_minor"] >= 0)
    return {
        "turnover_change_bp": grown if before and before["currency"] == told["currency"] else None,
        "equity_share_bp": bp(told["total_assets_minor"] - told["total_liabilities_minor"], told["total_assets_minor"]),
        "interest_cover_bp": bp(told["ebit_minor"], told["interest_minor"]),
        "pre_tax_margin_bp": bp(told["pre_tax_profit_minor"], told["turnover_minor"]), "loss_years": losses,
        "current_ratio_bp": bp(told["current_assets_minor"], told["current_liabilities_minor"]),
        "debt_to_turnover_bp": bp(told["debt_minor"], told["turnover_minor"]),
        "statement_age_days": max(0, (D - told["period_ends_on"]).days),
    }  # fmt: skip
