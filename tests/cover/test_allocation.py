"""What each loan has of an asset: against a plain reading of the rules, and to the minor unit."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from frames import frame
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from loanwatch.admit import feeds
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.cover.allocation import allocation
from loanwatch.cover.tables import ASSET_VALUE

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
Rows = list[dict[str, Any]]
Told = dict[tuple[str, str], tuple[int, int | None, int | None]]


def performed(spark: SparkSession, owed: dict[str, int], worth: dict[str, int], pledges: Rows) -> Told:
    """Per pledge: claim, what ranks before it, and what it is allocated."""
    found = allocation(
        frame(spark, LOAN_DAY, [{"loan_id": loan, "balance_minor": minor} for loan, minor in owed.items()]),
        frame(spark, feeds.PLEDGE, pledges),
        frame(spark, ASSET_VALUE, [{"asset_id": a, "prudent_minor": minor, "currency": "CNY"} for a, minor in worth.items()]),
        D,
    )
    return {(r["loan_id"], r["asset_id"]): (r["claim_minor"], r["before_minor"], r["allocated_minor"]) for r in found.collect()}


def parts(whole: int, by: list[int]) -> list[int]:
    """A whole in proportion, cut at the cumulated shares: they add up to it."""
    total, upto, cut = sum(by), 0, [0]
    for one in by:
        upto += one
        cut.append(whole * upto // total if total else 0)
    return [after - before for before, after in pairwise(cut)]


def by_hand(owed: dict[str, int], worth: dict[str, int], pledges: Rows) -> Told:
    """The rules as `cover.allocation` states them, asset by asset and rank by rank."""
    of_loan, of_asset = defaultdict(list), defaultdict(lambda: defaultdict(list))
    for pledge in sorted(pledges, key=lambda p: (p["loan_id"], p["asset_id"])):
        of_loan[pledge["loan_id"]].append(pledge)
        of_asset[pledge["asset_id"]][pledge["lien_rank"]].append(pledge)
    claim = {}
    for loan, own in of_loan.items():
        beyond = [1 + max(worth[p["asset_id"]] - p["prior_claims_minor"], 0) for p in own]
        for pledge, part in zip(own, parts(owed[loan], beyond), strict=True):
            claim[loan, pledge["asset_id"]] = part
    told: Told = {}
    for asset, ranks in of_asset.items():
        ahead = 0
        for _, own in sorted(ranks.items()):
            before = max(ahead, *(p["prior_claims_minor"] for p in own))
            there, asked = max(worth[asset] - before, 0), [claim[p["loan_id"], asset] for p in own]
            given_out = asked if sum(asked) <= there else parts(there, asked)
            for pledge, wants, has in zip(own, asked, given_out, strict=True):
                told[pledge["loan_id"], asset] = (wants, before, has)
            ahead += sum(asked)
    return told


@st.composite
def books(draw: st.DrawFn) -> tuple[dict[str, int], dict[str, int], Rows]:
    """A handful of loans on a handful of assets, most of them shared."""
    money = st.one_of(st.integers(0, 20), st.integers(0, 10**13))
    owed = {f"P01:L{n}": draw(money) for n in range(draw(st.integers(1, 5)))}
    worth = {f"P01:A{n}": draw(money) for n in range(draw(st.integers(1, 4)))}
    pledges = [
        {"loan_id": loan, "asset_id": asset, "lien_rank": draw(st.integers(1, 3)), "prior_claims_minor": draw(money)}
        for loan in owed for asset in worth if draw(st.booleans())
    ]  # fmt: skip
    return owed, worth, pledges


@settings(max_examples=25, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(book=books())
def test_as_the_rules_say_and_no_more_than_there_is(spark: SparkSession, book: tuple[dict[str, int], dict[str, int], Rows]) -> None:
    owed, worth, _ = book
    found = performed(spark, *book)
    assert found == by_hand(*book)
    for asset, minor in worth.items():
        shares = [allocated for (_, of), (_, _, allocated) in found.items() if of == asset]
        assert all(share is not None for share in shares)
        assert sum(share for share in shares if share) <= minor
    for loan, minor in owed.items():
        assert sum(allocated or 0 for (of, _), (_, _, allocated) in found.items() if of == loan) <= minor


def test_a_rank_shares_what_is_left_to_the_minor_unit(spark: SparkSession) -> None:
    """100 for three claims of 50 of one rank; behind them nothing is left."""
    loans = [f"P01:{n}" for n in range(4)]
    pledges: Rows = [{"loan_id": loan, "asset_id": "P01:A", "lien_rank": 1 + n // 3} for n, loan in enumerate(loans)]
    found = performed(spark, dict.fromkeys(loans, 50), {"P01:A": 100}, [{**p, "prior_claims_minor": 0} for p in pledges])
    assert [found[loan, "P01:A"] for loan in loans] == [(50, 0, 33), (50, 0, 33), (50, 0, 34), (50, 150, 0)]


def test_an_earlier_loan_of_ours_ranks_before_even_where_the_sender_forgot_it(spark: SparkSession) -> None:
    pledges: Rows = [
        {"loan_id": f"P01:{n}", "asset_id": "P01:A", "lien_rank": n, "prior_claims_minor": 0} for n in (1, 2)
    ]
    found = performed(spark, {"P01:1": 70, "P01:2": 70}, {"P01:A": 100}, pledges)
    assert found == {("P01:1", "P01:A"): (70, 0, 70), ("P01:2", "P01:A"): (70, 70, 30)}
