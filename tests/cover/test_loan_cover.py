"""Cover is known only if every asset is valued, in the loan's currency, with its prior claims known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import erf
from typing import TYPE_CHECKING, Any

import pytest
from frames import frame
from pyspark.sql import functions as F

from loanwatch.admit import feeds
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.cover.allocation import allocation
from loanwatch.cover.loan_cover import loan_cover
from loanwatch.cover.normal import below
from loanwatch.cover.tables import ASSET_VALUE
from loanwatch.settings import Prudence

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
Asset = dict[str, Any]
PLEDGED = ("lien_rank", "active", "prior_claims_minor", "prior_maximum_minor", "secured_minor", "registered_for",
           "registered_until")  # fmt: skip
WHOLE: Asset = {"value_minor": 1000, "recorded_minor": 800, "currency": "CNY", "valuation_age_days": 10, "fsd_bp": 1000,
                "prudent_minor": 700}  # fmt: skip
UNVALUED: Asset = {"value_minor": None, "recorded_minor": None, "currency": None, "valuation_age_days": None,
                   "fsd_bp": None, "prudent_minor": None,
                   "unknown_because": "no valuation"}  # fmt: skip
SECOND = {"lien_rank": 2, "prior_claims_minor": None}


def performed(spark: SparkSession, secured: dict[str, Sequence[Asset]]) -> dict[str, dict[str, Any]]:
    """The step's rows by loan, of loans that owe 800, each with assets of its own."""
    assets = [(name, f"P01:{name}{n}", {**WHOLE, **asset}) for name, of in secured.items() for n, asset in enumerate(of)]
    pledges = [
        {"loan_id": f"P01:{name}", "asset_id": asset_id} | {k: v for k, v in asset.items() if k in PLEDGED}
        for name, asset_id, asset in assets
    ]  # fmt: skip
    values = [{"asset_id": asset_id} | {k: v for k, v in a.items() if k not in PLEDGED} for _, asset_id, a in assets]
    days = [{"loan_id": f"P01:{name}", "balance_minor": 800} for name in secured if name != "gone"]
    owed, worth = frame(spark, LOAN_DAY, days), frame(spark, ASSET_VALUE, values)
    found = loan_cover(owed, allocation(owed, frame(spark, feeds.PLEDGE, pledges), worth, D), worth, Prudence())
    return {row["loan_id"].removeprefix("P01:"): row.asDict() for row in found.collect()}


def test_what_is_known_of_cover(spark: SparkSession) -> None:
    """Columns: assets, then number of assets, claims, cover, LTV, change of value, age."""
    cases: dict[str, tuple[list[Asset], tuple[int | None, ...]]] = {
        "one": ([{}], (1, 800, 1000, 8000, 2500, 10)),
        "first_lien": ([{"prior_claims_minor": None}], (1, 800, 1000, 8000, 2500, 10)),
        "behind_nothing": ([{"lien_rank": 2, "prior_claims_minor": 0}], (1, 800, 1000, 8000, 2500, 10)),
        "behind_others": ([{"lien_rank": 2, "prior_claims_minor": 200}], (1, 1000, 1000, 10000, 2500, 10)),
        "two": ([{}, {"value_minor": 600, "recorded_minor": 1200, "valuation_age_days": 400}],
                (2, 800, 1600, 5000, -2000, 400)),
        "one_by_model": ([{}, {"recorded_minor": None, "valuation_age_days": None}], (2, 800, 2000, 4000, None, None)),
        "two_behind": ([{"lien_rank": 2, "prior_claims_minor": 100}, {"lien_rank": 3, "prior_claims_minor": 300}],
                       (2, 1200, 2000, 6000, 2500, 10)),
        "one_released": ([{}, {**UNVALUED, "active": False}], (1, 800, 1000, 8000, 2500, 10)),
        "under_water": ([{"value_minor": 400}], (1, 800, 400, 20000, -5000, 10)),
    }  # fmt: skip
    found = performed(spark, {name: assets for name, (assets, _) in cases.items()})
    columns = "assets", "claims_minor", "cover_minor", "ltv_bp", "value_change_bp", "valuation_age_days"
    for name, (_, expected) in cases.items():
        assert found[name]["unknown_because"] is None, name
        assert tuple(found[name][column] for column in columns) == expected, name


def test_prudent_ltv_and_the_pledge_ratio_of_the_whole_contract(spark: SparkSession) -> None:
    """800 owed; columns: assets, then claims over prudent values, and the balance over values, without claims before ours."""
    cases: dict[str, tuple[list[Asset], tuple[int | None, int | None]]] = {
        "one": ([{}], (11428, 8000)),
        "two": ([{}, {"value_minor": 600, "prudent_minor": 100}], (10000, 5000)),
        "behind": ([{"lien_rank": 2, "prior_claims_minor": 200}], (14285, 8000)),
        "for_others": ([{}, {"registered_for": "other"}], (11428, 8000)),
        "nothing_left": ([{"prudent_minor": 0}], (None, 8000)),
        "unknown": ([UNVALUED], (None, None)),
    }
    found = performed(spark, {name: assets for name, (assets, _) in cases.items()})
    ratios = {name: (found[name]["prudent_ltv_bp"], found[name]["pledge_ratio_bp"]) for name in cases}
    assert ratios == {name: expected for name, (_, expected) in cases.items()}


