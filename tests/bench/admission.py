"""Admission, warm: a day of 100k repayments and 500k events in 400 deliveries, and 1M rows, all good and all bad. `--help`.

CPU seconds are user + system of this process, the JVM and the Python workers, which have done a day before.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
from night import Meter, machine

from loanwatch import session, settings
from loanwatch.admit.batch import Admission
from loanwatch.admit.delivery import DeliveryWriter, Place
from loanwatch.admit.feeds import FEEDS
from loanwatch.admit.limits import FeedLimits
from loanwatch.admit.tables import DELIVERY
from loanwatch.admit.work import spread
from loanwatch.configuration import load
from loanwatch.lake import Lake
from loanwatch.vault import Vault

README = Path(__file__).with_name("README.md")
DAY = date(2025, 3, 1)
SENDERS, REPAYMENTS, EVENTS, LOANS = 200, 100_000, 500_000, 1_000_000
GOOD, FOREIGN, UNREADABLE = "all good", "all of another partner's loans", "all without a readable amount"


def send(inbox: Path, feed: str, sender: str, day: date, columns: dict[str, object]) -> None:
    """One delivery in CSV; what is not a list is the same in every row."""
    rows = max(len(column) for column in columns.values() if isinstance(column, list))
    table = pa.table({name: c if isinstance(c, list) else pa.repeat(c, rows) for name, c in columns.items()})
    with DeliveryWriter(inbox, FEEDS[feed], Place(feed, sender, day, 1), day) as writer:
        writer.write(table)


def send_loans(inbox: Path) -> None:
    """The book that a day speaks of."""
    for s in range(SENDERS):
        ids = range(LOANS // SENDERS)
        send(inbox, "loan", f"P{s:03d}", DAY, {
            "loan_id": [f"P{s:03d}:L{n}" for n in ids], "customer_id": [f"P{s:03d}:C{n}" for n in ids], "pool_id": "TP1",
            "product": "consumer", "currency": "CNY", "principal_minor": 100_000, "rate_bp": 900, "opened_on": DAY,
            "matures_on": DAY + timedelta(365),
        })  # fmt: skip


def send_day(inbox: Path, day: date) -> None:
    """400 deliveries: repayments and events of each sender."""
    for s in range(SENDERS):
        paid, done = range(REPAYMENTS // SENDERS), range(EVENTS // SENDERS)
        send(inbox, "repayment", f"P{s:03d}", day, {
            "repayment_id": [f"{day}-{n}" for n in paid], "paid_on": day, "loan_id": [f"P{s:03d}:L{n}" for n in paid],
            "paid_minor": [10_000 + n for n in paid], "payer": "borrower", "channel": "debit",
        })  # fmt: skip
        send(inbox, "behaviour", f"P{s:03d}", day, {
            "event_id": [f"{day}-{n}" for n in done], "happened_on": day, "customer_id": [f"P{s:03d}:C{n}" for n in done],
            "kind": "spend", "times": 1, "amount_minor": [100 + n for n in done], "currency": "CNY",
        })  # fmt: skip


def send_million(inbox: Path, day: date, kind: str) -> None:
    """One delivery of 1M repayments."""
    ids = range(1_000_000)
    sender = "P001" if kind == FOREIGN else "P000"
    send(inbox, "repayment", "P000", day, {
        "repayment_id": [f"{day}-{n}" for n in ids], "paid_on": day, "loan_id": [f"{sender}:L{n % 5000}" for n in ids],
        "paid_minor": [10_000 + n for n in ids], "payer": "borrower", "channel": "debit",
    })  # fmt: skip
    if kind == UNREADABLE:
        _spoil(inbox, day)


def _spoil(inbox: Path, day: date) -> None:
    """Make every amount unreadable, and the manifest true again."""
    import hashlib
    import json
    import re

    folder = Place("repayment", "P000", day, 1).folder(inbox)
    path, told = folder / "repayment.csv", folder / "_manifest.json"
    header, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(header + b"\n" + re.sub(rb",(\d{5,7}),", rb",\1x,", rest))
    manifest = json.loads(told.read_text())
    content = path.read_bytes()
    manifest["files"][0] |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    told.write_text(json.dumps(manifest))


def measured(folder: Path, kinds: tuple[str, ...]) -> Iterator[tuple[str, float, float, int]]:
    """What was admitted, CPU and wall seconds, rows rejected or refused."""
    resolved = settings.load("local", flags={"inbox": str(folder / "inbox"), "lake": str(folder / "lake")})
    lake, vault = Lake(resolved.lake), Vault(resolved.vault_path)
    lake.open(resolved.tenant)
    spark = session.start(resolved)

    def work(function: str, tasks: list[str]) -> list[str]:
        return spread(spark, function, tasks)

    admission = Admission(lake, vault, resolved.inbox, work, FeedLimits.of(load(resolved)),
                          originals_kept_days=resolved.originals_kept_days)  # fmt: skip
    meter = Meter()
    meter.start()
    inbox = resolved.inbox
    send_loans(inbox)
    todo: list[tuple[str, Callable[[Path, date], None]]] = [("warming up", send_day), ("a day in 400 deliveries", send_day)]
    todo += [(kind, lambda at, day, kind=kind: send_million(at, day, kind)) for kind in kinds]  # type: ignore[misc]
    for n, (what, make) in enumerate(todo):
        day = DAY + timedelta(n)
        make(inbox, day)
        before, began = meter.look(), time.monotonic()
        admission.admit(day)
        spent = meter.look() - before
        turned = lake.rows(DELIVERY, f"business_on = DATE '{day}'", ("rows_rejected",))["rows_rejected"].to_pylist()
        yield what, spent, time.monotonic() - began, sum(turned)
    meter.done.set()
    session.end()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dry", action="store_true", help="Print only.")
    arguments = parser.parse_args()
    text = f"\n## Admission, warm\n\n{time.strftime('%Y-%m-%d')}, {machine()}\n\n| | rows turned away | CPU s |\n|---|---|---|\n"
    with tempfile.TemporaryDirectory() as made:
        for what, cpu, wall, turned in measured(Path(made), (GOOD, FOREIGN, UNREADABLE)):
            print(f"{what:<34} {turned:>10,} turned away {cpu:>7.1f} CPU s {wall:>7.1f} s", flush=True)
            text += f"| {what} | {turned:,} | {cpu:.1f} |\n"
    if not arguments.dry:
        README.write_text(README.read_text(encoding="utf-8") + text, encoding="utf-8")


if __name__ == "__main__":
    main()
