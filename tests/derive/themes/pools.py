"""Drawn loans of pools and partners, and what they come to together, in plain Python (pool.py)."""

from __future__ import annotations

import math
import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

from derive.reference import Told, bp

from loanwatch import codes
from loanwatch.derive.indicator import MOST_BP

D = date(2025, 3, 1)
HUGE = 10**13
STATUSES = "N1234567"
Row = dict[str, Any]
Rows = list[Row]


def loans(draw: random.Random) -> Rows:
    """Six hundred of six partners in forty pools; pool 1 has no schedules at all, pool 2 no payer."""
    return [_loan(draw, n, draw.randrange(40)) for n in range(600)]


def _loan(draw: random.Random, number: int, pool: int) -> Row:
    days = None if pool == 1 or draw.random() < 0.1 else draw.choice([0, 0, 0, 1, 4, 5, 30, 31, 90, 91, 400])
    own = None if pool == 2 or days is None or draw.random() < 0.1 else days + draw.choice([0, 0, 31])
    partner, known = f"P0{draw.randrange(6)}", days is not None
    return {
        "loan_id": f"{partner}:{number}", "partner_id": partner, "pool_id": f"pool-{pool:02}",
        "borrower_id": f"B{draw.randrange(90)}",
        "days_past_due": days, "own_days_past_due": own, "balance_minor": draw.choice([0, 1, 100, HUGE]),
        "principal_minor": draw.choice([1, 300, HUGE]), "status": draw.choice(["open", "open", "open", "written_off"]),
        "opened_on": D - timedelta(draw.choice([0, 29, 30, 31, 100, 150, 151])), "paid_minor": draw.choice([-5, 0, 0, 7]),
        "due_30d_minor": draw.choice([0, 1, 100]) if known else None, "arrears_minor": draw.choice([0, 40]) if known else None,
        "prepaid_minor": draw.choice([0, 9]) if known else None, "recovered_minor": draw.choice([None, -2, 0, 60]),
        "repayment_gap": "late" if pool == 4 and number % 2 else "none",
    }  # fmt: skip


def histories(draw: random.Random, loans: Rows) -> Rows:
    """Of most loans some month-ends; of pool 3 none."""
    return [
        {"loan_id": row["loan_id"], "own_statuses": "".join(draw.choices("NNNN122234567#", k=draw.randrange(1, 8)))}
        for row in loans if row["pool_id"] != "pool-03" and draw.random() < 0.9
    ]  # fmt: skip


def payments(draw: random.Random, loans: Rows) -> Rows:
    return [
        {"repayment_id": f"{row['loan_id']}-{n}", "loan_id": row["loan_id"],
         "payer": draw.choice([*codes.PAYERS.words, "borrower"]),
         "paid_on": D - timedelta(draw.choice([0, 1, 29, 30])), "paid_minor": draw.choice([-60, 1, 50, 100, HUGE])}
        for row in loans for n in range(draw.choice([0, 0, 1, 2]))
    ]  # fmt: skip


def events(draw: random.Random, loans: Rows) -> Rows:
    return [
        {"event_id": str(n), "loan_id": draw.choice(loans)["loan_id"], "happened_on": D - timedelta(draw.choice([0, 89, 90, 800])),
         "kind": draw.choice(["compensation", "buy_back", "demand"])} for n in range(250)
    ]  # fmt: skip


def reconciliations(draw: random.Random, loans: Rows) -> Rows:
    """A row a partner and pool, but for pool 0; some, not of partner P00, without control total or bank entry."""
    pairs = sorted({(row["partner_id"], row["pool_id"]) for row in loans if row["pool_id"] != "pool-00"})
    return [
        {"partner_id": partner, "pool_id": pool, "ledger_balance_minor": None if lacking else draw.choice([0, 1, 900, HUGE]),
         "difference_minor": None if lacking else draw.choice([-30, 0, 30]),
         "unbacked_minor": None if unbanked else draw.choice([0, 3, 80]), "repaid_minor": draw.choice([0, 80, 200])}
        for partner, pool in pairs for lacking, unbanked in [[partner != "P00" and draw.random() < 0.1 for _ in range(2)]]
    ]  # fmt: skip


def of_book(mine: Rows, classes: dict[str, str], strings: dict[str, str], payments: Rows, events: Rows) -> Told:
    """What the loans themselves say."""
    helped = {name: max(days) for name in {row["loan_id"] for row in events} if (days := _helped(name, events))}
    return {**_exposed(mine, classes), **_counted(mine, helped), **_paid(mine, payments), **_rolled(mine, strings)}


def _helped(loan: str, events: Rows) -> list[date]:
    return [e["happened_on"] for e in events if e["loan_id"] == loan and e["kind"] in ("compensation", "buy_back")]


