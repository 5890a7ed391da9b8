"""Indicators per asset: drawn assets, pledges and valuations against plain Python."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from derive.reference import Told, agree, bp
from frames import frame

from loanwatch.admit import feeds
from loanwatch.admit.tables import DELIVERY
from loanwatch.balance.tables import LOAN_DAY
from loanwatch.codes import ASSET_EVENTS
from loanwatch.cover.tables import ALLOCATION, ASSET_VALUE
from loanwatch.derive.asset_indicator import asset_indicator
from loanwatch.derive.collateral import ASSET_INDICATORS, ASSET_SOURCES

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

D = date(2025, 3, 1)
ASSETS, LOANS = 300, 320
HUGE = 10**13
Row = dict[str, Any]


def test_assets_have_what_the_words_of_their_indicators_say(spark: SparkSession) -> None:
    draw = random.Random(13)
    loans = [loan(draw, n) for n in range(LOANS)]
    assets = [asset(draw, n) for n in range(ASSETS)]
    valuations = [row for row in assets for row in valued(draw, row["asset_id"])]
    pledges = [pledge(draw, loans[n % LOANS], assets[n % ASSETS]) for n in range(500)]
    newest = {name: told[0] for name, told in by_asset(valuations).items()}
    values = [value(draw, row, newest.get(row["asset_id"])) for row in assets]
    told = [row for row in assets if row["asset_id"] != "P01:7"]  # never delivered
    shares = [allocated(draw, row) for row in pledges if row["active"]]
    events = [row for row in assets for row in happened(draw, row["asset_id"])]
    sent = [{"feed": "asset_event", "sender": partner, "business_on": D} for partner in ("P01", "P02")]
    found = asset_indicator(
        frame(spark, LOAN_DAY, loans), frame(spark, ASSET_VALUE, values), frame(spark, ALLOCATION, shares),
        frame(spark, feeds.PLEDGE, pledges),
        frame(spark, feeds.ASSET, told), frame(spark, feeds.VALUATION, valuations),
        frame(spark, feeds.ASSET_EVENT, events), frame(spark, DELIVERY, sent), D,
    )  # fmt: skip
    rows = {row["asset_id"]: row.asDict() for row in found.collect()}
    expected = reference(loans, {row["asset_id"]: row for row in told}, valuations, pledges, shares, values, events)
    agree(rows, ASSET_INDICATORS, {name: of for name, (of, _) in expected.items()})
    assert {name: tuple(row[f"{source}_gap"] for source in ASSET_SOURCES) for name, row in rows.items()} == {
        name: gaps for name, (_, gaps) in expected.items()
    }


def loan(draw: random.Random, number: int) -> Row:
    partner = draw.choice(["P01", "P02", "P03"])
    return {
        "loan_id": f"{partner}:L{number}", "partner_id": partner, "borrower_id": f"B{draw.randrange(200)}",
        "balance_minor": draw.choice([0, 1, 500, HUGE]), "currency": "USD" if number % 10 == 0 else "CNY",
        "days_past_due": draw.choice([0, 90, 91, 300, None]),
    }  # fmt: skip


def asset(draw: random.Random, number: int) -> Row:
    year = draw.choice([None, 1990, 2024, 2025, 2026])
    return {"asset_id": f"P0{number % 3 + 1}:{number}", "locator": f"place-{draw.randrange(200)}", "built_year": year,
            "vin_wrong": draw.choice([None, False, True])}  # fmt: skip


def valued(draw: random.Random, asset_id: str) -> list[Row]:
    return [
        {"asset_id": asset_id, "sender_id": draw.choice(["V1", "V2"]), "valuation_id": f"{asset_id}-{n}",
         "valued_on": D - timedelta(draw.choice([0, 0, 1, 400])), "value_minor": draw.choice([1, 85, 100, 115, HUGE]),
         "currency": draw.choice(["CNY", "CNY", "CNY", "USD"])} for n in range(draw.randrange(4))
    ]  # fmt: skip


def value(draw: random.Random, of: Row, newest: Row | None) -> Row:
    """What `cover` makes of the latest valuation: known where there is an index; or of a model alone."""
    if newest is None and draw.random() < 0.5:
        return {"asset_id": of["asset_id"], "kind": "flat", "currency": "CNY", "value_minor": 90, "fsd_bp": 900}
    if newest is None:
        return {"asset_id": of["asset_id"], "unknown_because": "no valuation"}
    known = draw.random() < 0.8
    return {
        "asset_id": of["asset_id"], "kind": draw.choice(["flat", "vehicle"]),
        "currency": newest["currency"], "recorded_minor": newest["value_minor"],
        "value_minor": draw.choice([1, 90, 100, HUGE]) if known else None, "valuation_age_days": (D - newest["valued_on"]).days,
        "fsd_bp": draw.choice([0, 900]) if known else None, "apart_bp": draw.choice([None, 0, 3000]),
    }  # fmt: skip


def pledge(draw: random.Random, loan: Row, asset: Row) -> Row:
    rank, active = draw.choice([1, 1, 2, 3]), draw.random() < 0.9
    return {"loan_id": loan["loan_id"], "asset_id": asset["asset_id"], "lien_rank": rank, "active": active}


def allocated(draw: random.Random, pledge: Row) -> Row:
    """What `cover` makes of the pledge: what ranks before it and beside it may not be known."""
    before, beside = draw.choice([(None, None), (0, 0), (40, 0), (HUGE, 3)])
    return {"loan_id": pledge["loan_id"], "asset_id": pledge["asset_id"], "lien_rank": pledge["lien_rank"], "before_minor": before,
            "beside_minor": beside, "claim_minor": draw.choice([0, 1, 500, HUGE])}  # fmt: skip


def happened(draw: random.Random, asset_id: str) -> list[Row]:
    """Up to six events, some lifted or lapsed, on the days around the date too."""
    def day(*ago: int | None) -> date | None:
        days = draw.choice(ago)
        return None if days is None else D - timedelta(days)

    return [
        {"asset_id": asset_id, "sender_id": "P01", "event_id": f"{asset_id}-{n}", "kind": draw.choice(ASSET_EVENTS.words),
         "happened_on": day(0, 1, 29, 30, 31, 400), "rank": draw.choice([1, 2, 3]),
         "insured_minor": draw.choice([0, 1, 90, HUGE]), "until_on": day(None, -30, -1, 0, 1),
         "ended_on": day(None, None, None, -1, 0, 1)} for n in range(draw.randrange(7))
    ]  # fmt: skip


def by_asset(valuations: list[Row]) -> dict[str, list[Row]]:
    """The newest first; of one day, the higher sender and number."""
    found: dict[str, list[Row]] = {}
    for row in sorted(valuations, key=lambda v: (v["valued_on"], v["sender_id"], v["valuation_id"]), reverse=True):
        found.setdefault(row["asset_id"], []).append(row)
    return found


def reference(
    loans: list[Row], assets: dict[str, Row], valuations: list[Row], pledges: list[Row], shares: list[Row], values: list[Row],
    events: list[Row],
) -> dict[str, tuple[Told, tuple[str, ...]]]:  # fmt: skip
    owed = {row["loan_id"]: row for row in loans}
    active = [(row, owed[row["loan_id"]]) for row in pledges if row["active"]]
    told = by_asset(valuations)
    found = {}
    for of in values:
        name = of["asset_id"]
        mine = [(share, owed[share["loan_id"]]) for share in shares if share["asset_id"] == name]
        if mine:
            here = assets.get(name)
            same = [(p, loan) for p, loan in active if here and assets.get(p["asset_id"], {}).get("locator") == here["locator"]]
            own = [row for row in events if row["asset_id"] == name]
            found[name] = of_asset(of, mine, told.get(name, []), here, [loan for _, loan in same], own)
    return found


def of_asset(
    of: Row, mine: list[tuple[Row, Row]], valuations: list[Row], asset: Row | None, same_place: list[Row],
    events: list[Row],
) -> tuple[Told, tuple[str, ...]]:  # fmt: skip
    days = [loan["days_past_due"] for _, loan in mine]
    before = [share["before_minor"] for share, _ in mine]
    worst, prior = None if None in days else max(days), None if None in before else min(before)
    claims = None if prior is None else max(s["before_minor"] + s["claim_minor"] + s["beside_minor"] for s, _ in mine)
    worth, age = of.get("value_minor"), of.get("valuation_age_days")
    foreign = any(loan["currency"] != of.get("currency") for _, loan in mine)
    latest, earlier = [*valuations, None, None][:2]
    year, wrong = ((asset or {}).get(name) for name in ("built_year", "vin_wrong"))
    told = {
        "value_minor": worth, "valuation_age_days": age,
        "value_change_bp": 10_000 * worth // latest["value_minor"] - 10_000 if worth and latest else None,
        "npe_valuation_age_days": age if worst and worst > 90 else None,
        "valuation_gap_bp": abs(10_000 * latest["value_minor"] // earlier["value_minor"] - 10_000)
        if latest and earlier and latest["currency"] == earlier["currency"] else None,
        "asset_ltv_bp": bp(claims, worth), "fsd_bp": of.get("fsd_bp"), "model_gap_bp": of.get("apart_bp"),
        "loans_secured": len(mine), "lien_rank": max(p["lien_rank"] for p, _ in mine), "prior_share_bp": bp(prior, worth),
        "same_place_partners": len({loan["partner_id"] for loan in same_place}) or None,
        "same_place_borrowers": len({loan["borrower_id"] for loan in same_place}) or None,
        "asset_age_years": None if year is None else max(0, D.year - year), "worst_days_past_due": worst,
        "wrong_vin": None if wrong is None else int(wrong),
        **of_events(of, events, min(claims, worth) if claims is not None and worth else None),
    }  # fmt: skip
    sent, insured = not of["asset_id"].startswith("P03"), told["insured_days"] is not None
    known = (worth and not foreign, age is not None, prior is not None, worst is not None, sent, insured)
    return told, tuple("none" if one else "absent" for one in known)


def of_events(of: Row, events: list[Row], most: int | None) -> Told:
    """What stands: neither lifted by the day, nor lapsed before it."""
    standing = [row for row in events if (row["ended_on"] or date.max) > D and (row["until_on"] or date.max) >= D]
    kinds = [row["kind"] for row in standing]
    policies = [row for row in events if row["kind"] == "insurance"]
    ends = [min(row["until_on"] or date.max, (row["ended_on"] or date.max) - timedelta(1)) for row in policies]
    told = [day for day in ends if day < date.max - timedelta(1)]
    insured = sum(row["insured_minor"] for row in standing if row["kind"] == "insurance")
    vehicle = of.get("kind") == "vehicle"
    silent = [(D - row["happened_on"]).days for row in standing if row["kind"] == "tracker_silent"]
    sighted = [row for row in events if row["kind"] == "hotspot" and (D - row["happened_on"]).days < 30]
    return {
        "seizures": kinds.count("seizure"),
        "first_seizures": len([row for row in standing if row["kind"] == "seizure" and row["rank"] == 1]),
        "insured_days": (max(told) - D).days if told else None, "insured_bp": bp(insured, most),
        "title_claims": kinds.count("title_claim"), "title_suits": kinds.count("title_suit"),
        "transfers": kinds.count("transfer"), "untold_transfers": kinds.count("transfer_untold"),
        "tracker_silent_days": max([*silent, 0]) if vehicle else None, "hotspots_30d": len(sighted) if vehicle else None,
    }  # fmt: skip
