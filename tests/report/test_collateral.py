"""Secured loans by market: each once, in the band that its figures are in, where its dearest asset is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from frames import frame

from loanwatch.balance.tables import LOAN_DAY
from loanwatch.codes import LTV_BANDS, VALUATION_AGES
from loanwatch.cover.tables import ALLOCATION, ASSET_VALUE, LOAN_COVER
from loanwatch.report.collateral import collateral

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LTV = {3000: "to_30", 3001: "to_50", 5000: "to_50", 5001: "to_60", 8000: "to_80", 9000: "to_90", 10_000: "to_100",
       10_001: "over_100"}  # fmt: skip
AGE = {0: "to_90", 90: "to_90", 91: "to_180", 181: "to_365", 365: "to_365", 366: "to_730", 730: "to_730", 731: "older",
       None: "none"}  # fmt: skip
Row = dict[str, Any]


def performed(spark: SparkSession, loans: dict[str, Row], assets: dict[str, list[Row]]) -> list[Row]:
    """Loans of 100 each with what is known of their cover, and the assets of each."""
    pledged = [(loan, asset) for loan, of in assets.items() for asset in of]
    return [row.asDict() for row in collateral(
        frame(spark, LOAN_DAY, [{"loan_id": loan, "balance_minor": 100} for loan in loans]),
        frame(spark, LOAN_COVER, [{"loan_id": loan, "valuation_age_days": 5, **cover} for loan, cover in loans.items()]),
        frame(spark, ALLOCATION, [{"loan_id": loan, "asset_id": asset["asset_id"]} for loan, asset in pledged]),
        frame(spark, ASSET_VALUE, [asset for _, asset in pledged]),
    ).collect()]  # fmt: skip


def test_bands_have_their_edges(spark: SparkSession) -> None:
    assert [*dict.fromkeys([*LTV.values(), "unknown"])] == list(LTV_BANDS.words)
    assert [*dict.fromkeys(AGE.values())] == list(VALUATION_AGES.words)
    loans = {f"L{bp}": {"ltv_bp": bp, "cover_minor": 1} for bp in LTV} | {f"A{age}": {"valuation_age_days": age} for age in AGE}
    found = performed(spark, loans, {loan: [{"asset_id": loan, "region": loan}] for loan in loans})
    assert {row["region"]: row["ltv_band"] for row in found if row["region"][0] == "L"} == {f"L{bp}": of for bp, of in LTV.items()}
    ages = {row["region"]: (row["ltv_band"], row["valuation_band"]) for row in found if row["region"][0] == "A"}
    assert ages == {f"A{age}": ("unknown", of) for age, of in AGE.items()}


def test_a_loan_counts_once_where_its_dearest_asset_is(spark: SparkSession) -> None:
    car, flat = ({"asset_id": name, "kind": kind, "region": region, "value_minor": value} for name, kind, region, value in
                 (("A", "vehicle", "xian", 10), ("B", "flat", "wuhan", 20)))  # fmt: skip
    known = {"ltv_bp": 4000, "cover_minor": 30, "shortfall_minor": 1, "prudent_shortfall_minor": 7,
             "shortfall_probability_bp": 5001}  # fmt: skip
    loans = {"1": known, "2": {**known, "shortfall_probability_bp": 5000}, "3": {}, "4": {"cover_minor": 0}}
    assets = {"1": [car, flat], "2": [flat], "3": [{"asset_id": "C"}], "4": [car]}
    own = {loan: [{**asset, "asset_id": f"{loan}{asset['asset_id']}"} for asset in of] for loan, of in assets.items()}
    found = performed(spark, loans, own)
    told = {(row["kind"], row["region"], row["ltv_band"]): row for row in found}
    assert set(told) == {("flat", "wuhan", "to_50"), (None, "-", "unknown"), ("vehicle", "xian", "over_100")}
    both = told["flat", "wuhan", "to_50"]
    assert [both[n] for n in ("loans", "exposure_minor", "shortfall_minor", "prudent_shortfall_minor", "likely_short_loans")] == [
        2, 200, 2, 14, 1,
    ]  # fmt: skip
    assert [told[None, "-", "unknown"][n] for n in ("loans", "shortfall_minor", "prudent_shortfall_minor")] == [1, 0, 0]


def test_no_secured_loan_no_row(spark: SparkSession) -> None:
    assert performed(spark, {}, {}) == []