def test_one_thing_not_known_makes_the_whole_cover_unknown(spark: SparkSession) -> None:
    cases: dict[str, tuple[list[Asset], str]] = {
        "unvalued": ([UNVALUED], "P01:unvalued0: no valuation"),
        "one_of_two": ([{}, UNVALUED], "P01:one_of_two1: no valuation"),
        "foreign": ([{"currency": "USD"}], "P01:foreign0: valued in another currency"),
        "foreign_too": ([{}, {"currency": "USD"}], "P01:foreign_too1: valued in another currency"),
        "second_lien": ([SECOND], "P01:second_lien0: prior claims not known"),
        "one_second_lien": ([SECOND, {}], "P01:one_second_lien0: prior claims not known"),
    }
    found = performed(spark, {name: assets for name, (assets, _) in cases.items()})
    for name, (assets, because) in cases.items():
        row = found[name]
        assert (row["assets"], row["unknown_because"]) == (len(assets), because)
        known = [row[column] for column in ("claims_minor", "cover_minor", "ltv_bp", "value_change_bp")]
        assert known == [None] * 4, name


def test_a_loan_without_an_active_pledge_has_no_cover_and_is_not_unknown(spark: SparkSession) -> None:
    assert sorted(performed(spark, {"secured": [{}], "released": [{"active": False}], "bare": [], "gone": [{}]})) == ["secured"]


def test_what_a_lien_is_registered_for_and_until(spark: SparkSession) -> None:
    """Columns: cover, claims, prudent value; a registered maximum stands in for a prior claim that is not told."""
    cases: dict[str, tuple[list[Asset], tuple[int, ...]]] = {
        "partner": ([{"registered_for": "partner"}], (1000, 800, 700)),
        "last_day": ([{"registered_until": D}], (1000, 800, 700)),
        "elsewhere": ([{"registered_for": "other"}], (0, 800, 0)),
        "expired": ([{"registered_until": D - timedelta(1)}], (0, 800, 0)),
        "one_of_two": ([{}, {**UNVALUED, "registered_for": "other"}], (1000, 800, 700)),
        "maximum": ([{**SECOND, "prior_maximum_minor": 300}], (1000, 1100, 400)),
        "told": ([{"lien_rank": 2, "prior_claims_minor": 100, "prior_maximum_minor": 300}], (1000, 900, 600)),
        "capped": ([{"secured_minor": 500}], (1000, 800, 500)),
    }
    found = performed(spark, {name: assets for name, (assets, _) in cases.items()})
    for name, (_, expected) in cases.items():
        assert tuple(found[name][column] for column in ("cover_minor", "claims_minor", "prudent_minor")) == expected, name
        assert found[name]["prudent_shortfall_minor"] == 800 - expected[2], name
    assert (found["elsewhere"]["ltv_bp"], found["elsewhere"]["shortfall_probability_bp"]) == (None, 10_000)


def test_the_chance_of_a_shortfall_is_that_of_the_values_distribution(spark: SparkSession) -> None:
    """Of two assets half of the errors' variance is shared: (1 - r) * (a^2 + b^2) + r * (a + b)^2."""
    cases: dict[str, list[Asset]] = {
        "one": [{}], "two": [{"value_minor": 500}, {"value_minor": 450, "fsd_bp": 2000}], "even": [{"value_minor": 800}],
        "sure": [{"fsd_bp": 0}], "surely_not": [{"fsd_bp": 0, "value_minor": 799}],
    }  # fmt: skip
    found = performed(spark, cases)
    spread = {"one": 100.0, "two": (0.5 * (50**2 + 90**2) + 0.5 * 140**2) ** 0.5, "even": 80.0}
    value = {"one": 1000, "two": 950, "even": 800}
    for name, one in spread.items():
        chance = (1 + erf((800 - value[name]) / one / 2**0.5)) / 2
        assert found[name]["shortfall_probability_bp"] == round(10_000 * chance), name
        assert found[name]["fsd_bp"] == round(10_000 * one / value[name]), name
        assert found[name]["bad_shortfall_minor"] == max(800 - value[name] + round(1.6449 * one), 0), name
    assert [found[name]["shortfall_probability_bp"] for name in ("sure", "surely_not")] == [0, 10_000]


def test_the_normal_distribution(spark: SparkSession) -> None:
    rows = spark.range(-800, 801).select((F.col("id") / 100).alias("z")).select("z", below(F.col("z")).alias("share")).collect()
    assert all(row["share"] == pytest.approx((1 + erf(row["z"] / 2**0.5)) / 2, abs=1.5e-7) for row in rows)
