"""A scenario as its author writes it, and the rows that its builders complete."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from loanwatch.admit.feeds import FEEDS
from loanwatch.columns import ASSET_ID, CUSTOMER_ID, LOAN_ID, Column
from loanwatch.errors import UsageError
from loanwatch.tables import Feed

LOCAL = (LOAN_ID.name, CUSTOMER_ID.name, ASSET_ID.name, "refinances_loan_id", "replaced_loan_id", "subject_id")
DAILY = ("repayment", "behaviour")
LATE = "late"
# What a builder fills in where the author says nothing.
DEFAULTS: dict[str, Any] = {
    "product": "consumer", "currency": "CNY", "principal_minor": 100_000, "rate_bp": 1000, "kind": "flat",
    "role": "originator", "id_type": "id_card", "payer": "borrower", "channel": "debit", "schedule_no": 1,
    "interest_minor": 0, "lien_rank": 1, "active": True, "given": True, "purpose": "monitoring",
    "method": "appraisal", "times": 1, "region": "chengdu", "opened_on": date(2024, 6, 1),
    "matures_on": date(2026, 6, 1), "agreed_on": date(2024, 6, 1), "withdrawn": None, "sequence": 1,
    "contact_no": 1, "relation": "self", "line": "mobile", "source": "application", "lawful_basis": "contract",
    "may_contact": True, "hour": 10, "collector": "partner", "outcome": "no_answer",
    "payee": "lender", "months": 12, "subject": "loan", "reason": "known", "author": "R001",
}  # fmt: skip

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Story:
    """One scenario."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def partner(self) -> str:
        """The partner that stands for the scenario."""
        return self.name.upper().replace("_", "-")

    def given(self) -> dict[tuple[date, str, int], Rows]:
        """What is delivered: complete rows by day, feed and sequence; parents and daily feeds included."""
        rows = {feed: list(self._read("given", feed)) for feed in FEEDS}
        days = sorted({row["day"] for of_feed in rows.values() for row in of_feed})
        if not days:
            raise UsageError(f"{self.folder}/given: no row in any feed")
        self._add_parents(rows, days[0])
        found: dict[tuple[date, str, int], Rows] = defaultdict(list)
        for feed, of_feed in rows.items():
            for number, row in enumerate(of_feed, start=1):
                complete = self._complete(FEEDS[feed], row, number)
                found[row["day"], feed, int(row.get("sequence") or 1)].append(complete)
        return found

    def late(self) -> dict[tuple[date, str], date]:
        """When deliveries arrive that are not there on their day (`given/late.csv`: day, feed, arrives; blank = never)."""
        rows = list(self._read("given", LATE))
        return {(r["day"], r["feed"]): date.fromisoformat(r["arrives"]) if "arrives" in r else date.max for r in rows}

    def then(self) -> dict[str, Rows]:
        """What has to come of it, by table; blank cells are left out."""
        tables = sorted(path.stem for path in (self.folder / "then").glob("*.csv"))
        return {table: list(self._read("then", table)) for table in tables}

    def _read(self, part: str, name: str) -> Iterator[dict[str, Any]]:
        path = self.folder / part / f"{name}.csv"
        if not path.is_file():
            return
        with path.open(encoding="utf-8", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                cells = {key: value for key, value in row.items() if value not in ("", None)}
                day = "day" if part == "given" else "as_of"
                try:
                    yield cells | {day: date.fromisoformat(cells[day])}
                except (KeyError, ValueError):
                    raise UsageError(f"{path}:{line}: column {day} has to hold a date such as 2025-03-01") from None

    def _add_parents(self, rows: dict[str, Rows], first: date) -> None:
        """Partner, pool, customers and consents that the author did not have to mention."""
        rows["partner"] = rows["partner"] or [{"day": first}]
        rows["pool"] = rows["pool"] or [{"day": first}]
        rows["loan"] = rows["loan"] or [{"day": first, "loan_id": "1"}]
        customers = {row.get("customer_id", "1") for row in rows["loan"]}
        for feed in ("borrower", "consent"):
            told = {row.get("customer_id", "1") for row in rows[feed]}
            rows[feed] += [{"day": first, "customer_id": customer} for customer in sorted(customers - told)]

    def _complete(self, feed: Feed, row: Mapping[str, Any], number: int) -> dict[str, Any]:
        """A row with every column of the feed, local numbers made the partner's."""
        complete = {column.name: self._value(feed, column, row, number) for column in feed.file_columns}
        for name in LOCAL:
            if complete.get(name) and ":" not in complete[name]:
                complete[name] = f"{self.partner}:{complete[name]}"
        return complete

    def _value(self, feed: Feed, column: Column, row: Mapping[str, Any], number: int) -> Any:  # noqa: PLR0911
        if column.name in row:
            return _typed(column, row[column.name], f"{self.folder}/given/{feed.name}.csv")
        if column.name == "partner_id":
            return self.partner
        if column.name == "pool_id":
            return f"{self.partner}-POOL"
        if column.name in LOCAL:
            return None if column.name == "refinances_loan_id" else "1"
        if column.name == feed.on.name and not feed.state:
            return DEFAULTS.get(column.name, row["day"])
        if column.name == feed.on.name:
            return date(2024, 6, 1) if not row.get(column.name) else row[column.name]
        if column.name in ("name", "phone", "address", "locator", "id_number"):
            return f"{column.name} of {row.get('customer_id', row.get('asset_id', '1'))} at {self.partner}"
        if column.name.endswith("_id") and column.required:
            return f"{self.partner}-{number}"
        default = DEFAULTS.get(column.name)
        if column.codes and default not in column.codes:  # a word of another feed's list
            return column.codes.words[0] if column.required else None
        return default


def _typed(column: Column, text: str, path: str) -> Any:
    try:
        if column.type in ("int", "long"):
            return int(text)
        if column.type == "date":
            return date.fromisoformat(text)
        return text == "true" if column.type == "boolean" else text
    except ValueError:
        raise UsageError(f"{path}: {column.name}: {text!r} is no {column.type}") from None
