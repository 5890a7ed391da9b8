"""Indicators of repayment, of what was agreed and claimed, and of cover, per loan: drawn loans against plain Python."""

from __future__ import annotations

import random
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from derive.reference import Told, agree, bp
from derive.test_loan_indicator import D, performed

from loanwatch import codes
from loanwatch.derive import collateral, repayment, servicing

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOANS = 400
EDGES = (0, 1, 29, 30, 44, 45, 59, 60, 61, 89, 90, 134, 135, 364, 365, 729, 730, 731, 1100)  # first days, and the days before
AMOUNTS = (0, 1, 99, 100, 10**13)
EASING = ("extension", "restructuring", "re_age")


@dataclass(frozen=True)
class Loan:
    """A loan of the day and all that was told of it."""

    day: dict[str, Any]
    cover: dict[str, Any]
    chain: dict[str, Any]
    paid: list[dict[str, Any]]
    charged: list[dict[str, Any]]
    events: list[dict[str, Any]]
    promised: list[dict[str, Any]]
    guaranteed: list[dict[str, Any]]

    def sum(self, name: str, days: int, before: int = 0, where: Callable[[Told], bool] = lambda row: True) -> int:
        """Of payments in so many days that ended so many days ago."""
        return sum(row[name] or 0 for row in self.paid if before <= ago(row["paid_on"]) < before + days and where(row))

    def happened(self, *kinds: str, days: int = 36_500) -> list[date]:
        return sorted(e["happened_on"] for e in self.events if e["kind"] in kinds and ago(e["happened_on"]) < days)


def test_loans_have_what_the_words_of_their_indicators_say(spark: SparkSession) -> None:
    draw = random.Random(11)
    loans = {f"P0{n % 2 + 1}:{n}": drawn(draw, f"P0{n % 2 + 1}:{n}") for n in range(LOANS)}
    found = performed(
        spark, [loan.day for loan in loans.values()], [loan.cover for loan in loans.values() if loan.cover],
        [row for loan in loans.values() for row in loan.paid],
        roll_over=[loan.chain for loan in loans.values() if loan.chain],
        charge=[row for loan in loans.values() for row in loan.charged],
        loan_event=[row for loan in loans.values() for row in loan.events],
        promise=[row for loan in loans.values() for row in loan.promised],
        guarantee=[row for loan in loans.values() for row in loan.guaranteed],
    )  # fmt: skip
    expected = {name: {**of_repayment(loan), **of_contract(loan), **of_cover(loan)} for name, loan in loans.items()}
    declared = (*repayment.INDICATORS, *servicing.INDICATORS, *collateral.INDICATORS)
    agree({row["loan_id"]: row.asDict() for row in found.collect()}, declared, expected)


def ago(day: date) -> int:
    return (D - day).days


def drawn(draw: random.Random, name: str) -> Loan:
    day = _day(draw, name)
    return Loan(
        day, _cover(draw, name), _chain(draw, name, known=day["days_past_due"] is not None),
        [_payment(draw, name, n, payer_known=day["own_paid_minor"] is not None) for n in range(draw.randrange(7))],
        [{"charge_id": str(n), "loan_id": name, "charged_on": D - timedelta(draw.choice(EDGES)),
          "kind": draw.choice(codes.CHARGES.words), "amount_minor": draw.choice(AMOUNTS)} for n in range(draw.randrange(4))],
        [{"event_id": f"{name}-{n}", "loan_id": name, "happened_on": D - timedelta(draw.choice([*EDGES, 400])),
          "kind": draw.choice(codes.LOAN_EVENTS.words)} for n in range(draw.randrange(5))],
        [_promise(draw, name, n) for n in range(draw.randrange(3))],
        [{"guarantee_id": str(n), "loan_id": name, "until_on": draw.choice([None, D - timedelta(1), D, D + timedelta(400)]),
          "called_on": draw.choice([None, None, D]), "active": draw.random() < 0.8} for n in range(draw.randrange(3))],
    )  # fmt: skip


