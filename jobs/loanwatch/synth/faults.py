"""Faults planted in a clean book: each is listed, and none changes what is true in the end.

Broken lines are extra ones. A corrected payment was wrong when first sent, and is right in the later delivery. A payment that
nobody made has no cash behind it, and is taken back late; so is a total of the ledger that is wrong by one loan.
So ledger, bank and truth agree with the book once everything has arrived and the broken lines are turned away.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from loanwatch.admit.delivery import MANIFEST, Place
from loanwatch.admit.feeds import BEHAVIOUR, CONTROL_TOTAL, REPAYMENT
from loanwatch.columns import WITHDRAWN
from loanwatch.synth.columns import dates
from loanwatch.synth.plan import Plan, as_date
from loanwatch.synth.raw import Lines, Row, lines
from loanwatch.tables import Feed

STALE_VALUATION, DUPLICATE, WRONG_AMOUNT, CORRECTION = "stale_valuation", "duplicate", "wrong_amount", "correction"
LATE = "late"
NO_CASH, TAKEN_BACK, WRONG_TOTAL = "no_cash", "taken_back", "wrong_total"
DUPLICATES, CORRECTIONS = 3, 2
SLIP_MINOR = 100_00
"""By so much the first, wrong version of a corrected payment is too high."""

BROKEN: tuple[tuple[str, Feed, Row], ...] = (
    ("unparsable_amount", REPAYMENT, {"paid_minor": "12,3x4"}),
    ("impossible_date", REPAYMENT, {"paid_on": "2025-02-30"}),
    ("unknown_code", REPAYMENT, {"channel": "pigeon"}),
    ("missing_value", REPAYMENT, {"paid_minor": ""}),
    ("foreign_id", REPAYMENT, {"loan_id": "P02:L0000001"}),
    ("unknown_code", BEHAVIOUR, {"kind": "gossip"}),
    ("missing_value", BEHAVIOUR, {"times": ""}),
    ("foreign_id", BEHAVIOUR, {"customer_id": "P02:C0000001"}),
)


@dataclass
class Planted:
    """What was planted where; a late delivery has no line (0)."""

    found: list[tuple[str, str, int, int, int, str]] = field(default_factory=list)

    def add(self, fault: str, feed: str, sender: str, day: int, sequence: int, line_no: int) -> None:
        self.found.append((feed, sender, day, sequence, line_no, fault))

    def rows(self) -> pa.Table:
        """`planted.parquet`: a row per planted fault."""
        feed, sender, day, sequence, line_no, fault = zip(*sorted(self.found), strict=True) if self.found else ((),) * 6
        return pa.table({
            "feed": pa.array(feed, pa.string()),
            "sender": pa.array(sender, pa.string()),
            "business_on": dates(np.array(day, np.int64)),
            "sequence": pa.array(sequence, pa.int32()),
            "line_no": pa.array(line_no, pa.int32()),
            "fault": pa.array(fault, pa.string()),
        })  # fmt: skip


def plant(plan: Plan, out: Path, planted: Planted, partners: list[str]) -> None:
    """Spoil some deliveries after the first day; where a book is too small to have them, nothing is planted."""
    inbox, days = out / "inbox", list(plan.business_days)[1:]
    busy = [day for day in days if len(lines(inbox, REPAYMENT, partners[0], day).rows) > DUPLICATES]
    if busy:
        spoil(inbox, REPAYMENT, partners[0], busy[0], planted)
        spoil(inbox, BEHAVIOUR, partners[0], busy[0], planted)
    if len(busy) > 1:
        correct(inbox, partners[0], busy[1], planted)
    late = sorted(str(path.parent.relative_to(out / "late")) for path in (out / "late").rglob(MANIFEST))
    if len(days) > 2 and len(partners) > 2:
        late += invent(out, partners[2], days[:len(days) // 2], planted)
        late += [move(out, BEHAVIOUR, partners[1], days[len(days) // 3], planted),
                move(out, REPAYMENT, partners[2], days[len(days) // 2], planted)]  # fmt: skip
    (out / "truth" / "late.json").write_text(json.dumps(late, indent=2) + "\n")


def spoil(inbox: Path, feed: Feed, sender: str, day: int, planted: Planted) -> None:
    """Repeat the first lines at the end of a delivery, and add lines that are broken in one place each."""
    there = lines(inbox, feed, sender, day)
    extra = [(DUPLICATE, row) for row in there.rows[:DUPLICATES]]
    pattern, number = there.rows[0], feed.key[-1].name
    for count, (fault, of, change) in enumerate(BROKEN):
        if of is feed:
            extra.append((fault, {**pattern, number: f"X{day}-{count}", **change}))
    for line_no, (fault, _) in enumerate(extra, len(there.rows) + 1):
        planted.add(fault, feed.name, sender, day, 1, line_no)
    replace(there, rows=there.rows + [row for _, row in extra]).write(inbox)


def correct(inbox: Path, sender: str, day: int, planted: Planted) -> None:
    """Make a slip in some payments, and send them again as they are in a second delivery of the day."""
    there = lines(inbox, REPAYMENT, sender, day)
    right = there.rows[:CORRECTIONS]
    wrong = [{**row, "paid_minor": str(int(row["paid_minor"]) + SLIP_MINOR)} for row in right]
    replace(there, rows=wrong + there.rows[CORRECTIONS:]).write(inbox)
    again = replace(there.place, sequence=2)
    Lines(REPAYMENT, again, right).write(inbox)
    for line_no in range(1, len(right) + 1):
        planted.add(WRONG_AMOUNT, REPAYMENT.name, sender, day, 1, line_no)
        planted.add(CORRECTION, REPAYMENT.name, sender, day, 2, line_no)


def move(out: Path, feed: Feed, sender: str, day: int, planted: Planted) -> str:
    """Hold a delivery back: it waits in `late` until somebody moves it into the inbox. Returns its folder's name."""
    place = Place(feed.name, sender, as_date(day), 1)
    target = place.folder(out / "late")
    target.parent.mkdir(parents=True, exist_ok=True)
    place.folder(out / "inbox").rename(target)
    planted.add(LATE, feed.name, sender, day, 1, 0)
    return str(place)


