"""Nights of warnings: masks, evidence and reviews as frames, one night after another along a line of parents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from flag.test_rules import load_in_force
from frames import frame

from loanwatch.admit import feeds
from loanwatch.admit.monitoring_feeds import REVIEW
from loanwatch.balance.tables import LOAN_DAY, ROLL_OVER
from loanwatch.derive.tables import ASSET_INDICATOR
from loanwatch.flag.rules import Rule
from loanwatch.flag.storm import storm
from loanwatch.flag.tables import EVIDENCE, STORM, USUAL_SHARE, VERDICT, WARNING, WARNING_EVENT
from loanwatch.flag.usual_share import usual_share
from loanwatch.flag.warning import warning
from loanwatch.flag.warning_event import warning_event
from loanwatch.settings import Storms
from loanwatch.tables import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Rows = list[dict[str, Any]]
MASKS = {"exit": "cleared", "unknown": "unknown", "not_applicable": "not_applicable", "amber": "amber", "red": "red"}


@dataclass
class Nights:
    """Warnings of loans as they stand after the last night; what a rule saw of each loan is the same for all rules."""

    spark: SparkSession
    rules: Sequence[Rule]
    storms: Storms = field(default_factory=Storms)
    tables: dict[Table, Rows] = field(default_factory=dict)
    storms_kept: bool = True

    def night(self, day: date, saw: Mapping[str, str], reviews: Sequence[Mapping[str, Any]] = (), **feed: Any) -> Rows:
        """Perform one night; returns `flag.warning`. What is `absent` has left the book."""
        before = {table: self.frame(table, self.tables.get(table, [])) for table in (WARNING, USUAL_SHARE, STORM)}
        loan_day = self.frame(LOAN_DAY, [
            {"loan_id": name, "borrower_id": name, "partner_id": name.split(":")[0]} for name, at in saw.items() if at != "absent"
        ])  # fmt: skip
        known = self.frame(REVIEW, [row for row in reviews if row["decided_on"] <= day])
        given = [self.frame(of, feed.get(of.short, [])) for of in (ROLL_OVER, feeds.LOAN, feeds.LOAN_EVENT, feeds.REPAYMENT)]
        found = warning(
            self.frame(EVIDENCE, self._evidence(saw)), self.frame(VERDICT, self._verdicts(saw)), before[WARNING],
            before[USUAL_SHARE], loan_day, self.frame(ASSET_INDICATOR, []), *given, known, self.rules, self.storms, day,
        )  # fmt: skip
        self._keep(WARNING, found)
        now = self.frame(WARNING, self.tables[WARNING])
        self._keep(WARNING_EVENT, warning_event(now, before[WARNING], day))
        if self.storms_kept:
            events = self.frame(WARNING_EVENT, self.tables[WARNING_EVENT])
            self._keep(USUAL_SHARE, usual_share(events, loan_day, self.frame(ASSET_INDICATOR, []), before[USUAL_SHARE], self.rules))
            shares = self.frame(USUAL_SHARE, self.tables[USUAL_SHARE])
            self._keep(STORM, storm(now, shares, before[STORM], known, day))
        self.spark.catalog.clearCache()
        return self.tables[WARNING]

    def frame(self, of: Any, rows: Rows) -> DataFrame:
        return frame(self.spark, of, rows).coalesce(1)

    def _keep(self, table: Table, rows: DataFrame) -> None:
        self.tables[table] = [row.asDict() for row in rows.collect()]

    def _evidence(self, saw: Mapping[str, str]) -> Rows:
        raised = [(name, at) for name, at in saw.items() if at in ("amber", "red")]
        return [
            {"rule_id": rule.id, "subject": "loan", "subject_id": name, "colour": at, "says_en": f"{at} of {name}"}
            for rule in self.rules for name, at in raised
        ]  # fmt: skip

    def _verdicts(self, saw: Mapping[str, str]) -> Rows:
        every, rows = [(1 << len(self.rules)) - 1], []
        for name, at in saw.items():
            masks = {MASKS[at]: every} if at in MASKS else {}
            if at == "no_basis":
                masks = {"unknown": every, "no_basis": every}
            if at != "absent":
                rows.append({"subject": "loan", "subject_id": name, **masks})
        return rows


def rules_of(*changes: Mapping[str, Any]) -> tuple[Rule, ...]:
    """Live rules on loans, named as they come: R0, R1 …"""
    return load_in_force(*[{"id": f"R{n}", **change} for n, change in enumerate(changes)])


def reviewed(subject_id: str, decided_on: date, decision: str, number: int = 1, **given: Any) -> dict[str, Any]:
    """A row of the feed `review` about R0's warning of a loan."""
    row = {"sender_id": "risk", "review_id": f"V{number:04}", "subject": "loan", "subject_id": subject_id, "rule_id": "R0"}
    return {**row, "decided_on": decided_on, "decision": decision, **given}
