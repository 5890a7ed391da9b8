"""Everything that a release says about one loan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from loanwatch.admit.feeds import PLEDGE
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.classify.class_columns import FURTHER
from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.columns import LOAN_ID
from loanwatch.cover.tables import ALLOCATION, ASSET_VALUE, INTRADAY_VALUE, LOAN_COVER
from loanwatch.derive.tables import ASSET_INDICATOR
from loanwatch.errors import UsageError
from loanwatch.explanation.ahead import Ahead
from loanwatch.explanation.formulas import INDICATORS
from loanwatch.explanation.gathering import outlook, sources
from loanwatch.explanation.known import known_rows, quoted
from loanwatch.explanation.ruling import RAISED, Ruling, ruling
from loanwatch.explanation.sources import SourceRows
from loanwatch.flag.rules import TABLES, Rule, about, in_force
from loanwatch.flag.tables import INTRADAY_WARNING, RULE, STANDS, VERDICT, WARNING
from loanwatch.intraday import live
from loanwatch.lake import Lake
from loanwatch.nights import landed
from loanwatch.seal import publication, retired
from loanwatch.seal.publication import Attempt
from loanwatch.tables import Table
from loanwatch.values import values


@dataclass(frozen=True)
class Secured:
    """An asset pledged for a loan: its row of `cover.asset_value`, and of `cover.allocation`; empty where there is none."""

    value: Mapping[str, Any]
    lien: Mapping[str, Any]


@dataclass(frozen=True)
class Provisional:
    """What a refresh after the release found about a loan and its assets: rows of the two intraday tables."""

    values: tuple[Mapping[str, Any], ...]
    warnings: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Explanation:
    """What a release says about a loan: rows of its tables by what they tell, what secures it, what is known since, rules by kind
    of subject, rows behind values."""

    release: int
    facts: Mapping[str, Mapping[str, Any]]
    assets: tuple[Secured, ...]
    since: Provisional
    rulings: tuple[Ruling, ...]
    sources: Mapping[str, Mapping[str, tuple[SourceRows, ...]]]

    def brief(self) -> Explanation:
        """In full only what is raised and what it rests on; of the others the outcome, what is missing, the nearest limit."""
        raised = [ruling for ruling in self.rulings if ruling.outcome in RAISED]
        others = [replace(ruling, nodes={}, limits=ruling.limits[:1]) for ruling in self.rulings
                  if ruling.outcome in ("unknown", "clear")]  # fmt: skip
        read = {(ruling.rule.subject, column) for ruling in raised for column in ruling.rule.columns}
        return replace(
            self,
            facts={name: row for name, row in self.facts.items() if name not in TABLES},
            rulings=(*raised, *others),
            sources={
                subject: {name: rows for name, rows in behind.items() if (subject, name) in read}
                for subject, behind in self.sources.items()
            },
        )


@dataclass(frozen=True)
class _Release:
    """A release of a lake: its rows about one thing."""

    lake: Lake
    attempt: Attempt

    def rows(self, table: Table, key: str, value: str, more: str = "") -> list[dict[str, Any]]:
        where = f"{self.attempt.partition} and {key} = {quoted(value)} {more}"
        return list(self.lake.rows(table, where, table.names).to_pylist())

    def one(self, table: Table, key: str, value: str, more: str = "") -> dict[str, Any]:
        found = self.rows(table, key, value, more)
        return found[0] if found else {}

    def of_subject(self, table: Table, subject: str, subject_id: str) -> dict[str, dict[str, Any]]:
        """Its rows about a subject, by rule."""
        found = self.rows(table, "subject_id", subject_id, f"and subject = {quoted(subject)}")
        return {row["rule_id"]: row for row in found}


def explain(lake: Lake, loan_id: str, as_of: date, release: int | None = None, *, first: bool = False) -> Explanation:
    """The explanation of a loan; UsageError where the release has no such loan on its book."""
    attempt = publication.find(lake, as_of, release, first=first)
    retired.refuse(lake, attempt)
    of = _Release(lake, attempt)
    loan = of.one(LOAN_DAY, "loan_id", loan_id)
    if not loan:
        raise UsageError(f"no loan {loan_id!r} on the book of {as_of} (release {attempt.release}): {_known(loan_id)}")
    conf = landed(lake, str(attempt.conf_digest))
    given = values(conf)
    rules = in_force(given["rules"], as_of)
    subjects = {subject: loan[f"{subject}_id"] for subject in TABLES if f"{subject}_id" in loan}
    seen = {subject: of.one(TABLES[subject], f"{subject}_id", name) for subject, name in subjects.items()}
    facts = {
        "owes": loan, "class": _classed(of.one(LOAN_CLASS, "loan_id", loan_id)),
        "cover": of.one(LOAN_COVER, "loan_id", loan_id), **seen,
    }  # fmt: skip
    ahead = Ahead(outlook(lake, attempt, loan, facts["cover"], seen["loan"], given), conf.business.calendar)
    rulings = [*_rulings(of, subjects, seen, rules, ahead)]
    pledged = [row["asset_id"] for row in known_rows(lake, PLEDGE, attempt, "loan_id", [loan_id]) if row["active"]]
    for name in pledged:
        if asset := of.one(ASSET_INDICATOR, "asset_id", name):
            rulings += _rulings(of, {"asset": name}, {"asset": asset}, rules, ahead)
    behind = {subject: dict(_behind(of, subject, loan, rules)) for subject in subjects if subject in INDICATORS}
    since = _since(of, loan_id, pledged)
    return Explanation(attempt.release, facts, tuple(_secured(of, loan_id, pledged)), since, tuple(rulings), behind)


def _classed(row: Mapping[str, Any]) -> dict[str, Any]:
    """The classes of a loan, without the columns of schemes by which the institution does not class."""
    unused = {column.name for scheme in FURTHER.values() if row.get(scheme.column) is None for column in scheme.given}
    return {name: value for name, value in row.items() if name not in unused}


def _since(of: _Release, loan_id: str, pledged: list[str]) -> Provisional:
    """What refreshes found beside the release, where it is the current one of the latest date."""
    if of.attempt != publication.latest(publication.attempts(of.lake)):
        return Provisional((), ())
    values = tuple(row for row in live(of.lake, INTRADAY_VALUE) if row["asset_id"] in pledged)
    about_it = {("loan", loan_id), *(("asset", name) for name in pledged)}
    warnings = tuple(row for row in live(of.lake, INTRADAY_WARNING) if (row["subject"], row["subject_id"]) in about_it)
    return Provisional(values, warnings)


def _secured(of: _Release, loan_id: str, pledged: list[str]) -> Iterator[Secured]:
    liens = {row["asset_id"]: row for row in of.rows(ALLOCATION, "loan_id", loan_id)}
    for name in pledged:
        if value := of.one(ASSET_VALUE, "asset_id", name):
            yield Secured(value, liens.get(name, {}))


def _known(loan_id: str) -> str:
    if not LOAN_ID.pattern or ":" not in loan_id:
        return "loans are named <partner>:<number>"
    return "it was never delivered, is not open yet, or has left the book"


def _rulings(
    of: _Release, subjects: Mapping[str, str], seen: Mapping[str, Mapping[str, Any]], rules: tuple[Rule, ...], ahead: Ahead,
) -> Iterator[Ruling]:  # fmt: skip
    """What each rule of each subject says."""
    digests = {
        row["rule_id"]: row["digest"] for row in of.lake.rows(RULE, of.attempt.partition, RULE.names).to_pylist()
    }
    for subject, name in subjects.items():
        masks = of.one(VERDICT, "subject_id", name, f"and subject = {quoted(subject)}")
        if not masks:
            continue
        warned = {rule: row for rule, row in of.of_subject(WARNING, subject, name).items() if row["state"] in STANDS}
        for rule in about(rules, subject):
            own = ahead if subject == "loan" else None
            yield ruling(rule, masks, seen[subject], digests.get(rule.id, rule.digest), warned.get(rule.id), own)


def _behind(
    of: _Release, subject: str, loan: Mapping[str, Any], rules: tuple[Rule, ...]
) -> Iterator[tuple[str, tuple[SourceRows, ...]]]:
    """By each indicator that a rule of the subject reads: the delivered rows that it rests on."""
    book = [loan] if subject == "loan" else of.rows(LOAN_DAY, f"{subject}_id", loan[f"{subject}_id"])
    found = sources(of.lake, of.attempt, book)
    read = {column for rule in about(rules, subject) for column in rule.columns}
    for name, indicator in INDICATORS[subject].items():
        if name in read:
            yield name, tuple(found.of(indicator))
