"""A loan in a case: what its rows of `balance.loan_day` and `cover.loan_cover` would be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from loanwatch.balance.tables import LOAN_DAY

Day = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """A day, what the borrower pays on it, and what all collateral is found to be worth on it (None = no new valuation)."""

    day: date
    paid_minor: int = 0
    value_minor: int | None = None


def balance_in(case: Case, loan_day: Day, read: Day, *, with_materiality: bool) -> dict[str, Any]:
    """The columns of `balance.loan_day`, from a reading of the clock on the day of the case."""
    left, own_paid = read["remaining_minor"], loan_day["own_paid_minor"]
    if read["scheduled_minor"] is not None:
        left = loan_day["principal_minor"] - (read["scheduled_minor"] - left)
    told = {name: read[name] for name in read if name in LOAN_DAY.by_name}
    return {
        **loan_day, **told,
        "balance_minor": max(left, 0),
        "arrears_minor": sum(read[f"{part}_arrears_minor"] for part in ("fee", "interest", "principal")),
        "days_past_due": _days(read["unpaid_since"], case.day),
        "own_days_past_due": None if own_paid is None else _days(read["own_unpaid_since"], case.day),
        "material_days_past_due": _days(read["material_since"], case.day, 1) if with_materiality else None,
        "paid_minor": loan_day["paid_minor"] + case.paid_minor,
        "own_paid_minor": None if own_paid is None else own_paid + case.paid_minor,
        "next_due_minor": read["next_due_minor"] if read["next_due_on"] else None,
    }  # fmt: skip


# Of `cover.loan_cover`, what its other columns do not tell in a case: how sure values are, and what other loans leave.
UNTOLD = frozenset((
    "fsd_bp", "shortfall_probability_bp", "bad_shortfall_minor", "prudent_minor", "prudent_shortfall_minor", "prudent_ltv_bp",
))  # fmt: skip


def cover_in(case: Case, loan_cover: Day, before: Day, after: Day) -> dict[str, Any]:
    """The columns of `cover.loan_cover` once the balance has changed; unknown stays unknown, and the market as it is."""
    if not loan_cover:
        return {}
    cover, day = dict(loan_cover), case.day
    if cover["claims_minor"] is not None:
        cover["claims_minor"] += after["balance_minor"] - before["balance_minor"]
    if cover["valuation_age_days"] is not None:
        cover["valuation_age_days"] += (day - before["as_of"]).days
    if case.value_minor is not None:
        cover |= {"cover_minor": case.value_minor, "valuation_age_days": 0, "value_change_bp": 0}
    claims, value = cover["claims_minor"], cover["cover_minor"]
    if claims is None or not value:
        return {**cover, "ltv_bp": None, "pledge_ratio_bp": None, "shortfall_minor": None}
    ratios = {"ltv_bp": 10_000 * claims // value, "pledge_ratio_bp": 10_000 * after["balance_minor"] // value}
    return {**cover, **ratios, "shortfall_minor": max(claims - value, 0)}


def _days(since: date | None, day: date, first: int = 0) -> int:
    """As `balance.loan_day` counts: 0 for none, the date itself is day `first`."""
    return 0 if since is None else (day - since).days + first
