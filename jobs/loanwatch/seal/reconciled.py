"""What the certificate says of ledger and bank: agreed, waived, broken, and which loans and repayments stand behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from loanwatch.balance.tables import UNMATCHED
from loanwatch.seal.statement import Statement
from loanwatch.seal.waivers import Waiver

ITEMS_SHOWN = 10
DIFFERS = "loans that our ledger and the book tell differently"
UNBACKED, UNREPORTED = "repayments that no bank entry backs", "cash that no repayment explains"


def reconciled(
    rows: Sequence[dict[str, Any]], listed: Sequence[dict[str, Any]], waived: Sequence[Waiver], as_of: date
) -> Iterator[Statement]:
    """What `balance.reconciliation` and `unmatched` say; a break that a waiver covers is told with it and blocks nothing."""
    for row in rows:
        subject = f"{row['partner_id']} {row['pool_id']} {row['currency']}"
        ledger = f"{row['ledger_loans']} loans, {row['ledger_balance_minor']}"
        found = f"{row['loans']} loans, {row['balance_minor']}"
        waiver = next((w for w in waived if row["verdict"] == "broken" and w.covers(row, as_of)), None)
        if waiver:
            said = f"{found}; waived by {waiver.who} until {waiver.until}: {waiver.why}"
            yield Statement("balances differ from our ledger, waived", subject, ledger, said, None)
        else:
            holds = {"agreed": True, "broken": False}.get(row["verdict"])
            yield Statement("balances agree with our ledger", subject, ledger, found, holds)
        items = [item for item in listed if all(item[name] == row[name] for name in ("partner_id", "pool_id", "currency"))]
        if differing := [_both(item) for item in items if item["against"] == "ledger"]:
            yield Statement(DIFFERS, subject, "none", _some_items(differing), None)
        of_bank = [item for item in items if item["against"] == "bank"]
        if row["unbacked_minor"]:
            named = [_both(item) for item in of_bank if (item["our_minor"] or 0) > (item["their_minor"] or 0)]
            yield Statement(UNBACKED, subject, "0", f"{row['unbacked_minor']}{_among(named)}", None)
        if row["unreported_minor"]:
            named = [_both(item) for item in of_bank if (item["their_minor"] or 0) > (item["our_minor"] or 0)]
            yield Statement(UNREPORTED, subject, "0", f"{row['unreported_minor']}{_among(named)}", None)


def _both(item: Mapping[str, Any]) -> str:
    """`P01:L7 600 here, none there`: one item, what we have and what they have."""
    ours, theirs = ("none" if item[side] is None else item[side] for side in ("our_minor", "their_minor"))
    return f"{item['item']} {ours} here, {theirs} there" if item["sure"] else f"perhaps {item['item']} {ours}"


def _among(items: Sequence[str]) -> str:
    return f": {_some_items(items)}" if items else ""


def _some_items(items: Sequence[str]) -> str:
    more = f"; and {len(items) - ITEMS_SHOWN} more, in {UNMATCHED.name}" if len(items) > ITEMS_SHOWN else ""
    return "; ".join(items[:ITEMS_SHOWN]) + more
