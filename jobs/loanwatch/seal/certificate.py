"""The certificate: what was counted against what, and whether it holds; then the seal over all digests."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from loanwatch.admit.tables import DELIVERY
from loanwatch.balance.tables import LOAN_DAY, POPULATION, RECONCILIATION, UNMATCHED
from loanwatch.classify.scheme import in_use, load
from loanwatch.classify.tables import LOAN_CLASS
from loanwatch.configuration import Configuration
from loanwatch.cover.tables import LOAN_COVER
from loanwatch.derive.tables import INDICATORS, LOAN_INDICATOR
from loanwatch.errors import DataError
from loanwatch.flag.tables import VERDICT
from loanwatch.gaps import Expected
from loanwatch.lake import Lake
from loanwatch.report.tables import PORTFOLIO
from loanwatch.seal.accounted import accounted
from loanwatch.seal.audit_log import Head
from loanwatch.seal.log_proof import STATEMENT
from loanwatch.seal.provisional import provisional, unclassed, unfed
from loanwatch.seal.publication import Attempt
from loanwatch.seal.reconciled import DIFFERS, reconciled
from loanwatch.seal.sealed_tables import content_digest, seal
from loanwatch.seal.statement import Statement
from loanwatch.seal.step_result import results
from loanwatch.seal.tables import AUDIT_LOG, CERTIFICATE, SEALED
from loanwatch.seal.touched import touched_from
from loanwatch.seal.waivers import waivers
from loanwatch.tables import Table

DATES_SHOWN = 3
TOUCHED_FROM = "touched_from"


def certify(
    lake: Lake, attempt: Attempt, configuration: Configuration, tables: Sequence[Table], head: Head, approved: Sequence[Statement]
) -> str:
    """Write certificate of an attempt with the head of the audit log and who `approved` what, and the seal over some tables, once;
    the digest of these.

    DataError names every statement that does not hold.
    """
    written = results(lake, attempt)
    log_head = Statement(STATEMENT, AUDIT_LOG.name, None, str(head), None)
    statements = [*_statements(lake, attempt, configuration, written), *approved, log_head]
    if failed := [s for s in statements if s.holds is False]:
        subjects = {s.subject for s in failed}
        failed += [s for s in statements if s.statement == DIFFERS and s.subject in subjects]
        lines = [f"{s.statement}: {s.subject}: expected {s.expected}, found {s.found}" for s in failed]
        raise DataError("the certificate does not hold; nothing is published\n" + "\n".join(lines))
    content = content_digest({name: of.digest for name, of in seal(lake, attempt, tables).items()})
    if not len(lake.rows(CERTIFICATE, attempt.noted, ("release",))):
        lake.append(CERTIFICATE, [{"release": attempt.release, "as_of": attempt.as_of, **asdict(s)} for s in statements])
    if not len(lake.rows(SEALED, attempt.noted, ("release",))):
        lake.append(SEALED, [_seal(attempt, content)])
    return content


def to_restate_from(lake: Lake, attempt: Attempt) -> date | None:
    """What the certificate of a release states as `touched_from`."""
    found = _stated(lake, attempt, TOUCHED_FROM)
    return date.fromisoformat(found) if found else None


def stated_head(lake: Lake, attempt: Attempt) -> str | None:
    """The head of the audit log that the certificate of a release states."""
    return _stated(lake, attempt, STATEMENT)


def _stated(lake: Lake, attempt: Attempt, statement: str) -> str | None:
    found = lake.rows(CERTIFICATE, f"{attempt.noted} and statement = '{statement}'", ("found",))["found"].to_pylist()
    return found[0] if found else None


def absent(lake: Lake, attempt: Attempt, expected: Expected) -> list[str]:
    """What partners should have sent by now: `P02: repayment of 2025-02-14, 2025-02-15 and 3 more`, `P03: behaviour never`."""
    partners, as_of = partners_of(lake, attempt), attempt.as_of
    feeds = ", ".join(f"'{feed}'" for feed in expected.behind_days)
    where = f"delivery_no <= {attempt.known} and outcome = 'admitted' and feed in ({feeds})"
    came: dict[tuple[str, str], set[date]] = defaultdict(set)
    for row in lake.rows(DELIVERY, where, ("sender", "feed", "business_on")).to_pylist():
        came[row["sender"], row["feed"]].add(row["business_on"])
    lines = {}
    for sender, feed in sorted({*came, *((p, feed) for p in partners for feed in expected.behind_days)}):
        if (sender, feed) not in came:
            lines[sender, feed] = f"{sender}: {feed} never"
        elif days := expected.missing(feed, sender, came[sender, feed], as_of):
            lines[sender, feed] = f"{sender}: {feed} of {_some(days)}"
    return list(lines.values())


def partners_of(lake: Lake, attempt: Attempt) -> set[str]:
    """The partners that have loans on the book."""
    return {row["partner_id"] for row in _partition(lake, LOAN_DAY, attempt, ("distinct partner_id",))}


def _some(days: Sequence[date]) -> str:
    more = f" and {len(days) - DATES_SHOWN} more" if len(days) > DATES_SHOWN else ""
    return ", ".join(map(str, days[:DATES_SHOWN])) + more


def _seal(attempt: Attempt, content: str) -> dict[str, Any]:
    names = ("release", "as_of", "parent", "through_delivery_no", "conf_digest", "code_digest")
    return {name: getattr(attempt, name) for name in names} | {"content_digest": content}


def _statements(
    lake: Lake, attempt: Attempt, configuration: Configuration, written: Mapping[str, Mapping[str, Any]]
) -> Iterator[Statement]:
    yield from accounted(lake, attempt)
    expected = Expected.of(configuration)
    for line in absent(lake, attempt, expected):
        yield Statement("not delivered", line, None, None, None)
    touched = touched_from(lake, attempt, expected)
    found = str(touched) if touched else None
    yield Statement(TOUCHED_FROM, "late rows, what they supersede, gaps that closed", None, found, None)
    yield from _completeness(lake, attempt, written)
    business = configuration.business
    schemes = in_use(load(configuration.below("classes")), business.schemes).values()
    yield from unclassed(lake, attempt, schemes)
    yield from provisional(lake, attempt, schemes, business.provisional_bp)
    yield from unfed(lake, attempt, schemes, business.class_sources)
    if business.reconcile == "none":
        yield Statement(
            "reconcile: none", "this tenant has neither a ledger nor a bank to compare with", None, None, None
        )
        return
    rows = _partition(lake, RECONCILIATION, attempt, ("*",), "order by partner_id, pool_id, currency")
    listed = _partition(lake, UNMATCHED, attempt, ("*",), "order by partner_id, pool_id, currency, against, item")
    yield from reconciled(rows, listed, waivers(configuration), attempt.as_of)


def _completeness(lake: Lake, attempt: Attempt, written: Mapping[str, Mapping[str, Any]]) -> Iterator[Statement]:
    """Every loan ever delivered has a fate, and every loan of the day one row in each table about loans."""
    fates = {
        row["fate"]: row["loans"]
        for row in _partition(lake, POPULATION, attempt, ("fate", "sum(loans) as loans"), "group by fate")
    }
    on_book = written[LOAN_DAY.name]["rows"]
    yield Statement("no loan is unaccounted for", "lost", "0", str(fates.get("lost", 0)), not fates.get("lost"))
    yield _same("loans on the book", "balance.population", on_book, fates.get("on_book", 0))
    for table in (LOAN_CLASS, LOAN_INDICATOR):
        yield _same("one row per loan of the day", table.name, on_book, written[table.name]["rows"])
    subjects = sum(written[table.name]["rows"] for table, _ in INDICATORS.values())
    yield _same("one verdict per subject", VERDICT.name, subjects, written[VERDICT.name]["rows"])
    secured = written[LOAN_COVER.name]["rows"]
    yield Statement("secured loans with a row of cover", LOAN_COVER.name, None, str(secured), None)
    cuts = _partition(lake, PORTFOLIO, attempt, ("cut", "sum(exposure_minor) as exposure"), "group by cut")
    book = json_sum(written[LOAN_DAY.name], "balance_minor")
    for row in sorted(cuts, key=lambda r: str(r["cut"])):
        yield _same("exposure of the portfolio", row["cut"], book, row["exposure"])


def json_sum(result: Mapping[str, Any], column: str) -> int:
    """A total that was read back after a step, minor units."""
    return int(json.loads(result["sums"])[column])


def _same(statement: str, subject: str, expected: int, found: int) -> Statement:
    return Statement(statement, subject, str(expected), str(found), expected == found)


def _partition(
    lake: Lake, table: Table, attempt: Attempt, columns: tuple[str, ...], rest: str = ""
) -> list[dict[str, Any]]:
    return list(lake.rows(table, f"{attempt.partition} {rest}", columns).to_pylist())