def invent(out: Path, sender: str, days: list[int], planted: Planted) -> list[str]:
    """A payment that nobody made, at the end of a delivery; it is taken back in one that waits in `late`."""
    busy = [day for day in days if lines(out / "inbox", REPAYMENT, sender, day).rows]
    if not busy:
        return []
    there = lines(out / "inbox", REPAYMENT, sender, busy[-1])
    invented = there.rows[0] | {"repayment_id": f"X{busy[-1]}-invented"}
    replace(there, rows=[*there.rows, invented]).write(out / "inbox")
    back = replace(there.place, sequence=2)
    Lines(REPAYMENT, back, [invented | {WITHDRAWN.name: "true"}]).write(out / "late")
    planted.add(NO_CASH, REPAYMENT.name, sender, busy[-1], 1, len(there.rows) + 1)
    planted.add(TAKEN_BACK, REPAYMENT.name, sender, busy[-1], 2, 1)
    return [str(back.folder(Path()))]


def misbooked(totals: pa.Table, loans: pa.Table, day: int, planted: Planted) -> tuple[pa.Table, pa.Table]:
    """The ledger's totals with a slip in one pool, and the loans of the pool with the loan it was made in."""
    of_pool = totals["pool_id"].index(loans["pool_id"][0]).as_py()
    planted.add(WRONG_TOTAL, CONTROL_TOTAL.name, "ledger", day, 1, of_pool + 1)
    return slipped(totals, of_pool), slipped(loans, 0)


def slipped(rows: pa.Table, row: int) -> pa.Table:
    """The rows, with one balance too high."""
    balance = rows["balance_minor"].to_numpy().copy()
    balance[row] += SLIP_MINOR
    return rows.set_column(rows.column_names.index("balance_minor"), "balance_minor", pa.array(balance))