def _day(draw: random.Random, name: str) -> dict[str, Any]:
    past_due, payer_known = draw.choice([0, 0, 1, 30, 31, 400, None]), draw.random() < 0.8
    own = None if past_due is None or not payer_known else past_due + draw.choice([0, 0, 35])
    known = past_due is not None
    of_schedule = "arrears_minor", "prepaid_minor", "due_30d_minor"
    return {
        "loan_id": name, "partner_id": name[:3], "repayment_gap": draw.choice(["none"] * 8 + ["late", "absent"]),
        "days_past_due": past_due, "own_days_past_due": own, "unpaid_since": D - timedelta(past_due) if past_due else None,
        "paid_minor": draw.choice([-1, 0, 1]), "own_paid_minor": 0 if payer_known else None, "balance_minor": draw.choice(AMOUNTS),
        **{of: draw.choice(AMOUNTS) if known else None for of in of_schedule},
        "missed_instalments": draw.randrange(9) if known else None, "next_due_minor": draw.choice([1, 100, None]),
        "next_due_on": D + timedelta(draw.choice([1, 31])) if draw.random() < 0.7 else None,
        "opened_on": D - timedelta(draw.choice([0, 364, 365, 366, 2000])),
        "matures_on": D + timedelta(draw.choice([-1096, -1, 0, 1, 500])),
    }  # fmt: skip


def _payment(draw: random.Random, name: str, number: int, *, payer_known: bool) -> dict[str, Any]:
    told = draw.random() < 0.5
    return {
        "repayment_id": str(number), "loan_id": name, "paid_on": D - timedelta(draw.choice(EDGES)),
        "paid_minor": draw.choice([-100, -1, 1, 50, 99, 100, 10**13]), "channel": draw.choice(codes.CHANNELS.words),
        "payer": draw.choice([*codes.PAYERS.words, *["borrower"] * 5]) if payer_known else None,
        "funder_minor": draw.choice([-10, 0, 90]) if told else None, "partner_minor": draw.choice([-10, 0, 30]) if told else None,
    }  # fmt: skip


def _promise(draw: random.Random, name: str, number: int) -> dict[str, Any]:
    due = D - timedelta(draw.choice([-1, 0, 1, 29, 60, 61]))
    return {"promise_id": str(number), "loan_id": name, "promised_on": due - timedelta(draw.choice([0, 15, 40])), "due_on": due,
            "promised_minor": draw.choice([1, 50, 51, 99, 100, 101])}  # fmt: skip


def _cover(draw: random.Random, name: str) -> dict[str, Any]:
    """Of an unsecured loan none."""
    if draw.random() < 0.4:
        return {}
    known = {"value_change_bp": draw.choice([-10_000, 5]),
             "shortfall_probability_bp": draw.choice([0, 1200]), "prudent_shortfall_minor": draw.choice([0, 77]),
             **{of: draw.choice(AMOUNTS) for of in ("ltv_bp", "shortfall_minor", "prior_minor", "cover_minor")}}  # fmt: skip
    why = draw.choice(["A: no valuation", None, None])
    age = draw.choice([5, None]) if why else 5
    return {"loan_id": name, "lien_rank": draw.choice([1, 2]), "valuation_age_days": age, "unknown_because": why,
            "uncounted_liens": draw.choice([0, 1]), "registered_until": draw.choice([None, D - timedelta(1), D + timedelta(400)]),
            **({} if why else known)}  # fmt: skip


def _chain(draw: random.Random, name: str, *, known: bool) -> dict[str, Any]:
    if draw.random() < 0.7:
        return {}
    days = draw.choice([0, 40, 500, None]) if known else None
    return {"loan_id": name, "replaced_loans": draw.choice([0, 1, 3]), "regulatory_days_past_due": days}


