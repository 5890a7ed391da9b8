"""The one list: stages in the order of the flow, steps in the order in which they run.

Runner, DAGs, documentation and the layering test are derived from it. Functions are named by string
and imported when they run, so that reading this list starts neither Spark nor Great Expectations.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from loanwatch.admit import feeds
from loanwatch.admit.collateral_feeds import GUARANTEE
from loanwatch.admit.contact_feeds import CONTACT, CONTACT_ATTEMPT, PROMISE
from loanwatch.admit.filing_feeds import (
    AGREEMENT,
    FORM_FIGURE,
    GUARANTEE_DETAIL,
    LOAN_AGREEMENT,
    LOAN_DETAIL,
    PLEDGE_DETAIL,
    TRANSFER,
    TRANSFER_LOAN,
    WRITE_OFF_DETAIL,
)
from loanwatch.admit.monitoring_feeds import DEBT_ELSEWHERE, DEFAULT_PROBABILITY, IMPAIRMENT, REVIEW, SIGNAL, STATEMENT
from loanwatch.admit.register_feeds import CO_DEBTOR, COUNTERPARTY, INSTRUMENT, PROTECTION
from loanwatch.admit.tables import DELIVERY
from loanwatch.balance.tables import LOAN_DAY, LOAN_MONTH, POPULATION, RECONCILIATION, ROLL_OVER, UNMATCHED
from loanwatch.classify.tables import CLASS_INPUT, LOAN_CLASS, MIGRATION, MIGRATION_RATE, OBSERVATION
from loanwatch.cover.tables import ALLOCATION, ASSET_VALUE, INDEX_LEVEL, LOAN_COVER, MODEL_VALUE
from loanwatch.derive.tables import (
    ASSET_INDICATOR,
    BEHAVIOUR_MONTH,
    BORROWER_INDICATOR,
    LOAN_INDICATOR,
    PARTNER_INDICATOR,
    POOL_INDICATOR,
    SUMMED_MONTHS,
)
from loanwatch.flag.tables import (
    DATA_WARNING,
    EVIDENCE,
    LABEL,
    RULE,
    STORM,
    STRAY_REVIEW,
    USUAL_SHARE,
    VERDICT,
    WARNING,
    WARNING_EVENT,
)
from loanwatch.queue.tables import INSTITUTION_ITEM, PORTFOLIO_ITEM, REVIEW_ITEM
from loanwatch.report.base_tables import (
    BASE_AGREEMENT,
    BASE_AGREEMENT_LOAN,
    BASE_CHANGE,
    BASE_FIGURE,
    BASE_LOAN,
    BASE_PLEDGE,
    BASE_TRANSFER,
    BASE_TRANSFER_LOAN,
)
from loanwatch.report.register_tables import BASE_CO_DEBTOR, BASE_COUNTERPARTY, BASE_INSTRUMENT, BASE_PROTECTION
from loanwatch.report.tables import CHANGE, COLLATERAL, POOL_CASH, PORTFOLIO, ROLL_RATE, VINTAGE, WATCH_LIST
from loanwatch.tables import Changes, Feed, Line, MonthEnds, Parent, Table

STAGES = ("admit", "balance", "classify", "cover", "derive", "flag", "queue", "report", "seal")

# How a night is cut into Spark applications: each costs 20-36 CPU seconds to start and warm up.
APPLICATIONS: dict[str, tuple[str, str]] = {
    "admit": ("admit", "admit"),
    "assess": ("balance", "queue"),
    "publish": ("report", "seal"),
}


Source = Feed | Table | Parent | MonthEnds | Line | Changes


@dataclass(frozen=True)
class Step:
    """A pure function from the frames it reads, and the plain values it needs, to the table it writes.

    The function is named as the table, in the module named as the table; its arguments are named as what it takes.
    A `monthly` step is performed on the last day of a month; on other dates its table has no rows.
    """

    writes: Table
    reads: tuple[Source, ...]
    needs: tuple[str, ...] = ()
    monthly: bool = False

    @property
    def name(self) -> str:
        return self.writes.name

    @property
    def stage(self) -> str:
        return self.writes.stage

    @property
    def function(self) -> Callable[..., Any]:
        module = importlib.import_module(f"loanwatch.{self.writes.stage}.{self.writes.short}")
        return getattr(module, self.writes.short)  # type: ignore[no-any-return]


MODEL_MONTHS = 1  # a model's value is for a month: so far back it is looked for

INDICATORS = (LOAN_INDICATOR, BORROWER_INDICATOR, ASSET_INDICATOR, POOL_INDICATOR, PARTNER_INDICATOR)

STEPS = (
    Step(LOAN_DAY, reads=(feeds.LOAN, feeds.BORROWER, feeds.INSTALMENT, feeds.CHARGE, feeds.REPAYMENT, feeds.LOAN_EVENT, DELIVERY),
         needs=("as_of", "expected", "conventions", "closed_days")),
    Step(ROLL_OVER,
         reads=(LOAN_DAY, feeds.LOAN, feeds.BORROWER, feeds.INSTALMENT, feeds.CHARGE, feeds.REPAYMENT, feeds.LOAN_EVENT),
         needs=("as_of", "conventions", "closed_days", "roll_over_days")),
    Step(LOAN_MONTH,
         reads=(LOAN_DAY, feeds.LOAN, feeds.INSTALMENT, feeds.CHARGE, feeds.REPAYMENT, feeds.LOAN_EVENT,
                LOAN_MONTH.month_ends(1)),
         needs=("as_of", "conventions", "closed_days"), monthly=True),
    Step(POPULATION, reads=(feeds.LOAN, feeds.LOAN_EVENT, feeds.REPAYMENT, LOAN_DAY), needs=("as_of",)),
    Step(RECONCILIATION,
         reads=(LOAN_DAY, feeds.LOAN, feeds.REPAYMENT, feeds.CONTROL_TOTAL, feeds.BANK_ENTRY, DELIVERY),
         needs=("as_of", "settlement_lag_days", "expected")),
    Step(UNMATCHED,
         reads=(RECONCILIATION, LOAN_DAY, feeds.LOAN, feeds.REPAYMENT, feeds.LEDGER_LOAN, feeds.BANK_ENTRY),
         needs=("as_of", "settlement_lag_days")),
    Step(OBSERVATION,
         reads=(LOAN_DAY, ROLL_OVER, feeds.LOAN_EVENT, LOAN_CLASS.parent, OBSERVATION.parent),
         needs=("as_of",)),
    Step(CLASS_INPUT,
         reads=(LOAN_DAY, ROLL_OVER, OBSERVATION, LOAN_CLASS.parent, feeds.LOAN_EVENT, IMPAIRMENT, DEFAULT_PROBABILITY,
                GUARANTEE, SIGNAL, DEBT_ELSEWHERE, REVIEW, DELIVERY),
         needs=("schemes", "class_sources", "as_of")),
    Step(LOAN_CLASS, reads=(CLASS_INPUT,), needs=("schemes", "as_of")),
    Step(MIGRATION, reads=(LOAN_CLASS, LOAN_CLASS.parent, feeds.LOAN_EVENT)),
    Step(MIGRATION_RATE, reads=(LOAN_CLASS, LOAN_CLASS.month_ends(12), feeds.LOAN), needs=("as_of",), monthly=True),
    Step(INDEX_LEVEL, reads=(feeds.PRICE_INDEX,)),
    Step(MODEL_VALUE,
         reads=(LOAN_DAY, feeds.PLEDGE, feeds.ASSET, MODEL_VALUE.line(MODEL_MONTHS)),
         needs=("as_of", "champions")),
    Step(ASSET_VALUE,
         reads=(LOAN_DAY, feeds.PLEDGE, feeds.ASSET, feeds.VALUATION, INDEX_LEVEL, MODEL_VALUE, MODEL_VALUE.line(MODEL_MONTHS)),
         needs=("as_of", "champions", "prudence")),
    Step(ALLOCATION, reads=(LOAN_DAY, feeds.PLEDGE, ASSET_VALUE), needs=("as_of",)),
    Step(LOAN_COVER, reads=(LOAN_DAY, ALLOCATION, ASSET_VALUE), needs=("prudence",)),
    Step(LOAN_INDICATOR,
         reads=(LOAN_DAY, LOAN_COVER, ROLL_OVER, feeds.REPAYMENT, feeds.CHARGE, feeds.LOAN_EVENT, PROMISE,
                GUARANTEE, LOAN_MONTH.month_ends(1), DELIVERY),
         needs=("as_of",)),
    Step(BEHAVIOUR_MONTH,
         reads=(feeds.BEHAVIOUR, feeds.BEHAVIOUR.changes, BEHAVIOUR_MONTH.line(SUMMED_MONTHS)),
         needs=("as_of",)),
    Step(BORROWER_INDICATOR,
         reads=(LOAN_DAY, LOAN_INDICATOR, LOAN_CLASS, feeds.BORROWER, feeds.CONSENT, feeds.BEHAVIOUR, BEHAVIOUR_MONTH,
                BEHAVIOUR_MONTH.line(SUMMED_MONTHS), SIGNAL, CONTACT, CONTACT_ATTEMPT, STATEMENT, feeds.PLEDGE, feeds.ASSET,
                DELIVERY),
         needs=("as_of", "expected")),
    Step(ASSET_INDICATOR,
         reads=(LOAN_DAY, ASSET_VALUE, ALLOCATION, feeds.PLEDGE, feeds.ASSET, feeds.VALUATION, feeds.ASSET_EVENT, DELIVERY),
         needs=("as_of",)),
    Step(POOL_INDICATOR,
         reads=(LOAN_DAY, LOAN_CLASS, LOAN_MONTH.month_ends(1), RECONCILIATION, feeds.REPAYMENT, feeds.LOAN_EVENT,
                POOL_INDICATOR.month_ends(12)),
         needs=("as_of",)),
    Step(PARTNER_INDICATOR,
         reads=(LOAN_DAY, LOAN_CLASS, LOAN_MONTH.month_ends(1), RECONCILIATION, feeds.REPAYMENT, feeds.LOAN_EVENT,
                PARTNER_INDICATOR.month_ends(12), DELIVERY),
         needs=("as_of",)),
    Step(RULE, reads=(), needs=("rules",)),
    Step(VERDICT, reads=INDICATORS, needs=("rules",)),
    Step(EVIDENCE, reads=(*INDICATORS, VERDICT), needs=("rules",)),
    Step(WARNING,
         reads=(EVIDENCE, VERDICT, WARNING.parent, USUAL_SHARE.parent, LOAN_DAY, ASSET_INDICATOR, ROLL_OVER, feeds.LOAN,
                feeds.LOAN_EVENT, feeds.REPAYMENT, REVIEW),
         needs=("rules", "storms", "as_of")),
    Step(WARNING_EVENT, reads=(WARNING, WARNING.parent), needs=("as_of",)),
    Step(USUAL_SHARE, reads=(WARNING_EVENT, LOAN_DAY, ASSET_INDICATOR, USUAL_SHARE.parent), needs=("rules",)),
    Step(STORM, reads=(WARNING, USUAL_SHARE, STORM.parent, REVIEW), needs=("as_of",)),
    Step(DATA_WARNING, reads=(*INDICATORS, VERDICT, WARNING, DATA_WARNING.parent, LOAN_DAY),
         needs=("rules", "as_of")),
    Step(LABEL, reads=(REVIEW, WARNING, WARNING.parent, LABEL.parent)),
    Step(STRAY_REVIEW, reads=(REVIEW, WARNING, STORM), needs=("rules", "as_of")),
    Step(REVIEW_ITEM, reads=(WARNING, LOAN_DAY, feeds.PLEDGE), needs=("rules", "review_min_minor")),
    Step(INSTITUTION_ITEM, reads=(WARNING,), needs=("rules",)),
    Step(PORTFOLIO_ITEM,
         reads=(WARNING, LOAN_DAY, feeds.PLEDGE),
         needs=("rules", "review_min_minor", "portfolio_actions")),
    Step(WATCH_LIST, reads=(WARNING, VERDICT, REVIEW_ITEM, LOAN_DAY, LOAN_CLASS, LOAN_COVER, feeds.PLEDGE), needs=("rules",)),
    Step(CHANGE, reads=(WARNING, WARNING.parent, WARNING_EVENT)),
    Step(PORTFOLIO, reads=(LOAN_DAY, LOAN_CLASS, WATCH_LIST)),
    Step(COLLATERAL, reads=(LOAN_DAY, LOAN_COVER, ALLOCATION, ASSET_VALUE)),
    Step(ROLL_RATE, reads=(LOAN_DAY, feeds.LOAN, LOAN_MONTH, LOAN_MONTH.month_ends(1)), monthly=True),
    Step(VINTAGE, reads=(feeds.LOAN, LOAN_DAY), needs=("as_of",), monthly=True),
    Step(POOL_CASH,
         reads=(feeds.LOAN, LOAN_DAY, feeds.INSTALMENT, feeds.REPAYMENT, feeds.BANK_ENTRY, POOL_CASH.month_ends(3)),
         needs=("as_of",), monthly=True),
    Step(BASE_PLEDGE,
         reads=(LOAN_DAY, feeds.LOAN, feeds.BORROWER, LOAN_CLASS, LOAN_COVER, feeds.PLEDGE, PLEDGE_DETAIL, GUARANTEE,
                GUARANTEE_DETAIL, feeds.ASSET, ASSET_INDICATOR, feeds.VALUATION, LOAN_DETAIL),
         needs=("as_of",), monthly=True),
    Step(BASE_LOAN,
         reads=(LOAN_DAY, ROLL_OVER, LOAN_MONTH, feeds.PARTNER, feeds.LOAN, feeds.BORROWER, feeds.INSTALMENT, feeds.REPAYMENT,
                feeds.LOAN_EVENT, LOAN_CLASS, LOAN_CLASS.month_ends(12), OBSERVATION, OBSERVATION.month_ends(12), LOAN_COVER,
                feeds.PLEDGE, GUARANTEE, feeds.ASSET, feeds.VALUATION, LOAN_DETAIL, WRITE_OFF_DETAIL, BASE_PLEDGE),
         needs=("as_of",), monthly=True),
    Step(BASE_AGREEMENT, reads=(AGREEMENT,), needs=("as_of",), monthly=True),
    Step(BASE_AGREEMENT_LOAN, reads=(BASE_LOAN, LOAN_AGREEMENT, feeds.BORROWER), monthly=True),
    Step(BASE_TRANSFER_LOAN, reads=(TRANSFER_LOAN, TRANSFER, feeds.LOAN, feeds.BORROWER), needs=("as_of",), monthly=True),
    Step(BASE_TRANSFER, reads=(TRANSFER, BASE_TRANSFER_LOAN), needs=("as_of",), monthly=True),
    Step(BASE_INSTRUMENT,
         reads=(LOAN_DAY, feeds.LOAN, LOAN_CLASS, feeds.LOAN_EVENT, feeds.REPAYMENT, INSTRUMENT),
         needs=("as_of",), monthly=True),
    Step(BASE_PROTECTION, reads=(BASE_INSTRUMENT, PROTECTION), monthly=True),
    Step(BASE_COUNTERPARTY, reads=(BASE_INSTRUMENT, BASE_PROTECTION, COUNTERPARTY), needs=("as_of",), monthly=True),
    Step(BASE_CO_DEBTOR, reads=(BASE_INSTRUMENT, CO_DEBTOR), monthly=True),
    Step(BASE_FIGURE, reads=(FORM_FIGURE,), needs=("as_of",), monthly=True),
    Step(BASE_CHANGE,
         reads=(MIGRATION, MIGRATION.line(0), feeds.LOAN, feeds.BORROWER, feeds.LOAN_EVENT, REVIEW, LOAN_DETAIL),
         needs=("as_of",), monthly=True),
)  # fmt: skip

# What a release is held to: what readers get, what later releases go on from, and what proves that nobody and no rule was left out.
STATE = frozenset(read.table for step in STEPS for read in step.reads if isinstance(read, Parent | MonthEnds | Line))
PROOFS = (POPULATION, RECONCILIATION, RULE, VERDICT)
SEALED = tuple(step.writes for step in STEPS if step.writes.public or step.writes in PROOFS or step.writes in STATE)


def stages(first: str, last: str) -> tuple[str, ...]:
    """The stages from `first` to `last`."""
    return STAGES[STAGES.index(first) : STAGES.index(last) + 1]