def _exposed(mine: Rows, classes: dict[str, str]) -> Told:
    whole = sum(row["balance_minor"] for row in mine)
    ages = {row["loan_id"]: (D - row["opened_on"]).days for row in mine}
    by_borrower = Counter[str]()
    for row in mine:
        by_borrower[row["borrower_id"]] += row["balance_minor"]

    def over(name: str, more: int) -> int:
        return sum(row["balance_minor"] for row in mine if (row[name] or 0) > more)

    def told(keep: list[bool]) -> int | None:
        return bp(sum(row["balance_minor"] for row, kept in zip(mine, keep, strict=True) if kept), whole)

    days, own = "days_past_due", "own_days_past_due"
    return {
        "loans": len(mine), "exposure_minor": whole,
        "exposure_unknown_share_bp": told([row[days] is None for row in mine]),
        "payer_unknown_share_bp": told([row[own] is None for row in mine]),
        "past_due_share_bp": bp(over(days, 0), whole), "early_share_bp": bp(over(days, 4) - over(days, 30), whole),
        "past_due_31_plus_share_bp": bp(over(days, 30), whole), "past_due_91_plus_share_bp": bp(over(days, 90), whole),
        "own_31_plus_share_bp": bp(over(own, 30), whole), "own_91_plus_share_bp": bp(over(own, 90), whole),
        "own_gap_bp": bp(over(own, 30) - over(days, 30), whole),
        "npl_share_bp": told([classes[row["loan_id"]] in ("substandard", "doubtful", "loss") for row in mine]),
        "largest_borrower_share_bp": bp(max(by_borrower.values()), whole),
        "new_share_30d_bp": bp(sum(row["principal_minor"] for row in mine if ages[row["loan_id"]] < 30), whole),
        "arrears_share_bp": bp(sum(row["arrears_minor"] or 0 for row in mine), whole),
        "prepaid_share_bp": bp(sum(row["prepaid_minor"] or 0 for row in mine), whole),
        "recovered_share_bp": bp(sum(row["recovered_minor"] or 0 for row in mine),
                                 sum(row["balance_minor"] for row in mine if row["status"] == "written_off")),
    }  # fmt: skip


def _counted(mine: Rows, helped: dict[str, date]) -> Told:
    young = [row for row in mine if 31 <= (D - row["opened_on"]).days <= 150]
    unpaid = [row for row in young if row["paid_minor"] <= 0 and (row["days_past_due"] or 0) > 30]
    masked = [row for row in mine if row["days_past_due"] == 0 and (row["own_days_past_due"] or 0) > 30]
    lately = [row for row in mine if row["loan_id"] in helped and (D - helped[row["loan_id"]]).days < 90]
    waiting = [row["days_past_due"] or 0 for row in mine if row["loan_id"] not in helped and row["status"] == "open"]
    return {
        "first_payment_default_bp": bp(len(unpaid), len(young)), "masked_loans_share_bp": bp(len(masked), len(mine)),
        "compensated_loans_90d_bp": bp(len(lately), len(mine)), "uncompensated_days": max([90, *waiting]) - 90,
    }  # fmt: skip


def _paid(mine: Rows, payments: Rows) -> Told:
    names = {row["loan_id"] for row in mine}
    recent = [row for row in payments if row["loan_id"] in names and row["paid_on"] > D - timedelta(30)]
    due, paid = sum(row["due_30d_minor"] or 0 for row in mine), sum(row["paid_minor"] for row in recent)
    others = sum(row["paid_minor"] for row in recent if row["payer"] != "borrower")
    return {"collection_rate_30d_bp": bp(paid, due), "own_collection_rate_30d_bp": bp(paid - others, due),
            "compensation_share_30d_bp": bp(others, paid)}  # fmt: skip


def _rolled(mine: Rows, strings: dict[str, str]) -> Told:
    told = [strings.get(row["loan_id"], "") for row in mine]

    def rate(before: str, worse: str) -> int | None:
        moved = [text[0] for text in told if text[1:2] == before and text[0] != "#"]
        return bp(sum(status in worse for status in moved), len(moved))

    return {"roll_from_current_bp": rate("N", STATUSES[1:]), "roll_from_two_bp": rate("2", STATUSES[3:]),
            "status_psi_bp": _psi([text[:1] for text in told], [text[3:4] for text in told])}  # fmt: skip


def _psi(now: list[str], then: list[str]) -> int | None:
    """Sum of (a - b) ln(a / b) over statuses, of counts with one added to each."""
    counts = [[sum(status == one for one in seen) for status in STATUSES] for seen in (now, then)]
    if not sum(counts[1]):
        return None
    a, b = ([(n + 1) / (sum(seen) + len(STATUSES)) for n in seen] for seen in counts)
    return round(10_000 * sum((x - y) * math.log(x / y) for x, y in zip(a, b, strict=True)))


def of_reconciliation(agreed: Rows) -> Told:
    """Never netted over pools; known only where all are."""
    def total(name: str) -> int | None:
        return None if None in (told := [row[name] for row in agreed]) or not told else sum(map(abs, told))

    return {"unbacked_share_bp": _none_allowed(total("unbacked_minor"), total("repaid_minor")),
            "reconciliation_difference_bp": _none_allowed(total("difference_minor"), total("ledger_balance_minor"))}  # fmt: skip


def _none_allowed(part: int | None, whole: int | None) -> int | None:
    """A share of what must not be there: never rounded down to nothing."""
    told = bp(part, whole)
    return max(1, MOST_BP if told is None else told) if part else told