def of_repayment(loan: Loan) -> Told:
    day, due = loan.day, loan.day["due_30d_minor"]
    past_due, own, balance = day["days_past_due"], day["own_days_past_due"], day["balance_minor"]
    borrowers_30d = loan.sum("paid_minor", 30, where=lambda row: row["payer"] == "borrower")
    others_90d = loan.sum("paid_minor", 90, where=lambda row: row["payer"] != "borrower")
    partners, lent = loan.sum("partner_minor", 90), loan.sum("funder_minor", 90)
    lately = [row["channel"] for row in loan.paid if ago(row["paid_on"]) < 45 and row["paid_minor"] > 0]
    before = [row["channel"] for row in loan.paid if 45 <= ago(row["paid_on"]) < 135 and row["paid_minor"] > 0]
    charged = [row for row in loan.charged if ago(row["charged_on"]) < 90]
    replaced = loan.chain.get("replaced_loans", 0)
    names = "days_past_due", "own_days_past_due", "arrears_minor", "missed_instalments", "balance_minor"
    return {
        **{name: day[name] for name in names},
        "own_gap_days": None if own is None else own - past_due,
        "arrears_share_bp": bp(day["arrears_minor"], balance), "prepaid_share_bp": bp(day["prepaid_minor"], balance),
        "first_payment_days": past_due if day["paid_minor"] <= 0 else 0,
        "days_on_book": ago(day["opened_on"]),
        "first_year_days_past_due": own if ago(day["opened_on"]) <= 365 else None,
        "days_past_maturity": max(0, ago(day["matures_on"])),
        "paid_share_30d_bp": bp(loan.sum("paid_minor", 30), due), "own_paid_share_30d_bp": bp(borrowers_30d, due),
        "others_share_90d_bp": bp(others_90d, loan.sum("paid_minor", 90)),
        "autopay_off": "debit" in before and bool(lately) and "debit" not in lately,
        "taken_back_90d": sum(row["paid_minor"] < 0 for row in loan.paid if ago(row["paid_on"]) < 90),
        "partner_part_90d_bp": bp(partners, lent + partners),
        "charges_90d_bp": bp(sum(row["amount_minor"] for row in charged), balance),
        "penalties_90d_bp": bp(
            sum(row["amount_minor"] for row in charged if row["kind"] in ("late_fee", "penalty_interest")), balance),
        "next_due_in_days": day["next_due_on"] and (day["next_due_on"] - D).days,
        "next_due_to_last_bp": bp(day["next_due_minor"], due),
        "refinanced_loans": replaced,
        "regulatory_days_past_due": loan.chain["regulatory_days_past_due"] if replaced else past_due,
    }  # fmt: skip


def of_contract(loan: Loan) -> Told:
    past_due, matures = loan.day["days_past_due"], loan.day["matures_on"]
    eased, compensated = loan.happened(*EASING), loan.happened("compensation")
    demanded, called_in = loan.happened("demand", "lawsuit"), loan.happened("acceleration")
    claimed = max([min([matures, *called_in[-1:]]), *demanded])
    barred = date(claimed.year + 3, claimed.month, min(claimed.day, 28) if claimed.month == 2 else claimed.day)
    since_arrears = [day for day in demanded if past_due and ago(day) <= past_due]
    open_ends = [row["until_on"] or months_after(min([matures, *called_in[-1:]]), 6) for row in loan.guaranteed
                 if row["active"] and not row["called_on"]]  # fmt: skip
    recent = [row for row in loan.promised if 1 <= ago(row["due_on"]) <= 60]
    kept = sum(row["promised_minor"] <= paid_between(loan, row["promised_on"], row["due_on"]) for row in recent)
    return {
        "times_eased": len(eased), "times_eased_12m": len(loan.happened(*EASING, days=365)),
        "holidays_12m": len(loan.happened("holiday", days=365)), "days_since_eased": ago(eased[-1]) if eased else None,
        "probation_days_past_due": past_due if eased and ago(eased[-1]) <= 730 else None,
        "technical_causes_12m": len(loan.happened("technical", days=365)), "compensations": len(compensated),
        "days_since_compensated": ago(compensated[-1]) if compensated else None,
        "days_since_demand": ago(demanded[-1]) if demanded else None,
        "undemanded_days_past_due": 0 if since_arrears else past_due,
        "limitation_in_days": (barred - D).days, "guarantee_ends_in_days": (min(open_ends) - D).days if open_ends else None,
        "lawsuits": len(loan.happened("lawsuit")),
        "repossessed": bool(loan.happened("repossession")),
        "kept_promises_60d": kept, "broken_promises_60d": len(recent) - kept,
    }  # fmt: skip


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def paid_between(loan: Loan, first: date, last: date) -> int:
    return sum(row["paid_minor"] for row in loan.paid if first <= row["paid_on"] <= last)


def of_cover(loan: Loan) -> Told:
    names = (
        "ltv_bp", "value_change_bp", "valuation_age_days", "shortfall_minor", "lien_rank", "shortfall_probability_bp",
        "uncounted_liens",
    )  # fmt: skip
    until = loan.cover.get("registered_until")
    return {name: loan.cover.get(name) for name in names} | {
        "prior_share_bp": bp(loan.cover.get("prior_minor"), loan.cover.get("cover_minor")),
        "prudent_shortfall_bp": bp(loan.cover.get("prudent_shortfall_minor"), loan.day["balance_minor"]),
        "registration_gap_days": None if until is None else max((loan.day["matures_on"] - until).days, 0),
    }
