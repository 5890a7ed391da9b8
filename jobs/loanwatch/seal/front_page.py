"""The page of a release, written beside the tables it shows: `<lake>/report/page/<as_of>/<release>.<language>.html`."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from loanwatch.balance.tables import LOAN_DAY, RECONCILIATION
from loanwatch.configuration import Configuration
from loanwatch.flag.tables import STORM, WARNING
from loanwatch.gaps import Expected
from loanwatch.lake import Lake
from loanwatch.queue.tables import INSTITUTION_ITEM, PORTFOLIO_ITEM
from loanwatch.report.page import Contents, Facts, Words, page
from loanwatch.report.tables import CHANGE, COLLATERAL, POOL_CASH, PORTFOLIO, WATCH_LIST
from loanwatch.seal.approval import Approvals, configuration_of
from loanwatch.seal.certificate import absent, stated_head
from loanwatch.seal.publication import Attempt, attempts, month_ends, parent_of
from loanwatch.seal.tables import CERTIFICATE
from loanwatch.settings import Settings
from loanwatch.tables import Table

ROWS_AT_MOST = 2000
MONTHS = 12  # month-ends of cash, beside the attempt's own
WHOLE = (CHANGE, INSTITUTION_ITEM, PORTFOLIO_ITEM, PORTFOLIO, COLLATERAL, RECONCILIATION)


def page_path(lake: Path, attempt: Attempt, language: str) -> Path:
    """Where the page of a release lies."""
    return lake / "report" / "page" / attempt.as_of.isoformat() / f"{attempt.release}.{language}.html"


def write_page(lake: Lake, settings: Settings, configuration: Configuration, attempt: Attempt, content: str) -> None:
    """Write the page in both languages."""
    contents = Contents(
        watch_list=lake.rows(WATCH_LIST, f"{attempt.partition} order by place limit {ROWS_AT_MOST}", WATCH_LIST.names),
        pool_cash=_pool_cash(lake, attempt),
        certificate=lake.rows(CERTIFICATE, attempt.noted),
        **{t.short: lake.rows(t, attempt.partition, t.names) for t in WHOLE},
    )
    for language in ("en", "zh"):
        words = Words.load(settings.conf, language)
        facts = _facts(lake, settings, configuration, attempt, content, language)
        text = page(facts, contents, words, ROWS_AT_MOST)
        path = page_path(lake.path, attempt, language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _pool_cash(lake: Lake, attempt: Attempt) -> pa.Table:
    """`report.pool_cash` of the last month-ends up to the attempt's date, along its line of parents."""
    ends = [attempt, *month_ends(attempts(lake), attempt, MONTHS)]
    rows = [lake.rows(POOL_CASH, of.partition, ("as_of", *POOL_CASH.names)) for of in ends]
    return pa.concat_tables(rows)


def _facts(
    lake: Lake, settings: Settings, configuration: Configuration, attempt: Attempt, content: str, language: str
) -> Facts:
    parent, business = parent_of(attempts(lake), attempt), configuration.business
    return Facts(
        tenant=settings.tenant, title=business.title, as_of=attempt.as_of, release=attempt.release,
        parent=attempt.parent, parent_as_of=parent.as_of if parent else None,
        through_delivery_no=attempt.known, conf_digest=attempt.conf_digest or "", code_digest=attempt.code_digest or "",
        content_digest=content, audit_head=stated_head(lake, attempt) or "",
        currency=business.currency, reconcile=business.reconcile,
        absent=tuple(absent(lake, attempt, Expected.of(configuration))),
        book_loans=_count(lake, LOAN_DAY, attempt), listed_rows=_count(lake, WATCH_LIST, attempt),
        set_aside=_count(lake, WARNING, attempt, "state in ('open', 'curing') and hidden is not null"),
        storms=_storms(lake, attempt, language),
        approved_by=Approvals.of(settings).people(configuration_of(configuration.digest)),
        language="zh" if language == "zh" else "en",
    )  # fmt: skip


def _storms(lake: Lake, attempt: Attempt, language: str) -> tuple[str, ...]:
    """What is said of the storms whose warnings wait."""
    held = f"{attempt.partition} and state = 'held' order by rule_id, partner_id"
    return tuple(row[f"says_{language}"] for row in lake.rows(STORM, held, STORM.names).to_pylist())


def _count(lake: Lake, table: Table, attempt: Attempt, where: str = "true") -> int:
    return int(lake.rows(table, f"{attempt.partition} and {where}", ("count(*) as rows",))["rows"][0].as_py())
