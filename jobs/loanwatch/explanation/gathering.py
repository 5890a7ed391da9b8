"""Gathers what a release knew about loans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from loanwatch.admit import feeds
from loanwatch.convention import DEFAULT
from loanwatch.explanation.known import FeedRow, known_rows
from loanwatch.explanation.loan_rows import LoanRows
from loanwatch.explanation.outlook import Outlook
from loanwatch.explanation.sources import Sources
from loanwatch.lake import Lake
from loanwatch.seal.publication import Attempt
from loanwatch.tables import Feed


def outlook(
    lake: Lake, attempt: Attempt, loan: Mapping[str, Any], cover: Mapping[str, Any], indicators: Mapping[str, Any],
    given: Mapping[str, Any],
) -> Outlook:  # fmt: skip
    """The outlook of a loan from its rows of the release's tables, and the plain values that the release was given."""

    def told(feed: Feed) -> list[FeedRow]:
        return known_rows(lake, feed, attempt, "loan_id", [loan["loan_id"]])

    known = LoanRows(told(feeds.INSTALMENT), told(feeds.CHARGE), told(feeds.LOAN_EVENT), told(feeds.REPAYMENT))
    convention = given["conventions"].get(loan["product"], given["conventions"][DEFAULT])
    return Outlook(attempt.as_of, loan, cover, indicators, known, convention, given["closed_days"])


def sources(lake: Lake, attempt: Attempt, book: Sequence[Mapping[str, Any]]) -> Sources:
    """What feeds tell about some loans of the day, their customers and their collateral."""
    loans, customers = (sorted({row[name] for row in book}) for name in ("loan_id", "customer_id"))
    pledges = known_rows(lake, feeds.PLEDGE, attempt, "loan_id", loans)
    assets = sorted({row["asset_id"] for row in pledges if row["active"]})
    return Sources(lake, attempt, {"loan_id": loans, "asset_id": assets, "customer_id": customers})
