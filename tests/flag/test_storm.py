"""Storms: a rule that raises on far too many in a night has its new warnings wait, until a person has decided."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from flag.nights import Nights, Rows, rules_of
from frames import frame

from loanwatch.balance.tables import LOAN_DAY
from loanwatch.derive.tables import ASSET_INDICATOR
from loanwatch.flag.held_back import held_back
from loanwatch.flag.places import on_book, places
from loanwatch.flag.tables import STORM, USUAL_SHARE, WARNING, WARNING_EVENT
from loanwatch.flag.usual_share import NIGHTS, usual_share
from loanwatch.settings import Storms
from loanwatch.tables import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

D = date(2025, 3, 1)
STORMS = Storms(share_bp=500, at_least=20, quiet_nights=5)
OLD = [0] * 5


def at(spark: SparkSession, loans: Rows, assets: Rows | None = None) -> DataFrame:
    return places(frame(spark, LOAN_DAY, loans), frame(spark, ASSET_INDICATOR, assets or []))


def day(number: int) -> date:
    return D + timedelta(number)


Case = tuple[str, int, dict[str, tuple[int, int, list[int]]], dict[str, str | None]]
USUAL: list[int] = [1_000] * 30
# Days to raise; by partner new warnings, subjects and shares of the nights before; for whom the new ones wait.
AT_PARTNERS: list[Case] = [
    ("LARGE", 0, {"P1": (21, 400, [20_000] * 5), "P2": (1, 400, OLD)}, {"P1": "P1", "P2": None}),
    ("AS_DECLARED", 0, {"P1": (20, 400, [20_000] * 5)}, {"P1": None}),  # exactly 5 % is not more
    ("SMALL_BOOK", 0, {"P1": (19, 20, OLD)}, {"P1": None}),
    ("NEW_PARTNER", 0, {"P1": (100, 100, [])}, {"P1": None}),
    ("RATHER_NEW", 0, {"P1": (100, 100, [0] * 4)}, {"P1": None}),
    ("SLOW", 5, {"P1": (100, 100, OLD)}, {"P1": None}),
    ("SLOW_AND_OLD", 5, {"P1": (100, 100, [0] * 6)}, {"P1": "P1"}),
    ("UNUSUAL", 0, {"P1": (51, 10_000, USUAL)}, {"P1": "P1"}),
    ("AS_USUAL", 0, {"P1": (50, 10_000, USUAL)}, {"P1": None}),  # five times is not more than that
    ("UNUSUAL_BEFORE", 0, {"P1": (51, 10_000, [0, 9_000, 1_000, 1_000, 1_000])}, {"P1": "P1"}),
    ("NEXT_TO_NOTHING", 0, {"P1": (100, 100_000, OLD)}, {"P1": None}),  # a thousandth is not above it
]  # fmt: skip
IN_THE_BOOK: list[Case] = [
    ("EVERYWHERE", 0, {f"P{n}": (15, 200, OLD) for n in range(3)}, {f"P{n}": "all" for n in range(3)}),
    ("ONE_OF_THEM", 0, {"P1": (100, 100, OLD), "P2": (16, 400, OLD)}, {"P1": "P1", "P2": None}),
]  # fmt: skip


@pytest.mark.parametrize(("cases", "book"), [(AT_PARTNERS, 1_000_000), (IN_THE_BOOK, 600)])
def test_what_is_a_storm(spark: SparkSession, cases: list[Case], book: int) -> None:
    new, loans, right = [], [], {}
    shares: Rows = [{"rule_id": "ANY", "subject": "loan", "partner_id": "all", "subjects": book, "shares_ppm": [0] * 30}]
    for rule, days, partners, waits in cases:
        for name, (raised, subjects, before) in partners.items():
            partner, ids = f"{rule}-{name}", [f"{rule}-{name}:{n}" for n in range(raised)]
            new += [(rule, "loan", loan, days) for loan in ids]
            loans += [{"loan_id": loan, "borrower_id": loan, "partner_id": partner} for loan in ids]
            scope = {"rule_id": rule, "subject": "loan", "partner_id": partner, "subjects": subjects, "shares_ppm": before}
            shares += [scope] if before else []
            storm = waits[name]
            right |= dict.fromkeys(ids, f"{rule}-{storm}" if storm and storm != "all" else storm)
    rows = spark.createDataFrame(new, "rule_id string, subject string, subject_id string, raise_after_days int")
    found = held_back(rows, at(spark, loans), frame(spark, USUAL_SHARE, shares), STORMS).collect()
    assert {row["subject_id"]: row["storm"] for row in found} == right


def test_a_borrower_of_two_partners_waits_for_the_one_that_storms(spark: SparkSession) -> None:
    loans = [{"loan_id": f"{of}:{n}", "borrower_id": f"b{n}", "partner_id": of} for of in ("P1", "P2") for n in range(30)]
    loans += [{"loan_id": f"P1:{n}b", "borrower_id": f"b{n}", "partner_id": "P1"} for n in range(30)]  # counts once
    known = [{"rule_id": "OTHER", "subject": "borrower", "partner_id": partner, "subjects": subjects, "shares_ppm": OLD}
             for partner, subjects in (("P1", 601), ("P2", 599), ("all", 90_000))]  # fmt: skip
    new = spark.createDataFrame([("R", "borrower", f"b{n}", 0) for n in range(30)],
                                "rule_id string, subject string, subject_id string, raise_after_days int")  # fmt: skip
    found = held_back(new, at(spark, loans), frame(spark, USUAL_SHARE, known), STORMS).collect()
    assert {row["storm"] for row in found} == {"P2"} and len(found) == 30


def test_a_broken_index_that_raises_on_every_asset_waits_too(spark: SparkSession) -> None:
    assets = [{"asset_id": f"P1:A{n}", "partner_id": "P1"} for n in range(40)] + [{"asset_id": "P2:A1", "partner_id": "P2"}]
    loans = [{"loan_id": f"P{1 + n % 2}:{n}", "borrower_id": f"b{n // 4}", "partner_id": f"P{1 + n % 2}"} for n in range(8)]
    counted = on_book(frame(spark, LOAN_DAY, loans), frame(spark, ASSET_INDICATOR, assets)).collect()
    assert {(row["partner_id"], row["subject"]): row["subjects"] for row in counted} == {
        ("P1", "loan"): 4, ("P2", "loan"): 4, ("all", "loan"): 8, ("P1", "borrower"): 2, ("P2", "borrower"): 2,
        ("all", "borrower"): 2, ("P1", "asset"): 40, ("P2", "asset"): 1, ("all", "asset"): 41,
    }  # fmt: skip
    known = [{"rule_id": "ANY", "subject": "asset", "partner_id": row["partner_id"], "subjects": row["subjects"],
              "shares_ppm": OLD} for row in counted if row["subject"] == "asset"]  # fmt: skip
    new = spark.createDataFrame([("DROP", "asset", row["asset_id"], 0) for row in assets],
                                "rule_id string, subject string, subject_id string, raise_after_days int")  # fmt: skip
    found = held_back(new, at(spark, loans, assets), frame(spark, USUAL_SHARE, known), STORMS).collect()
    assert {row["subject_id"]: row["storm"] for row in found} == {
        row["asset_id"]: "P1" if row["partner_id"] == "P1" else None for row in assets
    }


def test_shares_are_kept_for_thirty_nights(spark: SparkSession) -> None:
    rules = rules_of({}, {"status": "shadow"})
    loans = [{"loan_id": f"P{n % 2}:{n}", "borrower_id": f"{n // 2}", "partner_id": f"P{n % 2}"} for n in range(8)]
    events = [{"rule_id": "R0", "subject": "loan", "subject_id": f"P0:{n}", "event": event}
              for n, event in ((0, "raised"), (2, "reopened"), (4, "escalated"), (6, "raised"), (6, "held"))]  # fmt: skip
    before = [{"rule_id": "R0", "partner_id": "P1", "subject": "loan", "shares_ppm": list(range(NIGHTS))}]
    found = usual_share(
        frame(spark, WARNING_EVENT, events), frame(spark, LOAN_DAY, loans), frame(spark, ASSET_INDICATOR, []),
        frame(spark, USUAL_SHARE, before), rules,
    ).collect()
    got = {(row["rule_id"], row["partner_id"]): (row["subjects"], row["raised"], row["shares_ppm"]) for row in found}
    assert got == {
        ("R0", "P0"): (4, 3, [750_000]), ("R0", "P1"): (4, 0, [*range(1, NIGHTS), 0]), ("R0", "all"): (8, 3, [375_000]),
    }  # fmt: skip


THIRD_NIGHT: dict[Table, Rows] = {}  # performed once for all tests


@pytest.fixture
def held(spark: SparkSession) -> Nights:
    """Forty loans of P01 and ten of P02, quiet for two nights; on the third the rule raises on 21 and on one."""
    line = Nights(spark, rules_of({"clear_after_days": 1}), Storms(quiet_nights=2), dict(THIRD_NIGHT))
    if not THIRD_NIGHT:
        sizes = {"P01": 40, "P02": 10, "all": 50}
        scope = {"rule_id": "R0", "subject": "loan", "shares_ppm": [0, 0]}
        line.tables[USUAL_SHARE] = [{**scope, "partner_id": name, "subjects": n} for name, n in sizes.items()]
        line.night(day(2), saw(21))
        THIRD_NIGHT.update(line.tables)
    return line


def saw(raised: int, others: str = "exit") -> dict[str, str]:
    loans = {f"P01:{n}": "red" if n < raised else others for n in range(40)}
    return loans | {f"P02:{n}": "exit" for n in range(10)} | ({"P02:0": "red"} if raised else {})


def decided(decision: str, on: int, scope: str = "P01") -> dict[str, Any]:
    return {"sender_id": "risk", "review_id": "V1", "subject": "rule", "subject_id": f"R0@{scope}", "decision": decision,
            "decided_on": day(on)}  # fmt: skip


def states(rows: Rows, partner: str = "P01") -> dict[str, int]:
    found = [row["state"] for row in rows if row["subject_id"].startswith(partner)]
    return {state: found.count(state) for state in set(found)}


def told(line: Nights) -> dict[str, Any]:
    (row,) = line.tables[STORM]
    return row


def test_new_warnings_open_on_their_day_and_wait(held: Nights) -> None:
    rows = held.tables[WARNING]
    assert (states(rows), states(rows, "P02")) == ({"held": 21}, {"open": 1})
    assert {(row["opened_on"], row["held_since"], row["respond_by"]) for row in rows if row["state"] == "held"} == {
        (day(2), day(2), None)
    }
    storm = told(held)
    says = {"partner_id": "P01", "state": "held", "held": 21, "caught": 21, "subjects": 40, "share_bp": 5250, "opened_on": day(2)}
    assert {name: storm[name] for name in says} == says
    assert storm["says_en"].startswith("R0 newly raised on 21 of 40 loans of P01 in one night (52.5%, usually 0.0%)")
    assert storm["says_en"].endswith("R0@P01")
    assert "40笔贷款中新增预警21条" in storm["says_zh"]


def test_released_they_are_open_since_their_day_and_are_to_be_answered_from_now_on(held: Nights) -> None:
    rows = held.night(day(3), saw(20, "between"), [decided("release", 2)])
    assert states(rows) == {"open": 21}
    assert {(row["opened_on"], row["respond_by"]) for row in rows if row["subject_id"].startswith("P01")} == {(day(2), day(6))}
    assert (told(held)["state"], told(held)["held"], told(held)["ended_on"]) == ("released", 0, day(3))
    assert {event["event"] for event in held.tables[WARNING_EVENT]} == {"released"}


def test_dropped_they_end_and_stay_so_while_their_condition_goes_on(held: Nights) -> None:
    reviews = [decided("drop", 3, "all")]
    rows = held.night(day(3), saw(21), reviews)
    assert states(rows) == {"cleared": 21}
    assert {row["ended_because"] for row in rows if row["state"] == "cleared"} == {"dropped with its storm"}
    assert told(held)["state"] == "dropped"
    assert states(held.night(day(60), saw(21), reviews)) == {"cleared": 21}
    assert held.tables[STORM] == []
    over = held.night(day(61), saw(0), reviews)
    assert {row["remembered_until"] for row in over if row["ended_because"]} == {day(91)}
    again = [row for row in held.night(day(62), saw(1), reviews) if row["subject_id"] == "P01:0"]
    assert [(row["state"], row["times_reopened"]) for row in again] == [("open", 1)]


def test_a_decision_of_before_says_nothing_about_a_storm(held: Nights) -> None:
    rows = held.night(day(3), saw(21), [decided("drop", 1), decided("release", 3, "P02")])
    assert (states(rows), told(held)["state"]) == ({"held": 21}, "held")


def test_held_ones_live_on_and_a_storm_whose_warnings_have_ended_has_lapsed(held: Nights) -> None:
    assert states(held.night(day(3), saw(0))) == {"held": 21}
    assert states(held.night(day(4), saw(0))) == {"cleared": 21}
    assert told(held)["state"] == "lapsed"
