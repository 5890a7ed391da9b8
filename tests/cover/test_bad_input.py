"""What cover makes of rows that are admitted and yet cannot be believed: never a better number, always a reason."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from cover.test_asset_value import level, performed, said, valued
from frames import frame

from loanwatch.admit import feeds
from loanwatch.admit.tables import DELIVERY
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.cover.allocation import allocation
from loanwatch.cover.loan_cover import loan_cover
from loanwatch.cover.tables import ASSET_VALUE
from loanwatch.derive.asset_indicator import asset_indicator
from loanwatch.settings import Prudence

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
Row = dict[str, Any]


def months(first: date, count: int, step: int = 1) -> list[date]:
    begun = [first.month - 1 + n for n in range(0, count * step, step)]
    return [date(first.year + month // 12, month % 12 + 1, 1) for month in begun]


def test_an_index_cell_that_vanishes_gives_way_to_a_coarser_one_and_then_to_none(spark: SparkSession) -> None:
    """Three of its own periods after the last one began it is not in force: then the nation moves it, or it stands, less sure."""
    start = date(2024, 1, 1)
    cells = {
        "monthly": (months(start, 12), None),  # the last is December: in force until March 1
        "fresh": (months(start, 13), "fresh"),
        "quarterly": (months(date(2024, 1, 1), 3, 3), "quarterly"),  # the last is July: in force until April 1
        "half_year": (months(date(2023, 6, 1), 3, 6), "half_year"),  # the last is June: in force until December 2025
        "long_gone": (months(start, 9), None),
    }
    indices = [level(name, on, 10_000 + 100 * n, kind="flat") for name, (of, _) in cells.items() for n, on in enumerate(of)]
    assets = [{"asset_id": f"P01:{name}", "kind": "flat", "region": name} for name in cells]
    given = ([{"asset_id": row["asset_id"]} for row in assets], [valued(name, date(2024, 2, 5), 10_000) for name in cells])
    alone = performed(spark, *given, indices, assets)
    assert {name: alone[f"P01:{name}"]["index_cell"] for name in cells} == {name: cell for name, (_, cell) in cells.items()}
    nation = [level("nation", on, 10_000 + 50 * n, kind="flat") for n, on in enumerate(months(start, 15))]
    within = performed(spark, *given, indices + nation, assets)
    assert {name: within[f"P01:{name}"]["index_cell"] for name in cells} == {
        name: cell or "nation" for name, (_, cell) in cells.items()
    }
    gone = "P01:long_gone"
    assert (alone[gone]["index_move_bp"], alone[gone]["value_minor"], alone[gone]["index_age_days"]) == (None, 10_000, None)
    assert within[gone]["index_move_bp"] == round(10_000 * 10_700 / 10_050)
    assert alone[gone]["fsd_bp"] > within[gone]["fsd_bp"], "what no index moves is less sure"


def covered(
    spark: SparkSession, loans: list[Row], pledges: list[Row], values: list[Row]
) -> tuple[dict[tuple[str, str], Row], dict[str, Row], dict[str, Row]]:
    """Shares by pledge, cover by loan, indicators by asset."""
    owed, pledged = frame(spark, LOAN_DAY, loans), frame(spark, feeds.PLEDGE, pledges)
    worth = frame(spark, ASSET_VALUE, values)
    shares = allocation(owed, pledged, worth, D)
    cover = loan_cover(owed, shares, worth, Prudence())
    nothing = [frame(spark, of, []) for of in (feeds.ASSET, feeds.VALUATION, feeds.ASSET_EVENT, DELIVERY)]
    of_assets = asset_indicator(owed, worth, shares, pledged, *nothing, D)
    return (
        {(row["loan_id"], row["asset_id"]): row.asDict() for row in shares.collect()},
        {row["loan_id"]: row.asDict() for row in cover.collect()},
        {row["asset_id"]: row.asDict() for row in of_assets.collect()},
    )


def owing(name: str, minor: int, currency: str = "CNY") -> Row:
    return {"loan_id": f"P01:{name}", "balance_minor": minor, "currency": currency}


def worth(name: str, minor: int, currency: str = "CNY") -> Row:
    return {"asset_id": f"P01:{name}", "kind": "flat", "value_minor": minor, "recorded_minor": minor,
            "prudent_minor": minor * 7 // 10, "currency": currency, "fsd_bp": 800, "valuation_age_days": 1}  # fmt: skip


def pledge(loan: str, asset: str, rank: int = 1, **told: Any) -> Row:
    return {"loan_id": f"P01:{loan}", "asset_id": f"P01:{asset}", "lien_rank": rank, "prior_claims_minor": 0} | told


def test_an_asset_pledged_at_300_percent_is_counted_once(spark: SparkSession) -> None:
    """Three loans of the whole value each: in ranks, in one rank, and one loan of three times the value."""
    loans = [owing(f"{how}{n}", 1000) for how in ("rank", "beside") for n in (1, 2, 3)] + [owing("alone", 3000)]
    pledges = [pledge(f"rank{n}", "ranked", n) for n in (1, 2, 3)] + [pledge(f"beside{n}", "shared") for n in (1, 2, 3)]
    shares, cover, assets = covered(
        spark, loans, [*pledges, pledge("alone", "one")], [worth(name, 1000) for name in ("ranked", "shared", "one")]
    )
    has = {loan.removeprefix("P01:"): row["allocated_minor"] for (loan, _), row in shares.items()}
    assert has == {"rank1": 700, "rank2": 0, "rank3": 0, "beside1": 233, "beside2": 233, "beside3": 234, "alone": 700}
    assert [assets[f"P01:{name}"]["asset_ltv_bp"] for name in ("ranked", "shared", "one")] == [30_000] * 3
    told = {loan.removeprefix("P01:"): (row["ltv_bp"], row["prudent_shortfall_minor"]) for loan, row in cover.items()}
    assert told == {
        "rank1": (10_000, 300), "rank2": (20_000, 1000), "rank3": (30_000, 1000),
        "beside1": (30_000, 767), "beside2": (30_000, 767), "beside3": (30_000, 766), "alone": (30_000, 2300),
    }  # fmt: skip


def test_a_currency_without_a_rate_leaves_cover_unknown(spark: SparkSession) -> None:
    """The project converts nothing: a value in another currency than its loan's, and what another currency's claim is behind."""
    loans = [owing(name, 500) for name in ("foreign", "first", "behind", "beside", "free")]
    loans += [owing(f"usd_{name}", 500, "USD") for name in ("second", "first", "beside", "freed")]
    pledges = [
        pledge("foreign", "dollars"),
        pledge("first", "a"), pledge("usd_second", "a", 2),
        pledge("usd_first", "b"), pledge("behind", "b", 2),
        pledge("beside", "c"), pledge("usd_beside", "c"),
        pledge("free", "d", 2), pledge("usd_freed", "d", 1, registered_for="other"),
    ]  # fmt: skip
    values = [worth(name, 1000) for name in ("a", "b", "c", "d")] + [worth("dollars", 1000, "USD")]
    shares, cover, assets = covered(spark, loans, pledges, values)
    valued, claimed = "valued in another currency", "claims on it in another currency"
    because = {
        "foreign": valued, "first": None, "usd_second": valued, "usd_first": valued, "behind": claimed, "beside": claimed,
        "usd_beside": valued, "free": None, "usd_freed": None,
    }  # fmt: skip
    assert {loan.removeprefix("P01:"): row["unknown_because"] for (loan, _), row in shares.items()} == because
    for (loan, asset), row in shares.items():
        if row["unknown_because"]:
            assert (row["allocated_minor"], row["before_minor"], cover[loan]["ltv_bp"]) == (None, None, None), loan
            assert cover[loan]["unknown_because"] == f"{asset}: {row['unknown_because']}"
    assert [(cover[f"P01:{name}"]["ltv_bp"], cover[f"P01:{name}"]["unknown_because"]) for name in ("first", "free")] == [
        (5000, None), (5000, None),
    ]  # fmt: skip
    assert {name[4:]: (row["asset_ltv_bp"], row["valuation_gap"]) for name, row in assets.items()} == dict.fromkeys(
        ("a", "b", "c", "d", "dollars"), (None, "absent")
    )


def test_a_pledge_on_a_missing_asset_is_unknown_and_says_so(spark: SparkSession) -> None:
    """Though another asset of the loan covers it: the whole cover is not known, and no model is asked."""
    row = performed(spark, [{"asset_id": "P01:gone"}], [valued("gone", D, 1000)], assets=[])["P01:gone"]
    assert (row["value_minor"], row["prudent_minor"], row["fsd_bp"]) == (None, None, None)
    assert row["unknown_because"] == "the asset was never delivered"
    gone = {"asset_id": "P01:gone", "unknown_because": row["unknown_because"]}
    pledges = [pledge("l", "gone"), pledge("l", "there")]
    shares, cover, assets = covered(spark, [owing("l", 500)], pledges, [gone, worth("there", 9000)])
    assert cover["P01:l"]["unknown_because"] == "P01:gone: the asset was never delivered"
    assert (cover["P01:l"]["ltv_bp"], cover["P01:l"]["cover_minor"]) == (None, None)
    assert shares["P01:l", "P01:gone"]["allocated_minor"] is None
    assert (assets["P01:gone"]["asset_ltv_bp"], assets["P01:gone"]["valuation_gap"]) == (None, "absent")


def test_a_value_a_thousand_times_what_the_model_says_is_told_and_not_averaged(spark: SparkSession) -> None:
    """The lower one stands where the model was set right on its own market; the rule MODEL_GAP is red from 2501."""
    found = performed(spark, [{"asset_id": "P01:a"}], [valued("a", D, 10_000_000)], model=[said("a", 10_000)])["P01:a"]
    assert (found["value_minor"], found["valued_by"], found["apart_bp"]) == (10_000, "model", 9_990_000)
