"""The collateral of a release as the page shows it: a market a line, its principal by LTV and by age of the valuation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from loanwatch.codes import LTV_BANDS, VALUATION_AGES, CodeList

SUMS = ("loans", "exposure_minor", "shortfall_minor", "prudent_shortfall_minor", "likely_short_loans")


@dataclass
class Market:
    """The loans that a kind of asset secures in a region; of no region: of the kind as a whole."""

    kind: str | None
    region: str | None
    currency: str
    sums: Counter[str] = field(default_factory=Counter)
    by_ltv: Counter[str] = field(default_factory=Counter)
    by_age: Counter[str] = field(default_factory=Counter)

    def add(self, row: Mapping[str, Any]) -> None:
        for name in SUMS:
            self.sums[name] += row[name]
        self.by_ltv[row["ltv_band"]] += row["exposure_minor"]
        self.by_age[row["valuation_band"]] += row["exposure_minor"]

    @property
    def ltv(self) -> list[tuple[str, float, float]]:
        """Bands with where each begins and how wide it is, in per cent of the principal."""
        return _stacked(LTV_BANDS, self.by_ltv)

    @property
    def age(self) -> list[tuple[str, float, float]]:
        """The same by age of the valuation."""
        return _stacked(VALUATION_AGES, self.by_age)


def markets(collateral: pa.Table) -> list[list[Market]]:
    """Per kind and currency its markets, the barest first, and all of them together at the end."""
    found: dict[tuple[str, str], dict[str | None, Market]] = {}
    for row in collateral.to_pylist():
        of = found.setdefault((row["kind"] or "", row["currency"]), {})
        for region in (row["region"], None):
            of.setdefault(region, Market(row["kind"], region, row["currency"])).add(row)
    return [sorted(of.values(), key=_barest) for _, of in sorted(found.items(), key=lambda item: (not item[0][0], item[0]))]


def _barest(market: Market) -> tuple[bool, float, str]:
    exposure = market.sums["exposure_minor"] or 1
    return market.region is None, -market.sums["prudent_shortfall_minor"] / exposure, market.region or ""


def _stacked(bands: CodeList, amounts: Mapping[str, int]) -> list[tuple[str, float, float]]:
    whole, upto = sum(amounts.values()), 0
    stacked = []
    for word in bands.words:
        if amount := amounts.get(word, 0):
            stacked.append((word, round(100 * upto / whole, 2), round(100 * amount / whole, 2)))
            upto += amount
    return stacked
